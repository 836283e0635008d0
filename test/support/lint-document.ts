import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/** What the linter says of a committed document (`redocly.yaml`). Rejects where it finds anything. */
export const lint = async (document: 'openapi' | 'asyncapi'): Promise<string> => {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', CI: 'true' };
  const args = [join(root, 'node_modules/@redocly/cli/bin/cli.js'), 'lint', document, '--format=github-actions'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  return `${stdout}${stderr}`;
};
