import { CLAIM_TYPES } from '@rollbook/shared/audit/claims';

/** A row of `read_model.audit_index` as `INDEX_ROW` selects it. */
export interface IndexRow {
  readonly leaf: number;
  readonly id: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly recorded_at: string;
  readonly actor_kind: 'person' | 'service' | 'system' | 'anonymous';
  readonly actor_id: string | null;
  readonly subject: string | null;
  readonly request_id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly command_id: string;
  /** Of the leaf, in hex. */
  readonly hash: string;
}

const TIME = `to_char(a.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One row `a` as JSON; the time is RFC 3339 in UTC with milliseconds. */
export const INDEX_ROW = `json_build_object('leaf', a.leaf, 'id', a.event_id, 'position', a.position, 'stream', a.stream,
  'revision', a.revision, 'type', a.type, 'recorded_at', ${TIME}, 'actor_kind', a.actor_kind, 'actor_id', a.actor_id,
  'subject', a.subject, 'request_id', a.request_id, 'correlation_id', a.correlation_id,
  'causation_id', a.causation_id, 'command_id', a.command_id, 'hash', encode(a.hash, 'hex'))`;

/** Holds for every row `a` but those of claims. */
export const NO_CLAIM = `a.type not in (${CLAIM_TYPES.map((type) => `'${type}'`).join(', ')})`;
