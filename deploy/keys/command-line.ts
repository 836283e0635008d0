import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readConfig } from '@rollbook/shared/process/config';
import { StartError } from '@rollbook/shared/process/start-error';
import { DATA_DIR } from '../standalone/config.ts';
import { lockDataDir } from '../standalone/lock.ts';
import { writePrivateJson } from '../standalone/private-file.ts';
import { generateSecrets, readSecretsFile, type Secrets } from '../standalone/secrets.ts';
import { idsOf, RotationRefused, type RotationStep } from './key-lists.ts';
import { isKeyKind, rotated, settingsOfKind, type KeyKind } from './rotate.ts';

const HELP = `Usage: npm run keys -- <command>

  generate        print fresh values for every secret setting, as lines for .env
  rotate <which>  make a new key; which: token, notary, receipt, master, pepper or link
    --stage         only accept and publish the new key, and go on with the current one
    --promote       make the staged key the current one
  help            this text

"rotate" takes the settings from the environment and prints their new values as lines for .env. Where they are not set,
it changes DATA_DIR/secrets.json of the small profile, which must not be running. Former keys stay behind the new one:
what was made with them is still accepted. DIGEST_KEY cannot be rotated.

Several copies of a service must all know a key before one of them uses it: --stage, restart all, --promote, restart all.

Keep former keys: a log can be read only with the keys that it was written with.

Exit codes: 0 done, 1 refused, 2 wrong usage.`;

/** What it reads beside the keys themselves. */
export const KeysSettings = z.object({ DATA_DIR });

/** Where the lines go: `console`, or a test's own. */
type Terminal = Pick<Console, 'log' | 'error'>;

const DIGEST =
  'DIGEST_KEY cannot be rotated: the log finds every address and username under a digest made with it, for ever.';

/** `npm run keys`: reads the words after it, prints what was done, and returns the exit code. */
export async function runKeysCommand(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal = console,
): Promise<number> {
  const usage = (sentence: string): number => {
    terminal.error(sentence === '' ? HELP : `${sentence}\n\n${HELP}`);
    return 2;
  };
  let parsed;
  try {
    const flag = { type: 'boolean' } as const;
    const options = { stage: flag, promote: flag, help: { ...flag, short: 'h' } } as const;
    parsed = parseArgs({ args: [...words], allowPositionals: true, options });
  } catch (fault) {
    return usage(Error.isError(fault) ? fault.message : '');
  }
  const { positionals, values } = parsed;
  const [command, which, ...more] = positionals;
  if (command === 'help' || values.help) {
    terminal.log(HELP);
    return 0;
  }
  if (more.length > 0 || (values.stage && values.promote)) return usage('That is too much at once.');
  if (command === 'generate' && which === undefined) {
    print(terminal, await generateSecrets());
    return 0;
  }
  if (command !== 'rotate') return usage('');
  if (which === 'digest' || which === 'DIGEST_KEY') {
    terminal.error(DIGEST);
    return 1;
  }
  if (which === undefined || !isKeyKind(which)) return usage('Say which key is to be rotated.');
  try {
    await rotate(which, values.stage ? 'stage' : values.promote ? 'promote' : 'now', env, terminal);
    return 0;
  } catch (fault) {
    if (!(fault instanceof RotationRefused) && !(fault instanceof StartError)) throw fault;
    terminal.error(fault.message);
    return 1;
  }
}

const print = (terminal: Terminal, settings: Partial<Secrets>): void => {
  for (const [name, value] of Object.entries(settings)) terminal.log(`${name}=${value}`);
};

const rotate = async (kind: KeyKind, step: RotationStep, env: NodeJS.ProcessEnv, terminal: Terminal): Promise<void> => {
  const names = settingsOfKind(kind);
  const isSet = names.some((name) => env[name]);
  if (isSet) {
    print(terminal, await rotated(kind, step, env));
    return;
  }
  const dataDir = resolve(readConfig(KeysSettings, env).DATA_DIR);
  const file = join(dataDir, 'secrets.json');
  if (!existsSync(file))
    throw new RotationRefused(
      `There is nothing to rotate: ${names.join(' and ')} are not set, and there is no ${file}.`,
    );
  // Who runs has read the file already; and two who change it at once would lose a key.
  const lock = await lockDataDir(dataDir);
  try {
    const kept = await readSecretsFile(file);
    const changed = await rotated(kind, step, kept);
    await writePrivateJson(file, { ...kept, ...changed });
    const [current, ...others] = idsOf(changed[names[0] ?? 'MASTER_KEY'] ?? '');
    terminal.log(`${names.join(', ')} in ${file}: ${String(current)} is current, ${others.join(', ')} still accepted.`);
  } finally {
    await lock.release();
  }
};
