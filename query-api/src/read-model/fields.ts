import { z } from 'zod';
import type { DetailParams } from '@rollbook/shared/contracts/detail-codes';
import type { JsonObject } from '@rollbook/shared/kernel/json';
import { UserResource } from '@rollbook/shared/contracts/user';

type Field = keyof UserResource;
/** undefined: all. */
export type FieldsWanted = readonly Field[] | undefined;
const FIELDS: ReadonlySet<string> = new Set(Object.keys(UserResource.shape));

const unknownOf = (text: string): readonly string[] => text.split(',').filter((name) => !FIELDS.has(name));

/** `fields=id,name`: only these are answered, and `id` only where it is among them. */
export const fields = z
  .string()
  .max(1_000)
  .superRefine((text, context) => {
    const unknown = unknownOf(text);
    if (unknown.length === 0) return;
    const named = unknown.map((name) => `"${name}"`).join(', ');
    const message = `must be names of fields of a person, with commas between them; not ${named}`;
    context.addIssue({ code: 'custom', message, params: { code: 'unknown_field' } satisfies DetailParams });
  })
  .transform((text): readonly Field[] => text.split(',') as Field[])
  .optional();

/** A person as answered with `fields`: whatever was not asked for is missing. */
export const SomeOfUser = UserResource.partial();

/** The person with the fields that are wanted, in the order of the resource. */
export const pickFields = (user: UserResource, wanted: FieldsWanted): Readonly<Partial<UserResource>> & JsonObject => {
  if (wanted === undefined) return user;
  return Object.fromEntries(Object.entries(user).filter(([name]) => (wanted as readonly string[]).includes(name)));
};
