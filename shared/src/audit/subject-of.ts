import { personOfStream } from '../contracts/streams.ts';
import type { StoredEvent } from '../event-log/event.ts';
import { isUuid } from '../kernel/uuid.ts';

const uuidOrNull = (value: unknown): string | null => (typeof value === 'string' && isUuid(value) ? value : null);

/** Events that stand in the stream of whoever acts and are about somebody else: the field that names them. */
const ABOUT: Readonly<Record<string, string>> = { AdministrationRefused: 'target', HistoryRead: 'subject' };

/**
 * The person whom an event is about: whose stream it stands in, or whom its data names. Looks at what stands in the
 * clear, and understands types that this program does not know. null: nobody. The audit index holds it and its readers compare
 * it: another answer for the same event needs another version of the index.
 */
export const subjectOfEvent = ({
  type,
  stream,
  data,
}: Pick<StoredEvent, 'type' | 'stream' | 'data'>): string | null => {
  const field = ABOUT[type];
  const named = field === undefined ? null : uuidOrNull(data[field]);
  return named ?? uuidOrNull(personOfStream(stream)) ?? uuidOrNull(data['userId']);
};
