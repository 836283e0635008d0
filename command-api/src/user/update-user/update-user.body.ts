import { z } from 'zod';
import type { WantedUser } from './update-user.decide.ts';
import * as field from '../../input/fields.ts';

/** A JSON merge patch (RFC 7396): what is left out stays, null clears where clearing is allowed. */
export const updateUserBody = (portals: ReadonlySet<string>) =>
  z.strictObject({
    username: field.username.optional(),
    email: field.email.optional(),
    first_name: field.personName.nullable().optional(),
    last_name: field.personName.nullable().optional(),
    name: field.displayName.nullable().optional(),
    phone: field.phone.nullable().optional(),
    preferences: field.preferences.optional(),
    role: field.role.optional(),
    is_active: z.boolean().optional(),
    current_password: z.string().max(1_024).optional(),
    portal: field.portal(portals).nullish(),
  });

/** All that a person is: the seven fields must be there; `name` and `preferences` keep their value when left out. */
export const replaceUserBody = (portals: ReadonlySet<string>) =>
  z.strictObject({
    username: field.username,
    email: field.email,
    first_name: field.personName.nullable(),
    last_name: field.personName.nullable(),
    phone: field.phone.nullable(),
    role: field.role,
    is_active: z.boolean(),
    name: field.displayName.nullable().optional(),
    preferences: field.preferences.optional(),
    current_password: z.string().max(1_024).optional(),
    portal: field.portal(portals).nullish(),
  });

type Body = z.output<ReturnType<typeof updateUserBody>> | z.output<ReturnType<typeof replaceUserBody>>;

/** `preferences` of a patch merge, those of a replacement are the whole. */
export const wantedUser = (body: Body, preferences: 'merge' | 'whole'): WantedUser => ({
  ...given('username', body.username),
  ...given('email', body.email),
  ...given('firstName', body.first_name),
  ...given('lastName', body.last_name),
  ...given('name', body.name),
  ...given('phone', body.phone),
  ...given('role', body.role),
  ...given('isActive', body.is_active),
  ...(body.preferences === undefined
    ? {}
    : { preferences: preferences === 'merge' ? { merge: body.preferences } : { whole: body.preferences } }),
});

const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
