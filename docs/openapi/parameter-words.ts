interface ParameterWords {
  readonly description: string;
  readonly example: string;
}

const PERSON = '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11';
const EVENT = '3f0c9a52-6d3e-4f0b-9d0e-2f6f1a2b3c4d';

const LAST_SEEN = 'Goes on where the page ended that gave it out; then sort and filters are those of that page.';

/** What a parameter of a path or a query means, by its name; where operations differ, by `operation name`. */
export const PARAMETERS: Readonly<Record<string, ParameterWords>> = {
  id: { description: 'The id of the person.', example: PERSON },
  'getErasure id': { description: 'The id of the erasure, which is that of the person.', example: PERSON },
  'revokeApiKey id': { description: 'The id of the API key.', example: '2b8f6d1c-0c53-4f0e-8f4e-6f0b1f6c9a77' },
  'getAuditEvent id': { description: 'The id of the event.', example: EVENT },
  'getProof id': { description: 'The id of the event.', example: EVENT },
  session_id: { description: 'The id of the session.', example: 'c7a1f0d2-8f5e-4a1b-9f0c-3d2e1b4a5c6d' },

  page: { description: 'Which page, from 1. Not with `cursor`.', example: '1' },
  page_size: { description: 'How many on a page: 1 to 100, 20 unless told.', example: '5' },
  limit: { description: 'The same as `page_size`.', example: '5' },
  cursor: { description: LAST_SEEN, example: 'YzE.eyJhZnRlciI6IjIwMjYtMDEtMDIifQ.c2lnbmF0dXJl' },
  sort_by: { description: '`created_at` unless told.', example: 'username' },
  order: { description: '`desc` unless told.', example: 'asc' },
  fields: { description: 'Only these fields of a person, with commas between them.', example: 'id,username,email' },
  as_of: {
    description: 'A time (RFC 3339), a position as in `Projection-Position`, or a `Consistency-Token`.',
    example: '2026-01-02T03:04:05Z',
  },

  is_active: { description: '`true`: active; `false`: pending or deactivated. Any letter case.', example: 'true' },
  status: { description: 'The state of the account, in any letter case.', example: 'active' },
  'listApiKeys status': { description: 'Only keys in this state.', example: 'active' },
  'listErasures status': { description: 'Only erasures in this state.', example: 'cancelled' },
  role: { description: 'The role, in any letter case; `MEMBER` is `user`.', example: 'user' },
  email: { description: 'The whole address, in any letter case.', example: 'ada@example.com' },
  username: { description: 'The whole username, letter case included.', example: 'ada_l' },
  q: {
    description: 'Stands in the name, username or address; of 1 or 2 letters, where a word begins.',
    example: 'ada',
  },
  created_after: { description: 'Registered later than this time (RFC 3339).', example: '2026-01-01T00:00:00Z' },
  created_before: { description: 'Registered earlier than this time (RFC 3339).', example: '2100-01-01T00:00:00Z' },
  soft_delete: { description: '`false` erases for good; `true`, the default, deactivates.', example: 'true' },

  actor: { description: 'Who acted: the id of a person or of an API key, `system` or `anonymous`.', example: PERSON },
  subject: { description: 'The id of the person whom it is about.', example: PERSON },
  type: { description: 'The type of the event.', example: 'UserRegistered' },
  'eventSchema type': { description: 'The type of the message.', example: 'rollbook.user.registered.v1' },
  'followEvents type': {
    description: 'Types of the feed, with commas between them.',
    example: 'rollbook.user.registered.v1,rollbook.user.erased.v1',
  },
  request_id: { description: 'What the request was named, as in `X-Request-Id`.', example: 'portal-1f0c2b7e' },
  after: { description: 'Later than this time (RFC 3339).', example: '2026-01-01T00:00:00Z' },
  before: { description: 'Earlier than this time (RFC 3339).', example: '2026-01-02T00:00:00Z' },
  'getAuditStats after': {
    description: 'From this time on (RFC 3339), at most 31 days before the end; a day before it unless told.',
    example: '2026-01-01T00:00:00Z',
  },
  'getAuditStats before': {
    description: 'Up to this time (RFC 3339); now unless told.',
    example: '2026-01-02T00:00:00Z',
  },
  bucket: { description: 'What is counted together.', example: 'hour' },
  format: { description: '`ndjson`: a bundle that can be verified. `csv`: a table for people.', example: 'csv' },
  from_leaf: { description: 'Begins with this leaf of the log: one after the last whole line.', example: '1' },
  'getConsistencyProof from': { description: 'The earlier size of the log, in leaves.', example: '1' },
  to: { description: 'The later size; that of the newest checkpoint unless told.', example: '2' },
  from: { description: '`start`, `now`, a position, or a `Consistency-Token`.', example: 'now' },
};

interface Parameter {
  readonly $ref?: string;
  readonly in?: string;
  readonly name: string;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
}
interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const describe = (operation: string, parameter: Parameter): object => {
  if (parameter.$ref !== undefined || parameter.in === 'header') return parameter;
  const words = PARAMETERS[`${operation} ${parameter.name}`] ?? PARAMETERS[parameter.name];
  if (!words)
    throw new Error(`Nobody says what ${parameter.name} of ${operation} means: docs/openapi/parameter-words.ts`);
  return { ...parameter, ...words };
};

const describeAll = (operation: Operation): object => {
  const { operationId, parameters } = operation;
  return parameters ? { ...operation, parameters: parameters.map((each) => describe(operationId, each)) } : operation;
};

/** The document, whose parameters each say what they mean, by an example. Throws where nobody has said it. */
export const withParameterWords = (document: object): object => {
  const { paths, ...others } = document as Described;
  const described = Object.entries(paths).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, describeAll(operation)])),
  ]);
  return { ...others, paths: Object.fromEntries(described) as object };
};
