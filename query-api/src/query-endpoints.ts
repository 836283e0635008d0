import type { EventLog } from '@rollbook/shared/event-log/event-log';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import type { Cursors } from '@rollbook/shared/tokens/cursors';
import { getAuditEvent } from './audit/get-audit-event.query.ts';
import { getAuditStats } from './audit/get-audit-stats.query.ts';
import { listAuditEvents } from './audit/list-audit-events.query.ts';
import { getCheckpoint } from './audit-proofs/get-checkpoint.query.ts';
import { getConsistencyProof } from './audit-proofs/get-consistency-proof.query.ts';
import { getProof } from './audit-proofs/get-proof.query.ts';
import { getErasure } from './erasures/get-erasure.query.ts';
import { listErasures } from './erasures/list-erasures.query.ts';
import { exportAudit, type ExportAuditParts } from './export-audit/export-audit.query.ts';
import { followEvents, type FollowEventsParts } from './follow-events/follow-events.query.ts';
import type { PictureParts } from './get-picture/answer-picture.ts';
import { getPicture } from './get-picture/get-picture.query.ts';
import { getMe, getUser } from './get-user/get-user.query.ts';
import { listApiKeys } from './list-api-keys/list-api-keys.query.ts';
import { listRoles } from './list-roles/list-roles.query.ts';
import { listUsers } from './list-users/list-users.query.ts';
import { listSessions } from './list-sessions/list-sessions.query.ts';
import { getOperations, type GetOperationsParts } from './operations/get-operations.query.ts';
import type { QueryParts } from './read-model/ask.ts';
import type { ReadModel } from './read-model/read-model.ts';
import type { RecordReadingPorts } from './record-reading/record-reading.handle.ts';
import { getUserHistory } from './user-history/get-user-history.query.ts';

/** What the endpoints are made of. */
export interface QueryEndpointsParts extends Pick<QueryParts, 'authority'>, Pick<PictureParts, 'keys' | 'pictures'> {
  readonly directory: ReadModel;
  readonly sessions: ReadModel;
  readonly erasures: ReadModel;
  readonly apiKeys: ReadModel;
  readonly auditIndex: ReadModel;
  readonly clock: Clock;
  readonly cursors: Cursors;
  readonly log: EventLog;
  readonly tokens: ConsistencyTokens;
  readonly readings: RecordReadingPorts;
  /** Of the read models. */
  readonly pool: Pool;
  readonly follow: Omit<FollowEventsParts, 'authority' | 'log' | 'tokens' | 'clock'>;
  readonly operations: Pick<GetOperationsParts, 'redrive' | 'store'>;
  readonly exports: Pick<ExportAuditParts, 'store' | 'random' | 'notaryKeys' | 'exports'>;
}

/** Every endpoint of query-api. */
export const queryEndpoints = ({ authority, directory, clock, keys, pictures, ...others }: QueryEndpointsParts) => {
  const parts = { authority, readModel: directory };
  const past = { ...parts, log: others.log, tokens: others.tokens, readings: others.readings, clock };
  const audit = { ...past, ...others.exports, readModel: others.auditIndex, keys };
  const proofs = { authority, readModel: others.auditIndex, log: others.log, pool: others.pool };
  return [
    listUsers({ ...parts, cursors: others.cursors }),
    getMe(past),
    getUser(past),
    getUserHistory({ ...past, cursors: others.cursors }),
    getPicture({ ...parts, keys, pictures, clock }),
    listRoles(parts),
    listSessions({ ...parts, readModel: others.sessions, clock }),
    listErasures({ ...parts, readModel: others.erasures }),
    getErasure({ ...parts, readModel: others.erasures }),
    listApiKeys({ ...parts, readModel: others.apiKeys, clock }),
    listAuditEvents({ ...audit, cursors: others.cursors }),
    getAuditEvent(audit),
    getAuditStats({ ...parts, readModel: others.auditIndex, clock }),
    exportAudit({ ...audit, pool: others.pool }),
    getOperations({ ...others.operations, authority, pool: others.pool, tokens: others.tokens, clock }),
    getCheckpoint(proofs),
    getProof(proofs),
    getConsistencyProof(proofs),
    followEvents({ ...others.follow, authority, log: others.log, tokens: others.tokens, clock }),
  ];
};
