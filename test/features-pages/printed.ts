/** What can be read out of what an example printed. */
export interface Printed {
  /** The last status of an answer: a line that is a number of three digits, or begins an answer's headers. */
  readonly status: number | null;
  /** The values of JSON that begin and end a line, in their order. */
  readonly json: readonly unknown[];
}

const parsed = (text: string): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
};

const valuesIn = (lines: readonly string[]): readonly unknown[] => {
  const values: unknown[] = [];
  for (let from = 0; from < lines.length; from++) {
    if (!/^[[{]/.test(lines[from] ?? '')) continue;
    for (let to = from + 1; to <= lines.length; to++) {
      // Only a line that ends like JSON is worth a try.
      const found = /[\]}]\s*$/.test(lines[to - 1] ?? '') ? parsed(lines.slice(from, to).join('\n')) : null;
      if (!found) continue;
      values.push(found.value);
      from = to - 1;
      break;
    }
  }
  return values;
};

export const readPrinted = (output: string): Printed => {
  const lines = output.split(/\r?\n/);
  const statuses = lines.flatMap((line) => /^(?:HTTP\/[\d.]+ )?(\d{3})\b[\w ]*$/.exec(line)?.[1] ?? []);
  return { status: statuses.length === 0 ? null : Number(statuses.at(-1)), json: valuesIn(lines) };
};

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

interface Comparison {
  /** Members that are not shown may be there. */
  readonly inPart?: boolean;
  readonly path?: string;
}

/**
 * Where a value has another shape than the one that is shown: other keys, or another kind of value. `null` stands for
 * any kind, and of lists as many entries count as both have.
 */
export const printedDifferences = (
  shown: unknown,
  actual: unknown,
  { inPart = false, path = '$' }: Comparison = {},
): readonly string[] => {
  const kinds = [kindOf(shown), kindOf(actual)] as const;
  const below = (step: string) => ({ inPart, path: `${path}${step}` });
  if (kinds.includes('null')) return [];
  if (kinds[0] !== kinds[1]) return [`${path} is shown as ${kinds[0]} and is ${kinds[1]}`];
  if (Array.isArray(shown) && Array.isArray(actual))
    return shown
      .slice(0, actual.length)
      .flatMap((each: unknown, at) => printedDifferences(each, actual[at], below(`[${at}]`)));
  if (kinds[0] !== 'object') return [];
  const [left, right] = [shown, actual] as readonly [Record<string, unknown>, Record<string, unknown>];
  const unshown = Object.keys(right).filter((key) => !inPart && !(key in left));
  return [
    ...Object.keys(left).flatMap((key) =>
      key in right
        ? printedDifferences(left[key], right[key], below(`.${key}`))
        : [`${path}.${key} is shown and not there`],
    ),
    ...unshown.map((key) => `${path}.${key} is there and not shown`),
  ];
};
