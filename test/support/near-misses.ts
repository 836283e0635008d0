type Json = Record<string, any>;

/** A value that a schema must refuse, and what is wrong with it. */
export interface NearMiss {
  readonly what: string;
  readonly value: Json;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value of another kind than any field of a document has. */
const OTHER = [['of another kind']];

/**
 * Values that differ from a valid one in one place: each required field once missing, each described field once of
 * another kind, and one field too many where the schema knows them all.
 */
export const nearMisses = (example: Json, schema: Json): readonly NearMiss[] => {
  if (!isObject(example)) return [];
  const required = (schema['required'] ?? []) as readonly string[];
  const properties = Object.keys((schema['properties'] ?? {}) as Json).filter((name) => name in example);
  return [
    ...required.map((name) => {
      const { [name]: _gone, ...value } = example;
      return { what: `without ${name}`, value };
    }),
    ...properties.map((name) => ({ what: `another kind of ${name}`, value: { ...example, [name]: OTHER } })),
    ...(schema['additionalProperties'] === false
      ? [{ what: 'one field too many', value: { ...example, one_too_many: 1 } }]
      : []),
  ];
};
