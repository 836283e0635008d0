import { existsSync } from 'node:fs';
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartError } from '@rollbook/shared/process/start-error';

const codeOf = (fault: unknown): string => (fault as NodeJS.ErrnoException).code ?? 'unknown reason';

/**
 * As `mkdir` with `recursive`, which tries for ever where a folder exists and yet nothing can be made in it (`/proc`).
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (fault) {
    if (codeOf(fault) === 'EEXIST') return;
    const parent = dirname(folder);
    if (codeOf(fault) !== 'ENOENT' || existsSync(parent)) throw fault;
    await makeFolder(parent);
    await makeFolder(folder);
  }
}

/** Makes the data folder if it is missing. Throws StartError where this user cannot write into it. */
export async function openDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir);
    if (!(await stat(dataDir)).isDirectory()) throw Object.assign(new Error('It is a file'), { code: 'ENOTDIR' });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (fault) {
    throw new StartError(
      `This user cannot write to the data folder ${dataDir} (${codeOf(fault)}): set DATA_DIR to one of your own.`,
    );
  }
}
