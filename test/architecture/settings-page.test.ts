import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommandApiConfig } from '../../command-api/src/config.ts';
import { readGatewayConfig } from '../../deploy/gateway/config.ts';
import { readStandaloneConfig } from '../../deploy/standalone/config.ts';
import { settingsOf, type ServiceName } from '../../deploy/standalone/service-settings.ts';
import { readMailerConfig } from '../../mailer-worker/src/config.ts';
import { readProjectorConfig } from '../../projector/src/config.ts';
import { readQueryConfig } from '../../query-api/src/config.ts';
import { testSecrets } from '../support/test-secrets.ts';
import { root } from './planted-tree.ts';

interface Reader {
  readonly file: string;
  readonly read: (env: NodeJS.ProcessEnv) => object;
}

/** Who reads settings, as the page names them. */
const READERS: Readonly<Record<string, Reader>> = {
  'command-api': { file: 'command-api/src/config.ts', read: readCommandApiConfig },
  'query-api': { file: 'query-api/src/config.ts', read: readQueryConfig },
  projector: { file: 'projector/src/config.ts', read: readProjectorConfig },
  'mailer-worker': { file: 'mailer-worker/src/config.ts', read: readMailerConfig },
  gateway: { file: 'deploy/gateway/config.ts', read: readGatewayConfig },
  '`npm start`': { file: 'deploy/standalone/config.ts', read: readStandaloneConfig },
};

const text = readFileSync(join(root, 'docs/settings.md'), 'utf8');
const rows = [...text.matchAll(/^\| `([A-Z_]+)` +\| (.+?) +\| (?:`(.+?)`)? *\|/gm)].map(
  ([, name = '', readBy = '', standard]) => ({ name, readBy: readBy.split(', '), standard }),
);
const declaredIn = ({ file }: Reader): readonly string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^ +([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name);

/** Everything that has no default. */
const least: NodeJS.ProcessEnv = {
  ...testSecrets(),
  DATABASE_URL: 'postgres://localhost/x',
  EVENT_STORE_URL: 'postgres://localhost/x',
  MESSAGE_FEED_URL: 'postgres://localhost/x',
  SMTP_URL: 'smtp://localhost',
  MAIL_FROM: 'a@example.org',
  PUBLIC_URL: 'http://localhost:8000',
  COMMAND_API_URL: 'http://localhost:1',
  QUERY_API_URL: 'http://localhost:2',
  PROJECTOR_URL: 'http://localhost:3',
  MAILER_URL: 'http://localhost:4',
};

describe('docs/settings.md', () => {
  test('has every setting that is read, once, and who reads it', () => {
    const told = Object.fromEntries(rows.map(({ name, readBy }) => [name, readBy]));
    const names = [...new Set(Object.values(READERS).flatMap(declaredIn))];
    const read = names.map((name) => {
      const readBy = Object.keys(READERS).filter((reader) => declaredIn(READERS[reader]!).includes(name));
      return [name, readBy] as const;
    });
    expect(told).toStrictEqual(Object.fromEntries(read));
    expect(rows).toHaveLength(names.length);
  });

  test.each(rows.filter(({ standard }) => standard !== undefined))(
    'says what $name is where it is not set',
    ({ name, readBy, standard }) => {
      // What is set and what is not must come to the same. People read the lines of `npm start`: it says less.
      for (const reader of readBy.filter((who) => !(who === '`npm start`' && name === 'LOG_LEVEL'))) {
        const { read } = READERS[reader]!;
        expect([reader, read({ ...least, [name]: standard })]).toEqual([reader, read(least)]);
      }
    },
  );

  test('names what is handed to a service and read by none', () => {
    const services: readonly ServiceName[] = ['command-api', 'query-api', 'projector', 'mailer-worker'];
    const all = new Proxy<NodeJS.ProcessEnv>({}, { get: () => 'something' });
    const handed = new Set(services.flatMap((service) => Object.keys(settingsOf(service, all))));
    const unread = [...handed].filter((name) => !rows.some((row) => row.name === name));
    const told = /read by nothing yet: ([^.]+)\./.exec(text)?.[1] ?? '';
    expect(told.split(/,\s+/).toSorted()).toStrictEqual(unread.map((name) => `\`${name}\``).toSorted());
  });
});
