import type { Plant } from './handlers.ts';

/** A fault of the kind that the protocols exist to prevent, and the promise that it breaks. */
export interface PlantedFault {
  readonly name: string;
  readonly plants: readonly Plant[];
  /** The scenario that must find it. */
  readonly scenario: string;
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: 'a stale claim is taken over without a fence',
    scenario: 'two strangers want the same address and username',
    plants: [
      {
        file: 'claim/claims.handle.ts',
        text: "if (seen.verdict === 'stale' && seen.holder && seen.claim) {",
        instead: "if ((seen.verdict as string) === 'never' && seen.holder && seen.claim) {",
      },
    ],
  },
  {
    name: 'a pending registration expires by the clock',
    scenario: 'an address is verified while its time is over and somebody else wants it',
    plants: [{ file: 'claim/judge-claim.decide.ts', text: "? 'overdue' : 'in-use'", instead: "? 'dead' : 'in-use'" }],
  },
  {
    name: 'an administrator is listed before the grant',
    scenario: 'two administrators are made at once',
    plants: [
      {
        file: 'user/register-user/register-user.handle.ts',
        text: '    await this.#ports.log.append(userStream(this.#userId), own.end, events, this.#context);',
        instead: `    const roster = await this.#ports.log.read('adminroster');
    const listed = { grantId: derivedUuid('grant', this.#commandId), userId: this.#userId };
    await this.#ports.log.append(
      'adminroster', roster.end, [{ type: 'AdminListed', data: listed, personal: null }], this.#context,
      [derivedUuid('listing', listed.grantId)],
    );
    await this.#ports.log.append(userStream(this.#userId), own.end, events, this.#context);`,
      },
    ],
  },
  {
    name: 'a lost race is taken for a success',
    scenario: 'one command is executed twice at once',
    plants: [
      {
        file: 'command/command.ts',
        text: "derivedUuid('person', commandId)",
        instead: "derivedUuid('person', commandId, String(globalThis.performance.now()))",
      },
    ],
  },
  {
    name: 'a replayed refresh token is answered before the session has ended',
    scenario: 'three use one refresh token',
    plants: [
      {
        file: 'session/refresh/refresh.handle.ts',
        text: "await endSession(ports, claims.sid, 'replayed', context);",
        instead: 'void endSession; void context;',
      },
    ],
  },
  {
    name: 'an administrator is demoted before the grant is unlisted',
    scenario: 'two administrators demote each other',
    plants: [
      {
        file: 'user/update-user/update-user.handle.ts',
        text: 'if (plan.removal && roster && target.person.grantId !== null) {',
        instead: 'if (plan.removal && roster && target.person.grantId === this.#commandId) {',
      },
    ],
  },
  {
    name: 'a receipt is signed while the key still lives',
    scenario: 'to erase somebody is executed twice',
    plants: [
      {
        file: 'user/erase-user/finish-erasure.handle.ts',
        text: '  await keys.destroy(id, erased.position);',
        instead: '  void keys;',
      },
    ],
  },
  {
    name: 'sessions are ended from a list, not by the revision that they began at',
    scenario: 'a sign-out everywhere meets a sign-in',
    plants: [
      {
        file: 'session/logout-everywhere/logout-everywhere.handle.ts',
        text: '    if (effect) return effect.last;',
        instead: `    if (effect) {
      const { endSession } = await import('../end-session.handle.ts');
      const context = writeContext(command, commandId, personActor(userId));
      for (const event of (await ports.log.read('signin-' + userId)).events)
        if (event.type === 'SignedIn') await endSession(ports, event.data.sessionId, 'revoked', context);
      return effect.last;
    }`,
      },
      {
        file: 'session/refresh/refresh.decide.ts',
        text: "  if (endsSession(person, session.id, session.ver)) return reject('refresh_session_ended');",
        instead: '  void endsSession;',
      },
    ],
  },
  {
    name: 'a session begins at the revision that is read after the password was looked at',
    scenario: 'a reset meets a sign-in',
    plants: [
      {
        file: 'session/login/login.handle.ts',
        text: 'ver: person.revision',
        instead: "ver: (await ports.log.read('user-' + userId)).end.revision",
      },
    ],
  },
  {
    name: 'a link is judged before the password is hashed, and not again when everything is read again',
    scenario: 'a reset meets a password change',
    plants: [
      {
        file: 'password/set-by-link.handle.ts',
        text: "const decided = decide(person, link, hash ?? '');",
        instead: `const asked = { requestId, emailDigest, requestedAt: '', withRejection: false };
    const judged = { ...person, reset: asked, usedRequests: [] };
    const decided = hash === null ? decide(person, link, '') : decide(judged, link, hash);`,
      },
    ],
  },
  {
    name: 'the sweep decides by the clock, whatever has happened since it looked',
    scenario: 'the sweep meets a verification',
    plants: [
      {
        file: 'user/expire-registration/sweep-registrations.handle.ts',
        text: 'if (!isOverdue(person, ports.clock.now(), ports.pendingTtl)) return',
        instead: 'if (person.expired || (!wrote && !isOverdue(person, ports.clock.now(), ports.pendingTtl))) return',
      },
    ],
  },
  {
    name: 'an erasure is confirmed by a link whose request was taken back',
    scenario: 'a request for erasure is confirmed while it is cancelled',
    plants: [
      {
        file: 'user/confirm-erasure/confirm-erasure.handle.ts',
        text: 'const decided = decideConfirmErasure(person, link);',
        instead: `const asked = { requestId, emailDigest, requestedAt: '', withRejection: false, confirmed: false };
    const decided = decideConfirmErasure({ ...person, erasure: asked }, link);`,
      },
    ],
  },
  {
    name: 'whoever makes an API key is looked at only once',
    scenario: 'an administrator makes an API key while being demoted',
    plants: [
      {
        file: 'api-key/create-api-key/create-api-key.handle.ts',
        text: `  return inRounds<CreatedApiKey | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);`,
        instead: `  const first = ports.authority.check(command.bearer);
  return inRounds<CreatedApiKey | Rejection>(ports, async () => {
    const caller = await first;`,
      },
    ],
  },
  {
    name: 'an API key is shown to whoever finds it made',
    scenario: 'one API key is made twice at once',
    plants: [
      {
        file: 'api-key/create-api-key/create-api-key.handle.ts',
        text: 'text: apiKey.digest === digest ? text : null',
        instead: 'text',
      },
    ],
  },
  {
    name: 'a redrive does not look for its own request',
    scenario: 'one redrive is asked for twice at once',
    plants: [
      {
        file: 'operations/redrive/redrive.handle.ts',
        text: 'const own = events.find(({ metadata }) => metadata.commandId === commandId);',
        instead: 'const own = events.find(({ id }) => id === eventId);',
      },
    ],
  },
];
