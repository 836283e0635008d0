import type { AnyNewEvent } from '@rollbook/shared/contracts/events/all-events';
import type { Rejection } from '@rollbook/shared/contracts/rejections';
import { ROLES, type Role } from '@rollbook/shared/contracts/roles';
import type { Endpoint } from '@rollbook/shared/http/endpoint';

/** What a request carried, after it was read by its endpoint. */
export interface Asked {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The event of a refusal that is about who may do what; null for every other. */
export const refusedAdministration = (
  { operation, permission }: Pick<Endpoint, 'operation' | 'permission'>,
  asked: Asked,
  { rejection }: Rejection,
): AnyNewEvent | null => {
  if (permission.who === 'anyone' || permission.who === 'holder') return null;
  if (rejection !== 'forbidden' && rejection !== 'hidden' && rejection !== 'last_admin') return null;
  const aboutSomebody = permission.who === 'person' || permission.who === 'self';
  const parts = permission.who === 'person' ? Object.keys(permission.parts ?? {}) : [];
  return {
    type: 'AdministrationRefused',
    data: {
      operation,
      parts: parts.filter((part) => isPartOf(part, asked)),
      target: aboutSomebody ? textIn(asked.params, 'id') : null,
      role: ROLES.find((role: Role) => role === textIn(asked.body, 'role')) ?? null,
      reason: rejection,
    },
    personal: null,
  };
};

/** A part is a field of the body, or a parameter of the query with its value (`name=value`). */
const isPartOf = (part: string, { query, body }: Asked): boolean => {
  const [name = '', value] = part.split('=');
  return value === undefined ? textIn(body, name) !== null : textIn(query, name) === value;
};

const textIn = (record: unknown, name: string): string | null => {
  if (typeof record !== 'object' || record === null || !Object.hasOwn(record, name)) return null;
  const value: unknown = Reflect.get(record, name);
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : null;
};
