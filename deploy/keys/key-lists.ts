/** An entry `id:value` of a list of keys. The first of a list is current, the others are still accepted. */
interface Entry {
  readonly id: string;
  readonly text: string;
}

/**
 * - `now`: a new key becomes current at once
 * - `stage`: a new key is accepted everywhere before any copy makes anything with it
 * - `promote`: the staged key becomes current
 */
export type RotationStep = 'now' | 'stage' | 'promote';

/** Why a step is not taken, in a sentence. */
export class RotationRefused extends Error {}

const entriesOf = (list: string): readonly Entry[] =>
  list.split(',').map((entry) => {
    const text = entry.trim();
    return { id: text.slice(0, text.indexOf(':')), text };
  });
const listOf = (entries: readonly Entry[]): string => entries.map(({ text }) => text).join(',');
const numberOf = ({ id }: Entry): number => Number(/(\d{1,9})$/.exec(id)?.[1] ?? 0);

/** The staged key: second in its list, and newer than every other. */
const stagedIn = (entries: readonly Entry[]): Entry | undefined => {
  const [, second] = entries;
  const newest = Math.max(...entries.filter((entry) => entry !== second).map(numberOf));
  return second && numberOf(second) > newest ? second : undefined;
};

/** The ids of a list, the current one first. */
export const idsOf = (list: string): readonly string[] => entriesOf(list).map(({ id }) => id);

/** An id that is in none of the lists, and counts as newer than all of theirs. */
export const nextId = (lists: readonly string[]): string =>
  `k${String(Math.max(...lists.flatMap(entriesOf).map(numberOf)) + 1)}`;

/** The id of the key that `promote` makes current. Throws RotationRefused where there is none. */
export const stagedId = (list: string): string => {
  const staged = stagedIn(entriesOf(list));
  if (!staged) throw new RotationRefused('No key is staged: use --stage first.');
  return staged.id;
};

/** Adds a key to a list, in front or, staged, as the second. Throws RotationRefused where one is staged already. */
export const added = (list: string, step: 'now' | 'stage', { id, value }: { id: string; value: string }): string => {
  const entries = entriesOf(list);
  const staged = stagedIn(entries);
  if (staged)
    throw new RotationRefused(`The key ${staged.id} is staged already: make it current with --promote first.`);
  const fresh = { id, text: `${id}:${value}` };
  const [current, ...others] = entries;
  return listOf(step === 'now' || !current ? [fresh, ...entries] : [current, fresh, ...others]);
};

/** Puts a key of the list in front. Throws RotationRefused where it is not there. */
export const promoted = (list: string, id: string): string => {
  const entries = entriesOf(list);
  const chosen = entries.find((entry) => entry.id === id);
  if (!chosen) throw new RotationRefused(`The key ${id} stands in only one half of the pair.`);
  return listOf([chosen, ...entries.filter((entry) => entry !== chosen)]);
};
