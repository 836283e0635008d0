import { beforeEach, describe, expect, test } from '@jest/globals';
import { isRejection } from '@rollbook/shared/contracts/rejections';
import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import { DAY, HOUR, MINUTE } from '@rollbook/shared/kernel/clock';
import { ANONYMOUS } from '../../../../command-api/src/command/command.ts';
import { login, type LoginPorts } from '../../../../command-api/src/session/login/login.handle.ts';
import { noteFailedSignIn } from '../../../../command-api/src/session/failed-sign-in/note-failed-sign-in.handle.ts';
import { reportRefusedSignIns } from '../../../../command-api/src/session/failed-sign-in/report-refused-sign-ins.handle.ts';
import { Turns } from '@rollbook/shared/kernel/turns';
import { UnknownNames } from '../../../../command-api/src/session/failed-sign-in/unknown-names.ts';
import { registerUser } from '../../../../command-api/src/user/register-user/register-user.handle.ts';
import { aCommand, aRegistration, cheapHash, commandRig } from '../../../support/command-rig.ts';

const REGISTRAR = { registrar: { kind: 'self' }, actor: ANONYMOUS } as const;
let compared: number;
let logged: number[];
let rig: ReturnType<typeof commandRig>;
let ports: LoginPorts;
let userId: string;

beforeEach(async () => {
  compared = 0;
  logged = [];
  const slowHash = {
    ...cheapHash,
    compare: (input: string, hash: string) => {
      compared += 1;
      return cheapHash.compare(input, hash);
    },
  };
  rig = commandRig({ slowHash, places: 256 });
  const unknownNames = new UnknownNames(rig.clock, (count) => void logged.push(count));
  ports = { ...rig, unknownNames, sessionLife: (30 * DAY) / 1_000 };
  const registered = await registerUser(rig, aCommand(), aRegistration(), () => Promise.resolve(REGISTRAR));
  if (isRejection(registered)) throw new Error(registered.rejection);
  userId = registered.person.id ?? '';
});

const signIn = (username: string, password: string, by: LoginPorts = ports) =>
  login(by, aCommand(), { name: { kind: 'username', username }, password });
/** Signs in and does what is left for after the answer. */
const failToSignIn = async (username: string): Promise<void> => {
  const answer = await signIn(username, 'Wrong-Horse-7');
  if (!('after' in answer)) throw new Error('It left nothing to do');
  await answer.after();
};
/** Each time by a copy of its own: within one, they come one after the other. */
const note = () =>
  noteFailedSignIn({ ...ports, turns: new Turns() }, aCommand(), { userId, where: 'sign-in', actor: ANONYMOUS });
const signins = async () => (await rig.log.read(`signin-${userId}`)).events;
const many = (count: number, act: () => Promise<void>) => Promise.all(Array.from({ length: count }, act));

describe('A wrong password', () => {
  test('is an event of the person, under the key of the day, by nobody that is known', async () => {
    await failToSignIn('ada_l');
    const [event, ...more] = await signins();
    expect([event?.type, event?.data, more]).toStrictEqual(['SignInFailed', { where: 'sign-in' }, []]);
    expect(event?.metadata.actor).toStrictEqual({ kind: 'anonymous', id: null });
    expect(event?.origin).toStrictEqual({ address: '192.0.2.7', userAgent: 'test' });
    const [stored] = await rig.store.read(`signin-${userId}`);
    expect(stored?.personal.map(({ subject }) => subject)).toStrictEqual(['day-2026-01-02']);
  });

  test('is recorded after the answer, not before', async () => {
    await signIn('ada_l', 'Wrong-Horse-7');
    expect(await signins()).toStrictEqual([]);
  });

  test('for a name that nobody has is no event but a number in the log, at most one a minute', async () => {
    const before = await rig.store.end();
    await many(30, () => failToSignIn('nobody'));
    expect(await rig.store.end()).toBe(before);
    expect(logged).toStrictEqual([1]);
    rig.clock.pass(MINUTE);
    await failToSignIn('nobody');
    expect(logged).toStrictEqual([1, 30]);
  });

  test('is no failure where the password is right and the account is not active', async () => {
    const answer = await signIn('ada_l', 'Correct-Horse-7');
    expect(answer).toStrictEqual({ rejection: 'email_not_verified' });
  });
});

describe('Many wrong passwords', () => {
  test('at once through many copies make twenty events an hour, and the rest one', async () => {
    await many(50, note);
    expect((await signins()).map(({ type }) => type)).toStrictEqual(Array.from({ length: 20 }, () => 'SignInFailed'));
    rig.clock.pass(HOUR + 2 * MINUTE);
    await many(5, () => reportRefusedSignIns(ports));
    const [reported, ...more] = (await signins()).slice(20);
    expect([reported?.type, reported?.data, more]).toStrictEqual([
      'SignInsRefused',
      { from: '2026-01-02T03:00:00.000Z', count: 30 },
      [],
    ]);
    await many(25, note);
    expect((await signins()).filter(({ type }) => type === 'SignInFailed')).toHaveLength(40);
  });

  test('are not reported while their hour goes on', async () => {
    await many(21, note);
    await reportRefusedSignIns(ports);
    expect(await signins()).toHaveLength(20);
  });

  test('are reported once, also where the reporter stopped before it could note that', async () => {
    await many(21, note);
    rig.clock.pass(2 * HOUR);
    const stopped = { ...rig.refusals, remove: () => Promise.reject(new StoreUnavailable('stopped')) };
    await expect(reportRefusedSignIns({ ...ports, refusals: stopped })).rejects.toThrow('stopped');
    // Much happens before the next one comes.
    for (let round = 0; round < 4; round += 1) {
      rig.clock.pass(HOUR);
      await many(20, note);
    }
    await reportRefusedSignIns(ports);
    expect((await signins()).filter(({ type }) => type === 'SignInsRefused')).toHaveLength(1);
    expect(await rig.refusals.ended()).toStrictEqual([]);
  });
});

describe('Turns', () => {
  test('of one person come one after the other, of two at once, and a fault stops nobody', async () => {
    const turns = new Turns();
    const happened: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<void> => {
        happened.push(`${name} begins`);
        await Promise.resolve();
        if (fails) throw new Error(name);
        happened.push(`${name} ends`);
      };
    const faulty = turns.run('ada', work('first', true));
    const all = [turns.run('ada', work('second')), turns.run('ada', work('third')), turns.run('bob', work('other'))];
    await expect(faulty).rejects.toThrow('first');
    await Promise.all(all);
    expect(happened.filter((what) => !what.startsWith('other'))).toStrictEqual([
      'first begins',
      'second begins',
      'second ends',
      'third begins',
      'third ends',
    ]);
    expect(happened.indexOf('other ends')).toBeLessThan(happened.indexOf('second ends'));
  });
});

describe('Where the limits cannot be asked', () => {
  const away = {
    ...commandRig().limits,
    take: () => Promise.reject(new StoreUnavailable('The credential limits cannot be reached')),
  };

  test.each(['ada_l', 'nobody'])('nothing is hashed for %s, whatever the password', async (name) => {
    for (const password of ['Correct-Horse-7', 'Wrong-Horse-7'])
      await expect(signIn(name, password, { ...ports, limits: away })).rejects.toThrow(StoreUnavailable);
    expect([compared, rig.queue.taken]).toStrictEqual([0, 0]);
  });
});
