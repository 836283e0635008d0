import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

/** What git calls a file's content (SHA-1 of a blob). */
export const blobOf = (content: Buffer): string =>
  createHash('sha1')
    .update(`blob ${String(content.length)}\0`)
    .update(content)
    .digest('hex');

/**
 * The content with which each file of a folder was first committed, by its name; of a file that never was, nothing.
 * null where there is no history: outside a checkout, or without git.
 */
export const firstVersions = async (folder: string): Promise<ReadonlyMap<string, string> | null> => {
  const args = ['log', '--reverse', '--format=', '--raw', '--no-abbrev', '--no-renames', '--relative', '--', '.'];
  const history = await promisify(execFile)('git', args, { cwd: folder }).catch(() => null);
  if (history === null) return null;
  const first = new Map<string, string>();
  for (const line of history.stdout.split('\n')) {
    const [, blob, status, file] = /^:\d+ \d+ \w+ (\w+) (\w)\t(.+)$/.exec(line) ?? [];
    if (blob !== undefined && file !== undefined && status !== 'D' && !first.has(file)) first.set(file, blob);
  }
  return first;
};
