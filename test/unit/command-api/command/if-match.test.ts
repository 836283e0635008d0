import { describe, expect, test } from '@jest/globals';
import { refuseIfMatch } from '../../../../command-api/src/command/if-match.ts';
import { userStream } from '@rollbook/shared/contracts/streams';
import { history, PERSON_ID } from '../../../support/given.ts';
import { forfeited, registered, USERNAME_CLAIM, verificationRequested } from '../../../support/happenings.ts';

const stream = userStream(PERSON_ID);
const two = history(stream, [registered(), verificationRequested()]);
const fenced = history(stream, [
  registered(),
  verificationRequested(),
  forfeited(USERNAME_CLAIM),
  forfeited(PERSON_ID),
]);
const refusedWith = (etag: string) => ({ rejection: 'precondition_failed', etag });

describe('If-Match', () => {
  test('asks for nothing when it was not sent', () => {
    expect(refuseIfMatch(null, two)).toBeNull();
    expect(refuseIfMatch(null, [])).toBeNull();
  });

  test.each(['"1"', 'W/"1"', '"1.7"', '"0", "1"', '*'])('%s is met at revision 1', (header) => {
    expect(refuseIfMatch(header, two)).toBeNull();
  });

  test.each(['"0"', '"2"', '1', '"abc"', '"-1"', '""', '"01"'])('%s is refused, with the current ETag', (header) => {
    expect(refuseIfMatch(header, two)).toStrictEqual(refusedWith('"1"'));
  });

  test('is refused where there is nobody yet', () => {
    expect(refuseIfMatch('*', [])).toStrictEqual({ rejection: 'precondition_failed' });
  });

  test.each(['"1"', '"2"', '"3"', '*'])('%s is met when only forfeited claims stand after it', (header) => {
    expect(refuseIfMatch(header, fenced)).toBeNull();
  });

  test('is refused when anything else stands after the revision it names', () => {
    expect(refuseIfMatch('"0"', fenced)).toStrictEqual(refusedWith('"3"'));
    const later = history(stream, [registered(), forfeited(USERNAME_CLAIM), verificationRequested()]);
    expect(refuseIfMatch('"0"', later)).toStrictEqual(refusedWith('"2"'));
    expect(refuseIfMatch('"1"', later)).toStrictEqual(refusedWith('"2"'));
  });
});
