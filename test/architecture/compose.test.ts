import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readCommandApiConfig } from '../../command-api/src/config.ts';
import { readGatewayConfig } from '../../deploy/gateway/config.ts';
import { settingsOf } from '../../deploy/standalone/service-settings.ts';
import { readMailerConfig } from '../../mailer-worker/src/config.ts';
import { readProjectorConfig } from '../../projector/src/config.ts';
import { readQueryConfig } from '../../query-api/src/config.ts';
import { testSecrets } from '../support/test-secrets.ts';

interface Container {
  readonly image?: string;
  readonly build?: { readonly args: { readonly SERVICE: string } };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly volumes?: readonly string[];
}

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const example = readFileSync(join(root, '.env.example'), 'utf8');

/** The variables as an operator fills them in. */
const filled: Readonly<Record<string, string>> = {
  ...testSecrets(),
  POSTGRES_PASSWORD: 'pw',
  ADMIN_EMAIL: 'admin@example.org',
  ADMIN_PASSWORD: 'First-Admin-7-rules',
};

/** As compose fills `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. */
const fill = (value: string): string =>
  value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_whole, name: string, kind?: string, rest = '') => {
    const given = filled[name];
    if (given !== undefined) return given;
    if (kind === '-') return rest as string;
    throw new Error(`${name} must be set, and nothing sets it`);
  });

const environmentOf = (name: string): NodeJS.ProcessEnv => {
  const environment = compose.services[name]?.environment ?? {};
  const image = { HOST: '0.0.0.0', PORT: '8000', NODE_ENV: 'production' };
  return { ...image, ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, fill(value)])) };
};

const OURS = {
  'command-api': readCommandApiConfig,
  'query-api': readQueryConfig,
  projector: readProjectorConfig,
  'mailer-worker': readMailerConfig,
  gateway: readGatewayConfig,
} as const;

const SERVICES = ['command-api', 'query-api', 'projector', 'mailer-worker'] as const;

describe('docker-compose.yml', () => {
  test.each(Object.entries(OURS))('gives %s every setting that it requires', (name, readConfig) => {
    expect(() => readConfig(environmentOf(name))).not.toThrow();
  });

  test.each(Object.entries(OURS))('a setting taken away from %s is missed', (name, readConfig) => {
    const complete = environmentOf(name);
    const { [name === 'gateway' ? 'QUERY_API_URL' : 'MASTER_KEY']: _taken, ...lacking } = complete;
    expect(() => readConfig(lacking)).toThrow(/QUERY_API_URL|MASTER_KEY/);
  });

  test.each(SERVICES)('lets the operator give %s every setting that it has', (name) => {
    const everything = new Proxy<NodeJS.ProcessEnv>({}, { get: () => 'something' });
    // Set by the image.
    const settings = Object.keys(settingsOf(name, everything)).filter((key) => key !== 'HOST' && key !== 'PORT');
    expect(settings.length).toBeGreaterThan(8);
    const given = Object.keys(compose.services[name]?.environment ?? {});
    expect(settings.filter((key) => !given.includes(key))).toEqual([]);
  });

  test('the cluster in its comments is three whole nodes, each of which names the other two', () => {
    const block = /^ {2}# (eventstore: [\s\S]*?)\n\n/m.exec(text)?.[1] ?? '';
    const nodes = parse(block.replace(/^ {2}# /gm, ''), { merge: true }) as Record<string, Container>;
    const names = ['eventstore', 'eventstore2', 'eventstore3'];
    expect(Object.keys(nodes)).toEqual(names);
    for (const name of names) {
      const { image, environment: own = {}, volumes, healthcheck } = nodes[name]!;
      const others = names.filter((other) => other !== name).map((other) => `${other}:2113`);
      expect(own['EVENTSTORE_GOSSIP_SEED']?.split(',')).toEqual(others);
      for (const which of ['NODE', 'REPLICATION']) expect(own[`EVENTSTORE_${which}_HOST_ADVERTISE_AS`]).toBe(name);
      expect(own['EVENTSTORE_CERTIFICATE_FILE']).toBe(`/certs/${name}/node.crt`);
      expect(own).not.toHaveProperty('EVENTSTORE_INSECURE');
      expect(image).toBe(compose.services['eventstore']?.image);
      expect(volumes?.[0]).toBe(`${name}:/var/lib/eventstore`);
      expect(healthcheck).toBeDefined();
    }
  });

  test('runs a patched EventStoreDB', () => {
    const [year = 0, month = 0, patch = 0] =
      (compose.services['eventstore']?.image ?? '').match(/\d+/g)?.map(Number) ?? [];
    const version = year * 10_000 + month * 100 + patch;
    expect(version).toBeGreaterThanOrEqual(241_005);
    expect(version).not.toBe(250_000);
  });

  const engine = spawnSync('docker', ['compose', 'version']);
  (engine.status === 0 ? test : test.skip)('is clean for `docker compose config`', () => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...filled };
    const { status, stderr } = spawnSync('docker', ['compose', 'config', '--quiet'], { cwd: root, env });
    expect([status, String(stderr)]).toEqual([0, '']);
  });

  test('holds no secret', () => {
    for (const { environment } of Object.values(compose.services))
      for (const [key, value] of Object.entries(environment ?? {}))
        if (/KEY|PEPPER|PASSWORD/.test(key)) expect(value).toMatch(/^\$\{/);
    expect(example).not.toMatch(/^(?:\w*(?:KEYS?|PEPPER|PASSWORD))=.+$/m);
  });

  test('every variable that it wants stands in .env.example', () => {
    const wanted = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? ''));
    const told = new Set([...example.matchAll(/^#?\s?(\w+)=/gm)].map(([, name]) => name ?? ''));
    expect([...wanted].filter((name) => !told.has(name) && name !== 'NODE_ENV')).toEqual([]);
  });

  test('starts in order: what is waited for is there and healthy, and every store keeps its data', () => {
    for (const [name, { depends_on: after }] of Object.entries(compose.services))
      for (const [other, { condition }] of Object.entries(after ?? {})) {
        expect([name, compose.services[other]]).not.toEqual([name, undefined]);
        expect(['service_healthy', 'service_completed_successfully']).toContain(condition);
      }
    for (const store of ['postgres', 'eventstore', 'kafka']) {
      expect(compose.services[store]?.healthcheck).toBeDefined();
      const [volume = ''] = compose.services[store]?.volumes ?? [];
      expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
  });

  test('runs files that exist', () => {
    for (const { build, command, environment } of Object.values(compose.services)) {
      if (!build) continue;
      const entry = environment?.['ENTRY'] ?? command?.[1] ?? `${build.args.SERVICE}/src/main.ts`;
      expect([entry, existsSync(join(root, entry))]).toEqual([entry, true]);
    }
  });
});
