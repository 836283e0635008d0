type Part = Readonly<Record<string, unknown>>;

const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value);

const saysOnlyNull = (value: unknown): boolean => isPart(value) && Object.keys(value).join() === 'nullable';

/**
 * `nullable` says nothing without a `type` (OpenAPI 3.0.3), but beside and among alternatives the generator writes it
 * so: the first alternative becomes nullable in its place.
 */
const settleNullable = ({ nullable, ...part }: Part): Part => {
  const all = part['anyOf'];
  if (!Array.isArray(all)) return nullable === undefined ? part : { ...part, nullable };
  const [first, ...others] = all.filter((alternative) => !saysOnlyNull(alternative)) as readonly Part[];
  const isNullable = nullable === true || all.some(saysOnlyNull);
  return { ...part, anyOf: [{ ...first, ...(isNullable && { nullable: true }) }, ...others] };
};

const walk = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(walk);
  if (!isPart(value)) return value;
  return settleNullable(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)])));
};

/** Schemas are shown by the examples of the answers: in a schema, linters take the `id` of an example for its own. */
const withoutExample = (schema: unknown): unknown => {
  if (!isPart(schema)) return schema;
  const { example: _shownElsewhere, ...rest } = schema;
  return rest;
};

/** What the generator gives, as OpenAPI 3.0.3 wants it. */
export const settle = (document: object): object => {
  const settled = walk(document) as { components: { schemas: Part } };
  const schemas = Object.entries(settled.components.schemas).map(([name, schema]) => [name, withoutExample(schema)]);
  return { ...settled, components: { ...settled.components, schemas: Object.fromEntries(schemas) as Part } };
};
