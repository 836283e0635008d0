// Runs before `npm start` and `npm test`, on whatever Node is installed: plain JavaScript, no dependency, nothing newer
// than Node 12, so that an old Node gets a sentence and not a syntax error.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = 20;
const RUNTIME = 24;
const FAILED =
  'The dependencies could not be installed (npm ci failed): check the connection to the npm registry, then try again.';

/**
 * Installs the locked dependencies when `node_modules` does not hold them yet.
 *
 * @param {{root: string, version: string, npm: string, say: (line: string) => void}} settings
 * @returns {Promise<number>} the exit code; 0 when everything is in place.
 */
export async function install({ root, version, npm, say }) {
  if (Number(version.split('.')[0]) < OLDEST) {
    say(
      `Rollbook needs Node ${OLDEST} or newer; this is Node ${version}. Install a newer one from https://nodejs.org.`,
    );
    return 1;
  }
  const stamp = join(root, 'node_modules', '.rollbook-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (contentOf(stamp) !== wanted) {
    say('Installing dependencies (about half a minute, once) …');
    const outcome = await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], root);
    if (outcome.code !== 0) {
      if (outcome.said !== '') say(outcome.said);
      say(FAILED);
      return 1;
    }
    writeFileSync(stamp, wanted);
  }

  // Where no package brings the pinned Node (on macOS, say), the machine's own must be new enough.
  if (existsSync(join(root, 'node_modules', '.bin', 'node')) || Number(version.split('.')[0]) >= RUNTIME) return 0;
  say(
    `There is no packaged Node ${RUNTIME} for this kind of machine: install Node ${RUNTIME} from https://nodejs.org.`,
  );
  return 1;
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function run(file, args, cwd) {
  return new Promise((resolve) => {
    // A shell only where npm is a .cmd; there Node refuses to start it otherwise.
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', (fault) => resolve({ code: 1, said: fault.message }));
    child.on('close', (code) => resolve({ code: code === null ? 1 : code, said: said.trim() }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  install({ root, version: process.versions.node, npm, say: (line) => console.error(line) }).then((code) => {
    process.exitCode = code;
  });
}
