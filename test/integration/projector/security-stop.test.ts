import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@rollbook/shared/process/logger';
import { until } from '../../support/feed-audience.ts';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

describe('A read model that must not pass over an event', () => {
  let rig: ProjectorRig;
  beforeEach(async () => {
    rig = await projectorRig();
  });
  afterEach(() => rig.close());

  const ready = async (url: string) => {
    const answer = await fetch(new URL('/health/ready', url));
    return { status: answer.status, body: (await answer.json()) as any };
  };

  test.each([
    ['user_sessions', `user-${randomUUID()}`, 'SignedOutEverywhere'],
    ['api_keys', `apikey-${randomUUID()}`, 'ApiKeyRevoked'],
    // Every read model, where the program cannot read that somebody was erased.
    ['user_directory', `user-${randomUUID()}`, 'PersonErased'],
  ])('%s stops loudly before an event that it cannot apply, and parks nothing', async (name, stream, type) => {
    const lines: any[] = [];
    const logger = createLogger(
      { service: 'projector', level: 'error' },
      { write: (line) => lines.push(JSON.parse(line)) },
    );
    await peopleIn(rig).register('ben');
    const projector = await rig.project({ logger });
    const url = projector.addresses['http']!;
    await until('it is ready', async () => (await ready(url)).status === 200);
    const before = await rig.positionOf(name);

    // From a program that is newer than this one.
    const id = randomUUID();
    await rig.pool.query(
      `insert into event_log.events (position, id, stream, revision, type, schema_version, recorded_at, data, personal, metadata)
       select max(position) + 1, $1, $2, 0, $3, 99, '2026-01-02T03:04:05.678Z', '{}', '[]', '{}' from event_log.events`,
      [id, stream, type],
    );
    await peopleIn(rig).register('anna');
    await until('it says so', () =>
      Promise.resolve(lines.some(({ part, err }) => part === name && err?.type === 'CannotGoOn')),
    );
    const said = lines.find(({ part, err }) => part === name && err?.type === 'CannotGoOn');
    expect(said.err.message).toContain(`${name} stands still before ${type} ${id}`);
    for (let looks = 0; looks < 20; looks += 1) {
      const { status, body } = await ready(url);
      expect(status).toBe(503);
      expect(body.error.details).toContainEqual({
        field: name,
        code: 'down',
        message: expect.stringMatching(/^is (faulty|catching up), \d+ ms behind$/),
      });
    }
    const { rows } = await rig.pool.query('select from read_model.parked_events where name = $1', [name]);
    expect(rows).toHaveLength(0);
    expect(((await rig.positionOf(name)) ?? '') <= (before ?? '').replace(/.$/, '9')).toBe(true);
    // The others go on.
    if (name !== 'user_directory') await rig.caughtUp('user_directory');
  });
});
