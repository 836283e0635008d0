import { apiKeyDigest, API_KEY_SECRET_BYTES, writeApiKey } from '@rollbook/shared/api-key/api-key-text';
import { foldApiKey, type ApiKey } from '@rollbook/shared/api-key/api-key.state';
import { readApiKey } from '@rollbook/shared/api-key/read-api-key';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { apiKeyStream } from '@rollbook/shared/contracts/streams';
import { AppendRefused } from '@rollbook/shared/event-log/errors';
import type { EventLog } from '@rollbook/shared/event-log/event-log';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { Random } from '@rollbook/shared/kernel/random';
import type { Authority } from '@rollbook/shared/person/authority';
import { Attempts } from '../../command/attempts.ts';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { decideCreateApiKey, refuseKeyManager, type WantedApiKey } from './create-api-key.decide.ts';

export interface CreateApiKeyPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly authority: Pick<Authority, 'check'>;
}

/** A key as its creation left it. */
export interface CreatedApiKey {
  readonly apiKey: ApiKey;
  /** The key's text, for whoever's secret stands in the log; null for every repeat. */
  readonly text: string | null;
  readonly last: AnyEvent;
}

/**
 * Makes a key. Its id follows from the command, so a repeat finds it; its secret is new in every execution and leaves
 * only with the execution whose event stands: nobody can be told it twice.
 */
export const createApiKey = (
  ports: CreateApiKeyPorts,
  command: Command,
  wanted: WantedApiKey,
): Promise<CreatedApiKey | Rejection> => {
  const secret = ports.random.bytes(API_KEY_SECRET_BYTES);
  const attempts = new Attempts(command, ports.clock);
  return inRounds<CreatedApiKey | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const refused = refuseKeyManager(caller);
    if (refused) return refused;
    const { commandId } = attempts;
    const id = derivedUuid('api-key', commandId);
    const text = writeApiKey(id, secret);
    const digest = apiKeyDigest(text).toString('hex');
    const { events, end } = await readApiKey(ports.log, id);
    const [created] = events;
    if (created && attempts.passOver(created)) return AGAIN;
    const apiKey = created && foldApiKey([created]);
    if (apiKey) return { apiKey, text: apiKey.digest === digest ? text : null, last: created };
    // Nothing exists yet that a precondition could name (RFC 9110, 13.1.1).
    if (command.ifMatch !== null) return reject('precondition_failed');
    const decided = decideCreateApiKey(wanted, digest, ports.clock.now());
    if (isRejection(decided)) return decided;
    const context = writeContext(command, commandId, personActor(caller.userId));
    try {
      await ports.log.append(apiKeyStream(id), end, decided, context);
    } catch (fault) {
      // Erased while this was decided: their key takes no name any more, and they are no administrator now.
      if (!(fault instanceof AppendRefused) || !isRejection(await ports.authority.check(command.bearer))) throw fault;
    }
    return AGAIN;
  });
};
