import { expect, test } from '@jest/globals';
import { subjectOfEvent } from '@rollbook/shared/audit/subject-of';

const ADA = '11111111-1111-4111-8111-111111111111';
const BOB = '22222222-2222-4222-8222-222222222222';

test.each([
  ['a change of a person', { type: 'ProfileChanged', stream: `user-${ADA}`, data: { fields: ['name'] } }, ADA],
  ['a sign-in', { type: 'SignedIn', stream: `signin-${ADA}`, data: {} }, ADA],
  ['a session', { type: 'SessionStarted', stream: `session-${BOB}`, data: { userId: ADA } }, ADA],
  ['a claim', { type: 'EmailClaimed', stream: 'emailclaim-ab', data: { userId: ADA } }, ADA],
  [
    'a refused command on somebody',
    { type: 'AdministrationRefused', stream: `signin-${BOB}`, data: { target: ADA } },
    ADA,
  ],
  [
    'a refused command on nobody',
    { type: 'AdministrationRefused', stream: `signin-${BOB}`, data: { target: null } },
    BOB,
  ],
  ['reading a history', { type: 'HistoryRead', stream: `signin-${BOB}`, data: { subject: ADA } }, ADA],
  ['an API key', { type: 'ApiKeyRevoked', stream: `apikey-${BOB}`, data: {} }, null],
  ['a checkpoint', { type: 'CheckpointSigned', stream: 'notary', data: { size: 7 } }, null],
  ['a field that names nobody', { type: 'Whatever', stream: 'service', data: { userId: 'ada' } }, null],
])('%s is about the right person', (_, event, expected) => {
  expect(subjectOfEvent(event)).toBe(expected);
});
