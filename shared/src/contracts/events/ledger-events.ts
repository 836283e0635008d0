import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { ROLES } from '../roles.ts';

const uuid = z.uuid();

/** In `emailclaim-…` / `usernameclaim-…`. The event's own id is the claimId. Internal: in no feed and no export. */
const claim = { userId: uuid, /** RFC 3339; 2 minutes after the claim. */ expiresAt: z.string() };
export const EmailClaimed = defineEvent('EmailClaimed', 1, { data: claim });
export const UsernameClaimed = defineEvent('UsernameClaimed', 1, { data: claim });

/** In `adminroster`: this grant counts as an administrator who can sign in. */
export const AdminListed = defineEvent('AdminListed', 1, { data: { grantId: uuid, userId: uuid } });

/** In `adminroster`: this grant counts no more, and is never listed again. */
export const AdminUnlisted = defineEvent('AdminUnlisted', 1, {
  data: {
    grantId: uuid,
    userId: uuid,
    removal: z.enum(['demotion', 'deactivation', 'erasure']),
    /** The role that a demotion gives; null for the other removals. */
    to: z.enum(ROLES).nullable(),
    commandId: uuid,
  },
});

const checks = z.record(z.string(), z.string());

/** The first event of a log: proves later which keys this log was written with. Values are HMACs, not keys. */
export const KeyChecksRecorded = defineEvent('KeyChecksRecorded', 1, {
  data: { digestKey: z.string(), peppers: checks, masterKeys: checks },
});

/** A new pepper or master key, before its first use. */
export const KeyCheckAdded = defineEvent('KeyCheckAdded', 1, {
  data: { kind: z.enum(['pepper', 'master-key']), id: z.string(), check: z.string() },
});

export const LEDGER_EVENTS = [
  EmailClaimed,
  UsernameClaimed,
  AdminListed,
  AdminUnlisted,
  KeyChecksRecorded,
  KeyCheckAdded,
] as const;
