import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { PostgresMessageFeed } from '@rollbook/shared/message-feed/postgres/postgres-message-feed';

// A consumer in a process of its own, so that a test can kill it: prints the id of each message that it begins, and
// never ends the one that it is told to hang on.
const [url = '', group = '', hangOn = ''] = process.argv.slice(2);

const feed = new PostgresMessageFeed({ url, clock: systemClock });
await feed.consume({
  group,
  signal: new AbortController().signal,
  handle: async (message) => {
    process.stdout.write(`${message.id}\n`);
    if (message.id === hangOn) await new Promise(() => setInterval(() => undefined, 1_000));
  },
});
