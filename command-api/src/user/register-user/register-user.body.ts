import { z } from 'zod';
import * as field from '../../input/fields.ts';

/** The body of `POST /users`. An optional value that is null counts as not given. */
export const registerUserBody = (portals: ReadonlySet<string>) =>
  z.strictObject({
    email: field.email,
    password: z.string().nullish(),
    username: field.username.nullish(),
    first_name: field.personName.nullish(),
    last_name: field.personName.nullish(),
    name: field.displayName.nullish(),
    phone: field.phone.nullish(),
    role: field.role.nullish(),
    preferences: field.preferences.nullish(),
    portal: field.portal(portals).nullish(),
  });

export type RegisterUserBody = z.output<ReturnType<typeof registerUserBody>>;
