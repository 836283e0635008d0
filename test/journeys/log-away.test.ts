import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { call, type ClientAnswer } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { probe } from '../support/http-probe.ts';
import { journeyOn, query as sql, refusal } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
beforeAll(async () => {
  rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { logDoor: true });
  journey = journeyOn(rollbook);
});
afterEach(async () => {
  await rollbook.logDoor?.open();
  await until('the log is back', async () => (await journey.signIn('nobody', 'x')).status === 401, 60_000);
});
afterAll(() => rollbook.stop());

const ENDED = [401, 'UNAUTHORIZED', 'Authorization', 'session_ended'];
const tokenOf = ({ body }: ClientAnswer): string => String(body.access_token);
/** Waits until the read model of sessions has heard of everything. */
const allProjected = async (): Promise<void> => {
  await until('the read model has everything', async () => {
    const end = await rollbook.store.end();
    const [row] = await sql<{ position: string }>(
      rollbook,
      "select position from read_model.projections where name = 'user_sessions'",
    );
    return (row?.position ?? '') >= (end ?? '');
  });
};

describe('While the log cannot be reached', () => {
  test('whoever is signed in goes on reading, and commands answer 503', async () => {
    const token = tokenOf(await journey.member('reader'));
    await allProjected();
    await rollbook.logDoor?.shut();
    for (let n = 0; n < 20; n += 1) expect((await journey.me(token)).status).toBe(200);
    const command = await call(rollbook.url, 'POST', '/auth/logout-all', { token });
    expect([refusal(command), command.headers.get('retry-after')]).toStrictEqual([[503, 'SERVICE_UNAVAILABLE'], '2']);
    await rollbook.logDoor?.open();
    await until('commands are taken again', async () => {
      const { status } = await call(rollbook.url, 'POST', '/auth/logout-all', { token });
      return status === 204;
    });
    expect(refusal(await journey.meEnded(token))).toStrictEqual(ENDED);
  });

  test('whose session had ended before stays out', async () => {
    const [left, everywhere] = [tokenOf(await journey.member('left')), tokenOf(await journey.member('everywhere'))];
    expect((await call(rollbook.url, 'POST', '/auth/logout', { token: left })).status).toBe(204);
    expect((await call(rollbook.url, 'POST', '/auth/logout-all', { token: everywhere })).status).toBe(204);
    await allProjected();
    await rollbook.logDoor?.shut();
    for (const token of [left, everywhere]) expect(refusal(await journey.meEnded(token))).toStrictEqual(ENDED);
  });

  test('a log that only stays silent stops no query either, and soon none waits for it any more', async () => {
    const token = tokenOf(await journey.member('patient'));
    await allProjected();
    rollbook.logDoor?.silence();
    const begun = performance.now();
    expect((await journey.me(token)).status).toBe(200);
    await until('queries no longer wait', async () => {
      const asked = performance.now();
      expect((await journey.me(token)).status).toBe(200);
      return performance.now() - asked < 250;
    });
    expect(performance.now() - begun).toBeLessThan(30_000);
    for (let n = 0; n < 20; n += 1) expect((await journey.me(token)).status).toBe(200);
  });

  test('query-api stays ready and says that the log is down; command-api is not ready', async () => {
    const urlOf = (name: string): string => rollbook.services[name]?.addresses['http'] ?? '';
    const ready = (name: string) => probe(urlOf(name), { path: '/health/ready' });
    await until('both are ready', async () =>
      (await Promise.all([ready('queryApi'), ready('commandApi')])).every(({ status }) => status === 200),
    );
    await rollbook.logDoor?.shut();
    const [queries, commands] = await Promise.all([ready('queryApi'), ready('commandApi')]);
    expect(queries.json).toMatchObject({ status: 'ready', checks: { event_log: 'down', user_sessions: 'up' } });
    expect(commands.status).toBe(503);
  });
});
