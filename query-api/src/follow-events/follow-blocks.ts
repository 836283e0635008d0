import { StoreUnavailable } from '@rollbook/shared/event-log/errors';
import type { Position } from '@rollbook/shared/event-log/event';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Frame, Stretch } from './public-stretch.ts';
import type { ReadBehind } from './read-behind.ts';
import { heartbeatBlock, helloBlock } from './sse.ts';
import type { Tail } from './tail.ts';
import type { TailKeeper } from './tail-keeper.ts';

export interface FollowParts {
  readonly tails: TailKeeper;
  readonly behind: ReadBehind;
  readonly clock: Clock;
}

export interface Wanted {
  /** Everything after it; null: from the first event. */
  readonly place: Position | null;
  /** null: all. */
  readonly types: ReadonlySet<string> | null;
}

/** ms without a word after which the stream says that it lives. */
export const HEARTBEAT = 10 * SECOND;
/** ms between two tries while the log is away. */
const PAUSE = SECOND;

const bytesOf = (frames: readonly Frame[]): Buffer => Buffer.concat(frames.map(({ bytes }) => bytes));

/**
 * The blocks of one stream, for ever: the newest messages out of the tail, older ones page by page. It holds nothing but
 * its place: the next stretch is looked for when the one before was taken. While the log is away it says that it lives,
 * and goes on from its place. Throws OtherLog and UnreadableEvent, after everything before them.
 */
export async function* followBlocks(
  { tails, behind, clock }: FollowParts,
  { place, types }: Wanted,
  over: AbortSignal,
): AsyncGenerator<string | Buffer, void> {
  const { tail, leave } = tails.join();
  try {
    let at = place;
    yield helloBlock(at);
    let saidAt = clock.now();
    while (!over.aborted) {
      const seen = tail.news;
      const next = await nextAfter(at, tail, behind);
      const frames = next.frames.filter(({ type }) => types?.has(type) ?? true);
      at = next.position;
      if (frames.length > 0) yield bytesOf(frames);
      else if (clock.now() - saidAt >= HEARTBEAT) yield heartbeatBlock(at);
      else {
        if (next.pause > 0) await tail.wait(seen, Math.min(next.pause, saidAt + HEARTBEAT - clock.now()), over);
        continue;
      }
      saidAt = clock.now();
    }
  } finally {
    leave();
  }
}

/** The next stretch, and how long (ms) to wait for news if there is nothing in it. */
const nextAfter = async (
  at: Position | null,
  tail: Tail,
  behind: ReadBehind,
): Promise<Stretch & { readonly pause: number }> => {
  const newest = tail.after(at);
  if (newest) return { ...newest, pause: newest.frames.length > 0 ? 0 : HEARTBEAT };
  try {
    const read = await behind.after(at);
    return { ...read, pause: read.atEnd ? PAUSE : 0 };
  } catch (fault) {
    if (!(fault instanceof StoreUnavailable)) throw fault;
    return { frames: [], position: at, pause: PAUSE };
  }
};
