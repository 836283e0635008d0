import type { JsonObject } from '../kernel/json.ts';

/** What an upcaster sees and gives: one version older, one version newer. `personal` is null when erased or absent. */
export interface EventShape {
  readonly data: JsonObject;
  readonly personal: JsonObject | null;
}
export type Upcaster = (old: EventShape) => EventShape;

/**
 * `<type>@<version>` → how to make the next version of it. Pure. Every version ever stored keeps a sample under
 * `test/stored-events/`.
 */
export const UPCASTERS: Readonly<Record<string, Upcaster>> = {
  // Its signature does not cover what the erasure did not reach: nobody had named it.
  'ErasureReceipted@1': ({ data, personal }) => ({ data: { ...data, outOfReach: null }, personal }),
};

/** The shape in version `to`; throws when a step is missing. */
export const upcast = (type: string, from: number, to: number, shape: EventShape, steps = UPCASTERS): EventShape => {
  let current = shape;
  for (let version = from; version < to; version += 1) {
    const step = steps[`${type}@${String(version)}`];
    if (!step) throw new RangeError(`There is no upcaster for ${type}@${String(version)}`);
    current = step(current);
  }
  return current;
};
