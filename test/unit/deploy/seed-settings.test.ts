import { describe, expect, test } from '@jest/globals';
import { readSeedSettings } from '../../../deploy/seed/seed-settings.ts';

const secret = Buffer.alloc(32, 7).toString('base64');
const env = {
  DATABASE_URL: 'postgres://127.0.0.1/rollbook',
  ...{ MASTER_KEY: `k1:${secret}`, PASSWORD_PEPPER: `k1:${secret}`, DIGEST_KEY: secret },
};

describe('Seeding', () => {
  test.each([undefined, 'development', 'production'])(
    'hashes no password more cheaply than the service would, with NODE_ENV %s',
    async (kind) => {
      const wish = readSeedSettings({ ...env, NODE_ENV: kind, BCRYPT_COST: '9' });
      await expect(wish).rejects.toThrow('BCRYPT_COST must be at least 10 outside tests.');
    },
  );

  test('may in tests', async () => {
    expect(await readSeedSettings({ ...env, NODE_ENV: 'test', BCRYPT_COST: '4' })).toMatchObject({ BCRYPT_COST: 4 });
  });
});
