import { readLastCheckpoint } from '@rollbook/shared/audit/last-checkpoint';
import { NOTARY } from '@rollbook/shared/contracts/streams';
import type { EventLog, WriteContext } from '@rollbook/shared/event-log/event-log';
import type { EventStore } from '@rollbook/shared/event-log/port';
import { derivedUuid } from '@rollbook/shared/kernel/digest';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';
import type { Pool } from '@rollbook/shared/sql/pool';
import { leadInTurn, type TurnParts } from '../follow-in-turn/lead-in-turn.ts';
import type { Progress } from '../follow-in-turn/progress.ts';
import { requireIndexedTail } from '../audit-index/require-indexed-tail.ts';
import { begin, signedOf, type Beginning } from './begin.ts';
import { isDue, SEALING, type SealingRule } from './due.decide.ts';
import { remember } from './memory.ts';
import { LostRace, NotaryRefuses } from './notary-refuses.ts';
import { readUnsealed } from './read-unsealed.ts';
import { seal } from './seal.ts';
import type { CheckpointSink } from './sinks/checkpoint-sink.ts';
import { pushInOrder } from './sinks/push-in-order.ts';

export interface NotaryParts extends TurnParts {
  readonly pool: Pool;
  readonly log: EventLog;
  readonly store: Pick<EventStore, 'readAll'>;
  /** `NOTARY_PRIVATE_KEYS`, the current one first. */
  readonly keys: readonly NamedKey[];
  readonly sinks: readonly CheckpointSink[];
  /** Default: `SEALING`. */
  readonly rule?: SealingRule;
}

/** ms between two looks at the index. */
export const LOOK = 250;

/**
 * Signs checkpoints of the log, one copy at a time, and pushes them to every sink, until the signal. A fault, a lost race
 * and a log that is not the one signed before end this run; then it starts over by reading what is signed, with backoff.
 * Never rejects.
 */
export const notarise = (parts: NotaryParts, progress: Progress, signal: AbortSignal): Promise<void> =>
  leadInTurn(parts, progress, signal, (leading, onSign) => serve(parts, progress, leading, onSign));

/** A sink only ever hears of what stands in the log, so it goes on while nothing can be signed. */
const serve = async (
  parts: NotaryParts,
  progress: Progress,
  leading: AbortSignal,
  onSign: () => void,
): Promise<void> => {
  const ending = new AbortController();
  const until = AbortSignal.any([leading, ending.signal]);
  const pushing = parts.sinks.map((sink) => pushInOrder(parts, sink, until));
  try {
    await sealWhenDue(parts, progress, until, onSign);
  } finally {
    ending.abort();
    await Promise.all(pushing);
  }
};

const sealWhenDue = async (
  parts: NotaryParts,
  progress: Progress,
  signal: AbortSignal,
  onSign: () => void,
): Promise<void> => {
  const { pool, clock, keys, rule = SEALING } = parts;
  let from = await begin(parts);
  let noticedAt: number | null = null;
  while (!signal.aborted) {
    const { logId, last } = from;
    const state = await readUnsealed(pool, { logId, sealed: last?.data.size ?? 0 });
    // Until it has come to the last checkpoint itself, the index is only behind.
    const behind = !state || (last !== null && (state.position === null || state.position < last.position));
    if (!behind) requireAllSealed(state.size, last);
    const events = behind ? 0 : state.events;
    noticedAt = events === 0 ? null : (noticedAt ?? clock.now());
    if (!behind && isDue(state, rule, clock.now(), noticedAt ?? clock.now())) {
      const alive = (): void => progress.handled(last?.position ?? null, null, true);
      await requireIndexedTail(parts, { from: last?.data.size ?? 0, size: state.size }, alive);
      from = await sign(parts, from, await seal(pool, from, state.size, keys));
      noticedAt = null;
      onSign();
    } else {
      await clock.sleep(LOOK, signal);
    }
    progress.handled(last?.position ?? null, null, !behind);
  }
};

/** The index has read beyond the last checkpoint, whose own event stands behind what it covers. */
const requireAllSealed = (size: number, last: Beginning['last']): void => {
  if (last && size <= last.data.size)
    throw new NotaryRefuses(
      `The audit index has lost leaves: it ends at ${String(size)}, and ${String(last.data.size)} are sealed`,
    );
};

/** Appends it at exactly the end that was read; only then anybody hears of it. Throws LostRace. */
const sign = async (
  { log, pool }: NotaryParts,
  { logId, end }: Beginning,
  checkpoint: Awaited<ReturnType<typeof seal>>,
): Promise<Beginning> => {
  const id = derivedUuid('checkpoint', logId, checkpoint.data.note);
  const context: WriteContext = {
    actor: { kind: 'system', id: null },
    origin: null,
    requestId: 'notary',
    correlationId: id,
    causationId: null,
    commandId: id,
  };
  const { outcome } = await log.append(NOTARY, end, [checkpoint], context);
  const read = await readLastCheckpoint(log);
  if (outcome === 'conflict' || read.checkpoint?.data.note !== checkpoint.data.note)
    throw new LostRace('Another notary signed a checkpoint meanwhile');
  const signed = signedOf(read.checkpoint);
  await remember(pool, logId, signed);
  return { logId, end: read.end, last: read.checkpoint, before: [signed] };
};
