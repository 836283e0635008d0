const services = '(command-api|query-api|projector|mailer-worker)';
const pure = '\\.(decide|state|projection|mail)\\.ts$';
const adapters = [
  '/(postgres|memory|kafka|eventstoredb|s3)/[^/]+\\.ts$',
  '/(postgres|memory|kafka|eventstoredb|s3)-[^/]+\\.ts$',
];
// An adapter may be put together from files of its own folder, and from its neighbours of the same kind.
// A connect-*.ts chooses the adapter by a URL's scheme, for main.ts.
const adapterOrMain = [...adapters, '/main\\.ts$', '/connect-[^/]+\\.ts$', '^test/'];

/** Which way the arrows go. Every rule is proved by a planted violation in test/architecture. */
export default {
  forbidden: [
    {
      name: 'services-do-not-meet',
      comment: 'Services meet in shared and in the log, never in each other.',
      severity: 'error',
      from: { path: `^${services}/` },
      to: { path: `^${services}/`, pathNot: '^$1/' },
    },
    {
      name: 'shared-knows-no-service',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: `^(${services}|deploy|migrations)/` },
    },
    {
      name: 'services-know-no-deployment',
      comment: 'How the parts are put together on one machine is not their business.',
      severity: 'error',
      from: { path: `^${services}/` },
      to: { path: '^(deploy|migrations)/' },
    },
    {
      name: 'pure-files-touch-nothing',
      comment: 'Deciding, evolving, projecting and writing a mail need no machine.',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-files-know-no-adapter',
      severity: 'error',
      from: { path: pure },
      to: {
        path: [
          '(^|/)node_modules/(pg|express|nodemailer|kafkajs|@eventstore)/',
          ...adapters,
          '\\.(handle|route|query)\\.ts$',
          '/main\\.ts$',
        ],
      },
    },
    {
      name: 'only-main-knows-adapters',
      comment: 'main.ts alone joins ports to adapters, by way of connect-*.ts where a URL chooses.',
      severity: 'error',
      from: { path: `^(shared|${services})/`, pathNot: adapterOrMain },
      to: { path: adapters, pathNot: 'node_modules' },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: { pathNot: ['^test/', '^deploy/standalone/'] },
      to: { path: '/main\\.ts$', pathNot: 'node_modules' },
    },
    {
      name: 'product-knows-no-test',
      severity: 'error',
      from: { pathNot: ['^test/', '^(eslint|jest)\\.config\\.mjs$'] },
      to: { path: '^test/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: { pathNot: ['node_modules', '^test/'] },
      to: { circular: true },
    },
    {
      name: 'nothing-undeclared',
      comment: 'A workspace runs on its own in a container: it declares what it imports.',
      severity: 'error',
      from: { path: `^(shared|${services}|deploy|migrations)/` },
      // A workspace under its package name counts as undetermined; all of them declare shared.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined'], pathNot: '^shared/' },
    },
    {
      name: 'no-development-package-in-the-product',
      severity: 'error',
      from: { path: `^(shared|${services}|deploy|migrations)/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^coverage/', '^\\.cache/', '^\\.data/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
