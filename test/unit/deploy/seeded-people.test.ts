import { describe, expect, test } from '@jest/globals';
import { definitionOf } from '@rollbook/shared/contracts/events/all-events';
import { DAY } from '@rollbook/shared/kernel/clock';
import { canonicalEmail } from '@rollbook/shared/person/canonical-email';
import { NameDigests } from '@rollbook/shared/person/name-digests';
import { registerUserBody } from '../../../command-api/src/user/register-user/register-user.body.ts';
import { lifeOf, type Life } from '../../../deploy/seed/life.ts';
import { seededPerson, type SeededPerson, type SeedPlan } from '../../../deploy/seed/person.ts';

const UNTIL = Date.parse('2026-06-01T12:00:00Z');
const plan: SeedPlan = { seed: 1, users: 6_000, until: UNTIL };
const people = (of: SeedPlan, count = of.users): readonly SeededPerson[] =>
  Array.from({ length: count }, (_none, n) => seededPerson(of, n));
const parts = { seed: 1, digests: new NameDigests(Buffer.alloc(32, 7)), passwordHash: 'p1$$2b$04$hash' };
const all = people(plan);
const lives = all.map((person) => lifeOf(person, parts));
const streamsOf = ({ claims, own, signIns }: Life) => [...claims, own, ...signIns];
const share = (holds: (person: SeededPerson) => boolean): number => all.filter(holds).length / all.length;

describe('Seeded people', () => {
  test('are the same for the same plan, event ids included, and others for another seed', () => {
    expect(people(plan, 50)).toStrictEqual(all.slice(0, 50));
    expect(people(plan, 50).map((person) => lifeOf(person, parts))).toStrictEqual(lives.slice(0, 50));
    const other = people({ ...plan, seed: 2 }, 1_000);
    const taken = new Set(all.flatMap(({ email, username }) => [email, username]));
    expect(other.filter(({ email, username }) => taken.has(email) || taken.has(username))).toStrictEqual([]);
  });

  test('would be accepted by the registration form, and share no address and no username', () => {
    const body = registerUserBody(new Set());
    for (const { email, username, name, firstName, lastName, phone, preferences } of all) {
      const form = { email, username, name, first_name: firstName, last_name: lastName, phone, preferences };
      const given = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== null));
      expect([email, body.safeParse(given).error?.issues ?? []]).toStrictEqual([email, []]);
    }
    expect(new Set(all.map(({ email }) => canonicalEmail(email))).size).toBe(all.length);
    expect(new Set(all.map(({ username }) => username)).size).toBe(all.length);
  });

  test('make events that are as their types declare', () => {
    for (const { event } of lives.flatMap(streamsOf).flatMap(({ events }) => events)) {
      const { data, personal } = definitionOf(event.type)!;
      expect([event.type, data.safeParse(event.data).error ?? null]).toStrictEqual([event.type, null]);
      if (personal === null) expect(event.personal).toBeNull();
      else expect([event.type, personal.safeParse(event.personal).error ?? null]).toStrictEqual([event.type, null]);
    }
  });

  test('do one thing after the other, and nothing in the future', () => {
    for (const { events } of lives.flatMap(streamsOf)) {
      const times = events.map(({ at }) => at);
      expect(times).toStrictEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThanOrEqual(UNTIL + 1);
      expect(times[0]).toBeGreaterThan(UNTIL - 2 * 365 * DAY - 1);
    }
  });

  test('are of all kinds, some of them rare, and none is an administrator', () => {
    expect(share(({ role }) => role === 'user')).toBeGreaterThan(0.95);
    for (const role of ['moderator', 'manager', 'auditor'] as const) {
      expect(share((person) => person.role === role)).toBeGreaterThan(0);
      expect(share((person) => person.role === role)).toBeLessThan(0.05);
    }
    expect(share(({ role }) => role === 'admin')).toBe(0);
    expect(share(({ deactivatedAt }) => deactivatedAt !== null)).toBeGreaterThan(0.02);
    expect(share(({ signIns }) => signIns.length > 0)).toBeGreaterThan(0.2);
    expect(share(({ hasPassword }) => !hasPassword)).toBeGreaterThan(0);
    expect(share(({ firstName }) => /\P{ASCII}/u.test(firstName ?? ''))).toBeGreaterThan(0.05);
    expect(share(({ email }) => /\P{ASCII}/u.test(email))).toBeGreaterThan(0);
  });

  test('cause no mail: whose link would live is verified, and who waits for verification is not overdue', () => {
    const open = all.filter(({ provedAt }) => provedAt === null);
    for (const { registeredAt, hasPassword } of open)
      expect(UNTIL - registeredAt).toBeGreaterThan(hasPassword ? DAY : 7 * DAY);
    const pending = open.filter(({ via }) => via === 'self');
    expect(pending.length).toBeGreaterThan(0);
    for (const { registeredAt } of pending) expect(UNTIL - registeredAt).toBeLessThan(7 * DAY);
  });
});
