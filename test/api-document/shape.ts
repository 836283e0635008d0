import type { ApiDocument } from '../support/api-document.ts';

type Json = Record<string, any>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Where an answer has other fields than the example shows, by the schema of both: what a schema leaves free is not looked
 * at, nor what is null on either side; of a list the first entry stands for all.
 */
export const undocumentedFields = (
  api: ApiDocument,
  { schema, example, value }: { readonly schema: Json; readonly example: unknown; readonly value: unknown },
  where = '',
): readonly string[] => {
  const { properties, items } = api.resolve(schema) as { properties?: Json; items?: Json };
  if (Array.isArray(example) && Array.isArray(value) && items && example.length > 0 && value.length > 0)
    return undocumentedFields(api, { schema: items, example: example[0], value: value[0] }, `${where}[]`);
  if (!properties || !isObject(example) || !isObject(value)) return [];
  return Object.entries<Json>(properties).flatMap(([name, part]) => {
    const at = `${where}.${name}`;
    if (name in example !== name in value)
      return [`${at} stands only in ${name in example ? 'the example' : 'the answer'}`];
    return undocumentedFields(api, { schema: part, example: example[name], value: value[name] }, at);
  });
};

/** What the first line of a text tells of the lines that follow: the names of JSON's fields, or a table's columns. */
const headOf = (type: string, text: string): unknown => {
  const [first = ''] = text.split('\n');
  if (type === 'application/x-ndjson') return Object.keys(JSON.parse(first) as object);
  return type === 'text/csv' ? first : text.split('\n').length > 1;
};

/** Where a text that was answered begins otherwise than its example does. */
export const headDifferences = (type: string, example: string, text: string): readonly string[] => {
  const [shown, found] = [headOf(type, example), headOf(type, text)].map((head) => JSON.stringify(head));
  return shown === found ? [] : [`${String(found)} for ${String(shown)}`];
};
