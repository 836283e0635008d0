import { describe, expect, test } from '@jest/globals';
import type { SeenName } from '../../../../command-api/src/claim/claims.handle.ts';
import { isTheirs, namesRefusal } from '../../../../command-api/src/user/update-user/seen-names.ts';
import type { UpdatePlan } from '../../../../command-api/src/user/update-user/update-user.decide.ts';
import { PERSON_ID, personWith } from '../../../support/given.ts';
import { registered, registeredByStaff } from '../../../support/happenings.ts';

const END = { revision: 0, hash: null, recordedAt: null };
const seen = (kind: SeenName['kind'], verdict: SeenName['verdict'], holder = registeredByStaff): SeenName => ({
  kind,
  stream: `${kind}claim-x`,
  end: END,
  ownClaimId: PERSON_ID,
  verdict,
  claim: null,
  holder: { person: personWith(holder), end: END },
});
const plan = (how: 'request' | 'set'): UpdatePlan => ({
  profile: {},
  username: 'wanted',
  email: { how, address: 'a@example.com', canonical: 'a@example.com' },
  role: null,
  active: null,
  removal: null,
});

describe('The names of a change', () => {
  test('are to be had where nobody has them', () => {
    for (const verdict of ['free', 'own', 'dead', 'stale', 'overdue'] as const) {
      const names = { username: seen('username', verdict), email: seen('email', verdict) };
      expect(namesRefusal(plan('set'), names)).toBeNull();
    }
    expect(namesRefusal(plan('set'), { username: null, email: null })).toBeNull();
  });

  test('may belong to somebody, or be claimed just now; the address is told first', () => {
    const taken = { username: seen('username', 'in-use'), email: null };
    expect(namesRefusal(plan('set'), taken)).toStrictEqual({ rejection: 'username_taken' });
    const both = { ...taken, email: seen('email', 'in-use') };
    expect(namesRefusal(plan('set'), both)).toStrictEqual({ rejection: 'email_taken' });
    const claimed = { username: seen('username', 'in-progress'), email: null };
    expect(namesRefusal(plan('set'), claimed)).toStrictEqual({ rejection: 'username_in_progress' });
    const bothClaimed = { ...claimed, email: seen('email', 'in-progress') };
    expect(namesRefusal(plan('set'), bothClaimed)).toStrictEqual({ rejection: 'email_in_progress' });
  });

  test('a registration that nobody verified gives way to a request, which will prove the mailbox, and to nothing else', () => {
    const names = { username: null, email: seen('email', 'in-use', registered()) };
    expect(namesRefusal(plan('request'), names)).toBeNull();
    expect(namesRefusal(plan('set'), names)).toStrictEqual({ rejection: 'email_taken' });
  });

  test('may be theirs since they were looked at', () => {
    expect(isTheirs(seen('email', 'in-use'), personWith(registeredByStaff))).toBe(true);
    expect(isTheirs(seen('email', 'dead'), personWith(registeredByStaff))).toBe(false);
    expect(isTheirs(null, personWith(registeredByStaff))).toBe(false);
  });
});
