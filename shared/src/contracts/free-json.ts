import { z } from 'zod';

const ABOUT = { type: 'object', additionalProperties: true } as const;

/**
 * Any JSON object. What documents say of it is said by hand: a schema of any JSON refers to itself without end, and the
 * hand-written part must say itself whether null is one of its values.
 */
export const freeObject = (description: string) => z.record(z.string(), z.json()).meta({ ...ABOUT, description });
export const nullableFreeObject = (description: string) =>
  z
    .record(z.string(), z.json())
    .nullable()
    .meta({ ...ABOUT, nullable: true, description });

/** Any value that a field of a person may have. */
export const fieldValue = () => z.union([z.string().nullable(), z.boolean(), z.number(), freeObject('Free JSON.')]);
