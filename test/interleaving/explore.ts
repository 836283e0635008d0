import { World, type Scenario } from './world.ts';

export interface Exploration {
  /** Schedules that were run, each to its end or to a state that was met before. */
  readonly schedules: number;
  /** Different states that were met. */
  readonly states: number;
  /** Schedules that ran to their end. */
  readonly complete: number;
  /** True when nothing is left to try within the scenario's bounds. */
  readonly exhausted: boolean;
  /** The first broken promise, with the schedule that breaks it; null when none was found. */
  readonly broken: { readonly promise: string; readonly schedule: readonly string[] } | null;
}

/**
 * Runs a scenario in every order of its log accesses, with every fault it allows at every step, early steps as well as late ones, until all
 * is tried or `most` schedules were run. States are folded: what was met before is not tried again.
 */
export const explore = async (scenario: Scenario, most: number): Promise<Exploration> => {
  const met = new Set<string>();
  const open: (readonly string[])[] = [[]];
  let schedules = 0;
  let complete = 0;
  // Not always the youngest: a bounded search should vary early steps as well as late ones. The same in every run.
  let seed = 1;
  const draw = (from: (readonly string[])[]): readonly string[] | undefined => {
    seed = (seed * 48_271) % 2_147_483_647;
    const index = seed % Math.max(1, from.length);
    const last = from.pop();
    const drawn = from[index];
    if (drawn === undefined || last === undefined) return last;
    from[index] = last;
    return drawn;
  };
  const report = (broken: Exploration['broken'] = null): Exploration => ({
    schedules,
    complete,
    states: met.size,
    exhausted: open.length === 0 && broken === null,
    broken,
  });
  while (schedules < most) {
    const prefix = draw(open);
    if (prefix === undefined) break;
    schedules += 1;
    const trace = [...prefix];
    const world = new World(scenario);
    try {
      await world.begin();
      for (const [index, choice] of prefix.entries()) await world.apply(choice, { looked: index < prefix.length - 1 });
      for (;;) {
        const key = world.key();
        if (met.has(key)) break;
        met.add(key);
        const [first, ...others] = world.choices();
        if (first === undefined) {
          complete += 1;
          await world.finish();
          break;
        }
        for (const other of others) open.push([...trace, other]);
        trace.push(first);
        await world.apply(first);
      }
    } catch (broken) {
      return report({ promise: String(broken), schedule: trace });
    }
  }
  return report();
};

/** How many schedules a scenario may take here: more on demand, by INTERLEAVINGS. */
export const budget = (usual: number): number => Number(process.env['INTERLEAVINGS'] ?? usual);
