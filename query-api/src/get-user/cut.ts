import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Position } from '@rollbook/shared/event-log/event';
import { fromInstant } from '@rollbook/shared/kernel/clock';

/**
 * Up to where the log counts: to a position, or to a time (ms since 1970). Within a stream no event is recorded before
 * the one that it follows, so a time leaves the beginning of every stream, as a position does.
 */
export type Cut = { readonly position: Position } | { readonly time: number };

export const isWithin = (cut: Cut, event: Pick<AnyEvent, 'position' | 'recordedAt'>): boolean =>
  'position' in cut ? event.position <= cut.position : fromInstant(event.recordedAt) <= cut.time;
