import { z } from 'zod';
import type { NewEvent, OpenedEvent } from '../event-log/event.ts';

/**
 * One version of one event type: what stands in the clear (`data`) and what is sealed under the key of the stream's
 * person (`personal`, null when the type has none).
 */
export interface EventDefinition<
  Type extends string = string,
  Data extends z.ZodType = z.ZodType,
  Personal extends z.ZodType | null = z.ZodType | null,
> {
  readonly type: Type;
  readonly schemaVersion: number;
  readonly data: Data;
  readonly personal: Personal;
}

/** Declares the current version of an event type. Shapes are closed: an unknown field is a fault. */
export function defineEvent<const Type extends string, D extends z.ZodRawShape, P extends z.ZodRawShape>(
  type: Type,
  schemaVersion: number,
  shape: { data: D; personal: P },
): EventDefinition<Type, z.ZodObject<D>, z.ZodObject<P>>;
export function defineEvent<const Type extends string, D extends z.ZodRawShape>(
  type: Type,
  schemaVersion: number,
  shape: { data: D },
): EventDefinition<Type, z.ZodObject<D>, null>;
export function defineEvent(
  type: string,
  schemaVersion: number,
  shape: { data: z.ZodRawShape; personal?: z.ZodRawShape },
): EventDefinition {
  return {
    type,
    schemaVersion,
    data: z.strictObject(shape.data),
    personal: shape.personal ? z.strictObject(shape.personal) : null,
  };
}

type PersonalOf<D extends EventDefinition> = D['personal'] extends z.ZodType ? z.output<D['personal']> : null;

/** An event of this definition as it is read: personal values may be erased (null). */
export type EventOf<D extends EventDefinition> = D extends EventDefinition
  ? OpenedEvent<D['type'], z.output<D['data']>, PersonalOf<D>>
  : never;

/** An event of this definition as a decider gives it. */
export type NewEventOf<D extends EventDefinition> = D extends EventDefinition
  ? NewEvent<D['type'], z.output<D['data']>, PersonalOf<D>>
  : never;
