import { eventSchemaPath } from '@rollbook/shared/contracts/open-paths';
import { PUBLIC_EVENTS } from '@rollbook/shared/contracts/public-events';
import { z } from 'zod';

export type EventSchemas = Readonly<Record<string, object>>;

/** The JSON Schema (draft-07) of every public type's data, by type. */
export const eventSchemas = (): EventSchemas =>
  Object.fromEntries(
    Object.entries(PUBLIC_EVENTS).map(([type, schema]) => {
      const made = z.toJSONSchema(schema, { target: 'draft-07' });
      return [type, { ...made, $id: eventSchemaPath(type), title: type }];
    }),
  );

/**
 * What of a change would break a consumer of the schemas before. A type keeps its schema for ever, since a consumer may
 * refuse whatever it does not describe: another shape is another type. Only new types are free to come.
 */
export const breaks = (before: EventSchemas, after: EventSchemas): readonly string[] =>
  Object.entries(before).flatMap(([type, schema]) => {
    const now = after[type];
    if (now === undefined) return [`${type} is gone: consumers wait for it`];
    return JSON.stringify(now) === JSON.stringify(schema) ? [] : [`${type} has changed: give the new shape a new type`];
  });

/** Of `asyncapi.json`: what the schemas are found in. */
export interface Documented {
  readonly components?: { readonly schemas: Readonly<Record<string, { readonly title: string }>> };
}

/** The schemas of a document, by type. */
export const schemasIn = ({ components }: Documented): EventSchemas =>
  Object.fromEntries(Object.values(components?.schemas ?? {}).map((schema) => [schema.title, schema]));
