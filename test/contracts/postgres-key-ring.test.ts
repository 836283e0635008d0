import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { MasterKeys } from '@rollbook/shared/personal-data/master-keys';
import { PostgresKeyRing } from '@rollbook/shared/personal-data/postgres-key-ring';
import pg from 'pg';
import { createDatabase } from '../support/postgres.ts';
import { keyRingContract } from './key-ring.contract.ts';

keyRingContract('PostgreSQL', async () => {
  const { url, drop } = await createDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // A connection that closes may still be there when its database is dropped.
  pool.on('error', () => undefined);
  const masterKeys = new MasterKeys([{ id: 'm1', secret: Buffer.alloc(32, 7) }], systemRandom);
  const open = (): PostgresKeyRing => new PostgresKeyRing({ pool, masterKeys, random: systemRandom });
  const end = async (): Promise<void> => {
    await pool.end();
    await drop();
  };
  return { open, end };
});
