import type { LogFilter } from './port.ts';

/** What a filter lets through, said by one function for all stores that filter in this process. */
export const passes = (filter: LogFilter | undefined, event: { stream: string; type: string }): boolean => {
  if (!filter) return true;
  if ('types' in filter) return filter.types.includes(event.type);
  return filter.streamPrefixes.some((prefix) => event.stream.startsWith(prefix));
};
