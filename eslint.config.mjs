import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { fileName } from './test/architecture/file-name-rule.mjs';

const services = ['shared/src/**/*.ts', '{command-api,query-api,projector,mailer-worker}/src/**/*.ts'];

const errorsByRealm = {
  selector: 'BinaryExpression[operator="instanceof"][right.name="Error"]',
  message: 'An error from another realm is not an instance of this Error: use Error.isError().',
};

const port = (what) =>
  `${what} comes through a port (kernel/clock.ts, kernel/random.ts); only main.ts chooses the real one.`;

const clockAndChance = [
  { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: port('The time') },
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: port('The time') },
  { selector: 'CallExpression[callee.name="Date"]', message: port('The time') },
  { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: port('Chance') },
  { selector: 'Identifier[name="randomUUID"]', message: port('An id') },
];

const byRoleName = {
  selector: 'BinaryExpression[left.property.name="role"][left.object.name=/^(caller|asking|now|registrar)$/]',
  message: 'What a role may do stands in contracts/permissions.ts: ask holds(), refuseCaller() or refusePerson().',
};

export default defineConfig(
  globalIgnores(['node_modules/', 'coverage/', '.data/', '.cache/', 'docs/client/rollbook-api.d.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { house: { rules: { 'file-name': fileName } } },
    rules: {
      'house/file-name': 'error',
      'max-lines': ['error', 300],
      'no-restricted-syntax': ['error', errorsByRealm],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Spread into code points is what is meant, and the rule knows no exception for literals.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An underscore says: this parameter is here for its place.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // The compiler checks names (noPropertyAccessFromIndexSignature asks for brackets).
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: services,
    ignores: ['**/main.ts', '**/system-*.ts'],
    rules: {
      'no-restricted-syntax': ['error', errorsByRealm, byRoleName, ...clockAndChance],
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // What an answer holds is what a test examines; saying it twice, as a type first, would prove nothing.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // A test takes a value alike from an answer with types and from one without.
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['process', 'console', 'globalThis', 'URL', 'Buffer', 'fetch', 'TextDecoderStream'],
          ...['setTimeout', 'clearTimeout', 'AbortController'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
