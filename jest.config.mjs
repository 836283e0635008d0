/** Tests run as ES modules, straight from TypeScript: types are blanked out, so that line numbers stay true. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Long campaigns are a command of their own: `npm run test:faults`.
  testPathIgnorePatterns: process.env.FAULTS === 'full' ? [] : ['\\.campaign\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/every-answer.ts'],
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  modulePathIgnorePatterns: ['<rootDir>/\\.data/', '<rootDir>/\\.cache/'],
  cacheDirectory: '<rootDir>/.cache/jest',
  // Most tests wait for a disk, a broker or a clock: a third keeps two cores busy.
  maxWorkers: 3,
  // Under ES modules the heap of a worker grows by about 8 MB with each file; a worker past this size is replaced.
  workerIdleMemoryLimit: '700MB',
  // Nothing here is this slow; but a machine that is busy with other things must not make a test fail.
  testTimeout: 120_000,
  coverageProvider: 'babel',
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 90, branches: 85 } },
  collectCoverageFrom: [
    '{shared,command-api,query-api,projector,mailer-worker}/src/**/*.ts',
    '{migrations,deploy}/**/*.ts',
    // Its work is to load the whole product; the journeys run it in a process of its own.
    '!deploy/standalone/main.ts',
    '!**/src/main.ts',
  ],
};
