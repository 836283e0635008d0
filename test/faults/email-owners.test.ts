import { expect, test } from '@jest/globals';
import { scanOwners } from '../support/address-owners.ts';
import { startCommandServices } from '../support/command-service.ts';
import { raceForAddresses } from '../support/email-race.ts';
import { ROLLBOOK_PROFILES } from '../support/rollbook.ts';

// `npm run test:faults` runs a thousand rounds; EMAIL_RACE_SEED repeats the delays of an earlier run.
const rounds = process.env['FAULTS'] === 'full' ? 1_000 : 100;
const seed = Number(process.env['EMAIL_RACE_SEED'] ?? Math.floor(Math.random() * 1_000_000));

test.each(ROLLBOOK_PROFILES)(
  'An address that somebody changes to while others register it never has two owners (%s)',
  async (profile) => {
    const services = await startCommandServices(profile, 2);
    try {
      const tally = await raceForAddresses(services, { rounds, lanes: 4, seed });
      const { broken, ...scan } = await scanOwners(services.log);
      console.log(`${profile}, ${String(rounds)} rounds, seed ${String(seed)}`, tally, scan);
      expect(broken).toStrictEqual([]);

      // Each of the four won and each of them lost, or nothing was raced for.
      const outcomes = Object.keys(tally);
      expect(outcomes).toEqual(expect.arrayContaining(['confirmed: 200', 'set: 200']));
      expect(outcomes).toEqual(expect.arrayContaining(['registered: 201', 'registered by staff: 201']));
      for (const name of ['confirmed', 'set', 'registered', 'registered by staff'])
        expect(outcomes.filter((outcome) => outcome.startsWith(`${name}: 409`))).not.toStrictEqual([]);
      // A stranger's registration may be superseded before it is answered: 404.
      const others = outcomes.filter((outcome) => !/: (200|201|409 taken|409 in_progress|503)$/.test(outcome));
      expect(others.filter((outcome) => outcome !== 'registered: 404 NOT_FOUND')).toStrictEqual([]);
      expect(scan.addresses).toBeGreaterThan(rounds);
    } finally {
      await services.stop();
    }
  },
  600_000,
);
