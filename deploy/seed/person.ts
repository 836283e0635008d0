import type { Role } from '@rollbook/shared/contracts/roles';
import { DAY, HOUR, MINUTE } from '@rollbook/shared/kernel/clock';
import { drawFor, type Draw } from './draw.ts';
import { ACCENTED, COMMON, OTHER_SCRIPTS, type NameStock } from './names.ts';

/** Which people are made. The same plan makes the same people, event ids included. */
export interface SeedPlan {
  /** From 1 on; people of different seeds share no address and no username. */
  readonly seed: number;
  readonly users: number;
  /** When the last of them registered, ms since 1970: now, but for tests. */
  readonly until: number;
}

/** What somebody does; times in ms since 1970, none before the one above it. */
export interface SeededPerson {
  readonly n: number;
  readonly registeredAt: number;
  readonly via: 'self' | 'staff';
  readonly role: Role;
  readonly email: string;
  readonly username: string;
  readonly name: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly phone: string | null;
  readonly preferences: Readonly<Record<string, string | boolean>>;
  /** False: invited, no password at first. */
  readonly hasPassword: boolean;
  /** The address was verified, or the invitation accepted; null: not yet. */
  readonly provedAt: number | null;
  readonly phoneChangedAt: number | null;
  /** The role `user` was changed to `role` then; null: it was given at once. */
  readonly promotedAt: number | null;
  readonly deactivatedAt: number | null;
  readonly signIns: readonly SignIn[];
}

export interface SignIn {
  readonly at: number;
  readonly address: string;
  readonly userAgent: string;
  readonly signedOutAt: number | null;
}

/** The oldest registration. */
const SPAN = 2 * 365 * DAY;
/** Registrations that are not verified for longer would be expired by the service. */
const PENDING = 6 * DAY;
/** No request of a mail is younger than its link lives: nobody gets a mail. */
const MAIL_LIFE = 26 * HOUR;
const INVITATION_LIFE = 8 * DAY;

// Names that are kept for documentation (RFC 2606, 6761): no mail to them reaches anybody.
const DOMAINS = ['example.com', 'example.org', 'example.net', 'mail.example.com', 'büro.example', 'post.example.org'];
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0', 'Mozilla/5.0 (iPhone) Safari/605', 'Rollbook-App/3.2'];
const LANGUAGES = ['en', 'de', 'es', 'fr', 'pl', 'zh'];

const stockFor = (draw: Draw): NameStock =>
  draw.chance(0.9) ? COMMON : draw.chance(0.7) ? ACCENTED : draw.of(OTHER_SCRIPTS);

/** More and more people a day, from the beginning of the span to its end. */
const registrationTime = ({ users, until }: SeedPlan, n: number, draw: Draw): number =>
  Math.floor(until - SPAN * (1 - Math.sqrt((n + draw.fraction()) / users)));

/** One in 2,000 is an auditor, one in 250 a manager, one in 60 a moderator. Never an administrator: all know the password. */
const roleFor = (draw: Draw): Role => {
  const share = draw.fraction();
  return share < 1 / 2_000 ? 'auditor' : share < 1 / 250 ? 'manager' : share < 1 / 60 ? 'moderator' : 'user';
};

/** The n-th person of the plan, from 0. Pure: the same plan and number, the same person. */
export const seededPerson = (plan: SeedPlan, n: number): SeededPerson => {
  const draw = drawFor(plan.seed, n);
  const registeredAt = registrationTime(plan, n, draw);
  const age = plan.until - registeredAt;
  const stock = stockFor(draw);
  const [first, last] = [draw.skewed(stock.first), draw.skewed(stock.last)];
  const mark = `${plan.seed === 1 ? '' : `${plan.seed.toString(36)}-`}${n.toString(36)}`;
  const role = roleFor(draw);
  const via = role !== 'user' || draw.chance(0.2) ? 'staff' : 'self';
  const hasPassword = via === 'self' || draw.chance(0.9) || age < INVITATION_LIFE;
  const isProved = age < MAIL_LIFE || (via === 'self' ? age > PENDING || draw.chance(0.6) : draw.chance(0.8));
  const provedAt = isProved ? registeredAt + Math.floor(draw.fraction() * Math.min(age, 20 * MINUTE)) : null;
  const from = (provedAt ?? registeredAt) + 1;
  const between = (start: number, end: number): number =>
    start + Math.floor(draw.fraction() * Math.max(0, end - start));
  const isPending = via === 'self' && provedAt === null;
  const canSignIn = !isPending && (hasPassword || provedAt !== null);
  const phoneChangedAt = canSignIn && draw.chance(0.1) ? between(from, plan.until) : null;
  const promotedAt = role !== 'user' && draw.chance(0.5) ? between(phoneChangedAt ?? from, plan.until) : null;
  const deactivatedAt =
    !isPending && draw.chance(0.05) ? between(promotedAt ?? phoneChangedAt ?? from, plan.until) : null;
  const times = canSignIn && draw.chance(0.35) ? 1 + draw.below(2) : 0;
  return {
    n,
    registeredAt,
    via,
    role,
    email: `${first[1]}.${last[1]}.${mark}@${draw.skewed(DOMAINS)}`,
    username: `${draw.chance(0.5) ? first[1] : `${first[1]}_${last[1]}`}_${mark}`,
    name: stock.familyFirst === true ? last[0] + first[0] : draw.chance(0.03) ? `${first[0]} ${last[0]} 🌻` : null,
    firstName: draw.chance(0.95) ? first[0] : null,
    lastName: draw.chance(0.95) ? last[0] : null,
    phone: draw.chance(0.3) ? `+1-555-${String(draw.below(10_000)).padStart(4, '0')}` : null,
    preferences: draw.chance(0.5) ? { language: draw.skewed(LANGUAGES), newsletter: draw.chance(0.3) } : {},
    hasPassword,
    provedAt,
    phoneChangedAt,
    promotedAt,
    deactivatedAt,
    signIns: signInsOf(draw, times, from, deactivatedAt ?? plan.until),
  };
};

const signInsOf = (draw: Draw, times: number, from: number, until: number): readonly SignIn[] =>
  Array.from({ length: times }, () => from + Math.floor(draw.fraction() * Math.max(0, until - from)))
    .sort((a, b) => a - b)
    .map((at) => ({
      at,
      // Addresses that are kept for documentation (RFC 5737).
      address: `203.0.113.${String(1 + draw.below(254))}`,
      userAgent: draw.skewed(AGENTS),
      signedOutAt: draw.chance(0.2) ? Math.min(until, at + draw.below(HOUR)) : null,
    }));
