import { access, constants, mkdir } from 'node:fs/promises';
import { StartError } from '@rollbook/shared/process/start-error';

/** Makes the data folder if it is missing. Throws StartError where this user cannot write into it. */
export async function openDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new StartError(
      `This user cannot write to the data folder ${dataDir} (${code}): set DATA_DIR to one of your own.`,
    );
  }
}
