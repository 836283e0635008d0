import { PostgresPictureStore } from '@rollbook/shared/pictures/postgres-picture-store';
import { createPool } from '@rollbook/shared/sql/pool';
import { createDatabase } from '../support/postgres.ts';
import { pictureStoreContract } from './picture-store.contract.ts';

pictureStoreContract('PostgreSQL', async () => {
  const { url, drop } = await createDatabase();
  const pool = createPool({ url, applicationName: 'test' });
  const end = async (): Promise<void> => {
    await pool.end();
    await drop();
  };
  return { open: () => new PostgresPictureStore({ pool }), end };
});
