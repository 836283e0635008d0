import type { ApiDocument } from '../support/api-document.ts';

type Json = Record<string, any>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Where an answer has other fields than the example shows, by the schema of both: what a schema leaves free is not looked
 * at, nor what is null on either side; of a list the first entry stands for all.
 */
export const shapeDifferences = (
  api: ApiDocument,
  { schema, example, value }: { readonly schema: Json; readonly example: unknown; readonly value: unknown },
  where = '',
): readonly string[] => {
  const { properties, items } = api.resolve(schema) as { properties?: Json; items?: Json };
  if (Array.isArray(example) && Array.isArray(value) && items && example.length > 0 && value.length > 0)
    return shapeDifferences(api, { schema: items, example: example[0], value: value[0] }, `${where}[]`);
  if (!properties || !isObject(example) || !isObject(value)) return [];
  return Object.entries<Json>(properties).flatMap(([name, part]) => {
    const at = `${where}.${name}`;
    if (name in example !== name in value)
      return [`${at} stands only in ${name in example ? 'the example' : 'the answer'}`];
    return shapeDifferences(api, { schema: part, example: example[name], value: value[name] }, at);
  });
};
