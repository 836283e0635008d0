import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createLogger } from '@rollbook/shared/process/logger';
import { keyCheck } from '@rollbook/shared/personal-data/key-checks';
import { start } from '../../../projector/src/main.ts';
import { happen } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('The start of the projector', () => {
  let rig: ProjectorRig;
  const logger = createLogger({ service: 'projector', level: 'silent' });

  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  test('names each setting that is missing', async () => {
    await expect(start({}, { logger })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(
        /DATABASE_URL[^]*EVENT_STORE_URL[^]*MESSAGE_FEED_URL[^]*MASTER_KEY[^]*NOTARY_PRIVATE_KEYS/,
      ) as unknown,
    });
  });

  test('refuses a master key that the log was not written with', async () => {
    const masterKeys = { m1: keyCheck(randomBytes(32), 'master-key') };
    const data = { digestKey: 'x', peppers: {}, masterKeys };
    await happen(rig, 'service', { type: 'KeyChecksRecorded', data, personal: null });
    await expect(start(rig.env, { logger })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('MASTER_KEY') as unknown,
    });
  });

  test('says which port is taken', async () => {
    const first = await rig.project();
    const PORT = new URL(first.addresses['http']!).port;
    await expect(start({ ...rig.env, PORT }, { logger })).rejects.toThrow(`Port ${PORT} of 127.0.0.1 is taken`);
  });
});
