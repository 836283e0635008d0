import { foldApiKey } from '@rollbook/shared/api-key/api-key.state';
import { readApiKey } from '@rollbook/shared/api-key/read-api-key';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { apiKeyStream } from '@rollbook/shared/contracts/streams';
import { AGAIN, inRounds } from '@rollbook/shared/event-log/rounds';
import { personActor, writeContext, type Command } from '../../command/command.ts';
import { refuseIfMatch } from '../../command/if-match.ts';
import { refuseKeyManager } from '../create-api-key/create-api-key.decide.ts';
import type { CreateApiKeyPorts } from '../create-api-key/create-api-key.handle.ts';
import { decideRevokeApiKey } from './revoke-api-key.decide.ts';

export type RevokeApiKeyPorts = CreateApiKeyPorts;

/** Ends a key; gives the event that ended it, whoever wrote that. */
export const revokeApiKey = (
  ports: RevokeApiKeyPorts,
  command: Command,
  keyId: string,
): Promise<AnyEvent | Rejection> =>
  inRounds<AnyEvent | Rejection>(ports, async () => {
    const caller = await ports.authority.check(command.bearer);
    if (isRejection(caller)) return caller;
    const refused = refuseKeyManager(caller);
    if (refused) return refused;
    const commandId = command.idOf(0);
    const { events, end } = await readApiKey(ports.log, keyId);
    const last = events.at(-1);
    // A key is revoked for good, so this command's own event is also the last.
    if (last?.type === 'ApiKeyRevoked' && last.metadata.commandId === commandId) return last;
    const decided = decideRevokeApiKey(foldApiKey(events));
    const refusal = isRejection(decided) ? decided : refuseIfMatch(command.ifMatch, events);
    if (refusal || isRejection(decided)) return refusal ?? reject('not_found');
    if (decided.length === 0 && last) return last;
    const context = writeContext(command, commandId, personActor(caller.userId));
    await ports.log.append(apiKeyStream(keyId), end, decided, context);
    return AGAIN;
  });
