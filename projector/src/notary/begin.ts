import { openCheckpoint, originOf } from '@rollbook/shared/audit/checkpoint';
import { readLastCheckpoint, type CheckpointEvent } from '@rollbook/shared/audit/last-checkpoint';
import { verifierKey } from '@rollbook/shared/audit/signed-note';
import { NOTARY } from '@rollbook/shared/contracts/streams';
import type { EventLog, StreamEnd } from '@rollbook/shared/event-log/event-log';
import type { NamedKey } from '@rollbook/shared/kernel/named-key';
import type { Pool } from '@rollbook/shared/sql/pool';
import { recall, type Remembered, type Signed } from './memory.ts';
import { NotaryRefuses } from './notary-refuses.ts';

/** From where a notary goes on. */
export interface Beginning {
  readonly logId: string;
  /** The end of the stream `notary`, as it was read. */
  readonly end: StreamEnd;
  /** The newest checkpoint, or null before the first. */
  readonly last: CheckpointEvent | null;
  /** All of these must be beginnings of the tree before anything is signed. */
  readonly before: readonly Signed[];
}

export const signedOf = ({ revision, data }: CheckpointEvent): Signed => ({
  revision,
  size: data.size,
  root: Buffer.from(data.root, 'base64'),
  note: data.note,
});

export interface BeginParts {
  readonly log: EventLog;
  readonly pool: Pool;
  /** `NOTARY_PRIVATE_KEYS`, the current one first. */
  readonly keys: readonly NamedKey[];
}

/**
 * Reads the newest checkpoint, and compares it with what this database remembers: whoever puts an older or another log in
 * its place is found out here. Throws NotaryRefuses.
 */
export const begin = async ({ log, pool, keys }: BeginParts): Promise<Beginning> => {
  const logId = await log.logId();
  const [remembered, { checkpoint: last, end }] = await Promise.all([recall(pool), readLastCheckpoint(log)]);
  if (remembered) await requireRemembered(remembered, logId, last, log);
  if (last && last.data.note !== remembered?.note) requireOwn(last, logId, keys);
  return { logId, end, last, before: [remembered, last && signedOf(last)].filter((one) => one !== null) };
};

const requireRemembered = async (
  remembered: Remembered,
  logId: string,
  last: CheckpointEvent | null,
  log: EventLog,
): Promise<void> => {
  if (remembered.logId !== logId)
    throw new NotaryRefuses(`The checkpoints signed so far are of log ${remembered.logId}, and this is log ${logId}`);
  const { size, revision } = remembered;
  const what = `the checkpoint of ${String(size)} events that was signed as revision ${String(revision)}`;
  if (!last || last.revision < revision)
    throw new NotaryRefuses(`The log is shorter than it was: it does not hold ${what}`);
  const { events } = await log.read(NOTARY, { from: revision, limit: 1 });
  const [there] = events;
  if (there?.type !== 'CheckpointSigned' || there.data.note !== remembered.note)
    throw new NotaryRefuses(`The log is another than it was: it holds something else than ${what}`);
};

/** What stands in the log and is not remembered here must be signed by one of our keys. */
const requireOwn = (last: CheckpointEvent, logId: string, keys: readonly NamedKey[]): void => {
  const known = keys.map(({ key }) => verifierKey(originOf(logId), key));
  const opened = openCheckpoint(last.data.note, known);
  const { size, root } = signedOf(last);
  if (opened?.size !== size || !opened.root.equals(root))
    throw new NotaryRefuses(
      `The newest checkpoint of the log (event ${last.id}) is signed by none of the keys in NOTARY_PRIVATE_KEYS`,
    );
};
