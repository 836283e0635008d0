import { describe, expect, test } from '@jest/globals';
import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import { userStream } from '@rollbook/shared/contracts/streams';
import { evolveErasure, type ErasureRow } from '../../../projector/src/erasures/erasures.projection.ts';
import { AT, history, idAt, PERSON_ID } from '../../support/given.ts';
import { expired, registered } from '../../support/happenings.ts';

const requested: AnyNewEvent = {
  type: 'ErasureRequested',
  data: { portal: null, emailDigest: 'd' },
  personal: { email: 'Ada@example.com', username: 'ada_l' },
};
const confirmed: AnyNewEvent = { type: 'ErasureConfirmed', data: { requestId: idAt(1) }, personal: null };
const cancelled: AnyNewEvent = { type: 'ErasureCancelled', data: {}, personal: null };
const erased: AnyNewEvent = { type: 'PersonErased', data: { reason: 'requested' }, personal: null };
const times = { erasedAt: AT, backupsUntil: AT };
const data = { ...times, position: '7', keyId: 'k', outOfReach: null, signedBy: 'r1', signature: 's' };
const receipted: AnyNewEvent = { type: 'ErasureReceipted', data, personal: null };

const rowAfter = (...happened: readonly AnyNewEvent[]): ErasureRow | null =>
  history(userStream(PERSON_ID), [registered(), ...happened]).reduce<ErasureRow | null>(evolveErasure, null);
const none = { requested_at: null, confirmed_at: null, cancelled_at: null, erased_at: null, receipt: null };
const row = { id: PERSON_ID, changed_at: AT };

describe('The list of erasures', () => {
  test('follows a request to its end, and holds nothing personal', () => {
    expect(rowAfter()).toBeNull();
    expect(rowAfter(requested)).toStrictEqual({ ...none, ...row, status: 'requested', requested_at: AT });
    expect(rowAfter(requested, confirmed)).toMatchObject({ status: 'confirmed', confirmed_at: AT });
    expect(rowAfter(requested, confirmed, cancelled)).toMatchObject({ status: 'cancelled', cancelled_at: AT });
    expect(rowAfter(requested, cancelled, requested)).toStrictEqual(rowAfter(requested));
    expect(rowAfter(requested, confirmed, erased)).toMatchObject({ status: 'erased', confirmed_at: AT, receipt: null });
  });

  test('shows the receipt as it was signed', () => {
    expect(rowAfter(erased, receipted)).toStrictEqual({
      ...none,
      ...row,
      status: 'erased',
      erased_at: AT,
      receipt: {
        id: PERSON_ID,
        position: '7',
        erased_at: AT,
        key_id: 'k',
        backups_until: AT,
        signed_by: 'r1',
        signature: 's',
      },
    });
  });

  test('names what the erasure did not reach where the receipt does', () => {
    const named: AnyNewEvent = { ...receipted, data: { ...data, outOfReach: ['exports-handed-out'] } };
    expect(rowAfter(erased, named)?.receipt).toMatchObject({ out_of_reach: ['exports-handed-out'] });
  });

  test('leaves out registrations that expired', () => {
    expect(rowAfter(...expired)).toBeNull();
    expect(rowAfter(requested, ...expired)).toBeNull();
  });
});
