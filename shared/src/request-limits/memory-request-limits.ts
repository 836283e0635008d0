import type { RequestLimits } from './request-limits.ts';
import { standingOf, WindowCounts } from './window-counts.ts';

/** The limits of a process that serves the whole of an installation: exact, and gone with the process. */
export const memoryRequestLimits = (counts = new WindowCounts()): RequestLimits => ({
  count: async (sender) => standingOf(sender, await counts.add(sender)),
  forget: (name) => void counts.forget(name),
});
