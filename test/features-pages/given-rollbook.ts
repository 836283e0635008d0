import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { call } from '../support/client.ts';
import { createDatabase } from '../support/postgres.ts';
import { dataFolder, startStandalone } from '../support/standalone.ts';
import type { Example } from './examples.ts';
import { endedAt } from './page-faults.ts';
import { runExamples, type Surroundings } from './run-page.ts';

const PASSWORD = 'Correct-horse-9';
/** Prints what the shell knows, in a form that a shell reads; but not what is another for every page. */
const KEPT = 'unset -f mark\nexport -n HOME PATH PWD OLDPWD SHLVL\ndeclare -f\nexport -p\n';
const KEEP: Example = { language: 'bash', text: KEPT, file: 'the shell', line: 1 };

/** A Rollbook for examples, and a shell in which what everybody pastes first was pasted. */
export interface GivenRollbook {
  /** What went wrong in the setup; empty where nothing did. */
  readonly setupFaults: readonly string[];
  /** Everything that the examples of one page may count on; `name` tells its Ada from those of other pages. */
  forPage(name: string): Promise<Surroundings>;
  stop(): Promise<void>;
}

/** Starts it as `npm start` does, with the setup that is pasted once. */
export const givenRollbook = async (setup: readonly Example[], python: string): Promise<GivenRollbook> => {
  const [data, database] = await Promise.all([dataFolder(), createDatabase()]);
  // The limits are those of a product, but for two that all pages together come to from their one address.
  const rollbook = await startStandalone(data.path, {
    DATABASE_URL: database.url,
    RATE_LIMIT_PER_HOUR: '1000',
    RATE_LIMIT_ANONYMOUS_PER_HOUR: '100000',
    RATE_LIMIT_CREDENTIALS_PER_HOUR: '1000',
  });
  // By the name that `npm start` prints, which stands in tokens too.
  const url = rollbook.url.replace('127.0.0.1', 'localhost');
  const surroundings = { dataDir: data.path, env: { ROLLBOOK_URL: url }, python };
  const all = [...setup, KEEP];
  const run = await runExamples(all, { ...surroundings, before: '' });
  const kept = run.outcomes[setup.length]?.stdout ?? '';

  const signIn = async (credentials: unknown) => (await call(url, 'POST', '/auth/login', { body: credentials })).body;
  const admin = await signIn(JSON.parse(await readFile(join(data.path, 'first-admin.json'), 'utf8')));
  /** A person of the page's own, as the setup makes one: what a page does to her meets no other page. */
  const ada = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const email = `ada-${basename(name, '.md')}@example.org`;
    const body = { email, password: PASSWORD, first_name: 'Ada' };
    const made = await call(url, 'POST', '/users', { token: String(admin.access_token), body });
    const { access_token: token } = await signIn({ email, password: PASSWORD });
    return { ADA_EMAIL: email, ADA_PASSWORD: PASSWORD, ADA_ID: String(made.body.id), ADA_TOKEN: String(token) };
  };
  return {
    setupFaults: endedAt(run, all.length),
    async forPage(name) {
      const exports = Object.entries(await ada(name)).map(([key, value]) => `export ${key}='${value}'`);
      return { ...surroundings, before: `${kept}\n${exports.join('\n')}\n` };
    },
    async stop() {
      await rollbook.stop();
      await Promise.all([data.remove(), database.drop()]);
    },
  };
};
