import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '@rollbook/shared/event-log/event';

const folder = join(import.meta.dirname, '../stored-events');

/** One event of every type and version that was ever stored. */
export const storedSamples = (): readonly StoredEvent[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { stored: StoredEvent }).stored);
