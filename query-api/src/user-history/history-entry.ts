import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { idInStream } from '@rollbook/shared/contracts/streams';
import type { Changed } from './changes.projection.ts';
import { detailsOf } from './details.ts';
import { ERASED, type HistoryEntry } from './history.schema.ts';
import type { RoleThen } from './role-then.ts';

export interface EntryOptions {
  /** Whether the person reads their own history: then others appear by their role only. */
  readonly own: boolean;
  /** Whether the person was erased: then nothing of where they acted from is shown. */
  readonly erased: boolean;
  readonly roleThen: RoleThen;
}

/** An event of a person's two streams as their history shows it. */
export const toEntry = ({ event, changes }: Changed, { own, erased, roleThen }: EntryOptions): HistoryEntry => {
  const { actor, requestId } = event.metadata;
  const isSelf = actor.kind === 'person' && actor.id === idInStream(event.stream);
  const hidden = own && !isSelf;
  return {
    id: event.id,
    type: event.type,
    at: event.recordedAt,
    position: event.position,
    actor: {
      kind: actor.kind,
      id: hidden ? null : actor.id,
      role: actor.kind === 'person' && actor.id !== null ? roleThen(actor.id, event) : null,
      is_self: isSelf,
    },
    request_id: requestId,
    ...whereFrom(event, { hidden: hidden && actor.kind !== 'anonymous', gone: erased && isSelf }),
    details: detailsOf(event),
    changes: [...changes],
  };
};

/** Where whoever acted asked from. `hidden`: that is not told here. `gone`: the key that sealed it is to be destroyed. */
export const whereFrom = (
  { origin, originErased }: AnyEvent,
  { hidden, gone }: { readonly hidden: boolean; readonly gone: boolean },
): Pick<HistoryEntry, 'address' | 'user_agent'> => {
  if (hidden) return { address: null, user_agent: null };
  if (originErased || (gone && origin !== null)) return { address: ERASED, user_agent: ERASED };
  return { address: origin?.address ?? null, user_agent: origin?.userAgent ?? null };
};
