import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plant, root, type PlantedTree } from './planted-tree.ts';

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

const innocent = 'export const innocent = 1;\n';
const use = (path: string): string => `import { innocent } from '${path}';\nexport const used = innocent;\n`;
const useType = (path: string): string => `import type { Thing } from '${path}';\nexport type Used = Thing;\n`;

// One file that breaks the rule, and what it must not import.
const planted: readonly [what: string, rule: string, from: string, content: string, to: string][] = [
  [
    'a service imports another',
    'services-do-not-meet',
    'query-api/src/a.ts',
    use('../../command-api/src/innocent.ts'),
    'command-api/src/innocent.ts',
  ],
  [
    'a service takes only a type from another',
    'services-do-not-meet',
    'mailer-worker/src/a.ts',
    useType('../../projector/src/innocent.ts'),
    'projector/src/innocent.ts',
  ],
  [
    'shared imports a service',
    'shared-knows-no-service',
    'shared/src/sql/a.ts',
    use('../../../projector/src/innocent.ts'),
    'projector/src/innocent.ts',
  ],
  [
    'a service imports the deployment',
    'services-know-no-deployment',
    'projector/src/b.ts',
    use('../../deploy/innocent.ts'),
    'deploy/innocent.ts',
  ],
  ['a decision reads a file', 'pure-files-touch-nothing', 'command-api/src/x/a.decide.ts', use('node:fs'), 'fs'],
  [
    'a state draws random bytes',
    'pure-files-touch-nothing',
    'shared/src/person/a.state.ts',
    use('node:crypto'),
    'crypto',
  ],
  [
    'a projection asks PostgreSQL',
    'pure-files-know-no-adapter',
    'projector/src/x/a.projection.ts',
    use('pg'),
    'node_modules/pg',
  ],
  [
    'a mail imports a handler',
    'pure-files-know-no-adapter',
    'mailer-worker/src/x/a.mail.ts',
    use('./b.handle.ts'),
    'mailer-worker/src/x/b.handle.ts',
  ],
  [
    'a handler imports the PostgreSQL adapter',
    'only-main-knows-adapters',
    'command-api/src/x/a.handle.ts',
    use('../../../shared/src/event-log/postgres/innocent.ts'),
    'shared/src/event-log/postgres/innocent.ts',
  ],
  [
    'a handler imports an adapter beside it',
    'only-main-knows-adapters',
    'mailer-worker/src/x/b.handle.ts',
    `${use('./postgres-inbox.ts')}${innocent}`,
    'mailer-worker/src/x/postgres-inbox.ts',
  ],
  [
    'a handler imports a main file',
    'nothing-imports-main',
    'command-api/src/x/c.handle.ts',
    use('../main.ts'),
    'command-api/src/main.ts',
  ],
  [
    'the product imports a test',
    'product-knows-no-test',
    'deploy/a.ts',
    use('../test/support/innocent.ts'),
    'test/support/innocent.ts',
  ],
  [
    'two files import each other',
    'no-circles',
    'shared/src/http/a.ts',
    `import './b.ts';\n${innocent}`,
    'shared/src/http/b.ts',
  ],
  [
    'a service uses a package that it does not declare',
    'nothing-undeclared',
    'query-api/src/b.ts',
    use('nodemailer'),
    'node_modules/nodemailer',
  ],
  [
    'the product uses a package for development',
    'no-development-package-in-the-product',
    'deploy/b.ts',
    use('fast-check'),
    'node_modules/fast-check',
  ],
  ['an import leads nowhere', 'everything-resolves', 'shared/src/http/c.ts', use('./nowhere.ts'), './nowhere.ts'],
];

const bystanders = [
  'command-api/src/innocent.ts',
  'command-api/src/main.ts',
  'projector/src/innocent.ts',
  'deploy/innocent.ts',
  'shared/src/event-log/postgres/innocent.ts',
  'mailer-worker/src/x/postgres-inbox.ts',
  'test/support/innocent.ts',
];

let tree: PlantedTree;
let violations: Violation[];

beforeAll(async () => {
  tree = await plant({
    ...Object.fromEntries(bystanders.map((file) => [file, innocent])),
    'shared/src/http/b.ts': `import './a.ts';\n${innocent}`,
    'query-api/src/main.ts': use('../../shared/src/event-log/postgres/innocent.ts'),
    ...Object.fromEntries(planted.map(([, , from, content]) => [from, content])),
  });
  const config = join(root, '.dependency-cruiser.mjs');
  const { printed } = await tree.run('depcruise', ['--config', config, '--output-type', 'json', '.']);
  violations = (JSON.parse(printed) as { summary: { violations: Violation[] } }).summary.violations;
});
afterAll(() => tree.remove());

// A package counts by its name: where it is installed, and which of its files Node takes, is not the rule's business.
const withoutPlace = (path: string): string => /node_modules\/[^/]+/.exec(path)?.[0] ?? path;

test.each(planted)('%s: refused', (_what, rule, from, _content, to) => {
  const found = violations.filter((violation) => violation.from === from && violation.rule.name === rule);
  expect(found.map((violation) => withoutPlace(violation.to))).toEqual([to]);
});

test('main.ts may join a port to its adapter, and innocent files are left alone', () => {
  const guilty = planted.map(([, , from]) => from);
  expect(violations.filter(({ from }) => !guilty.includes(from) && from !== 'shared/src/http/b.ts')).toEqual([]);
});
