import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { connectMessageFeed } from '@rollbook/shared/message-feed/connect-message-feed';

// A consumer in a process of its own, so that a test can kill it: prints the id of each message that it begins, and
// never ends the one that it is told to hang on.
const [url = '', group = '', hangOn = ''] = process.argv.slice(2);

const complain = (fault: unknown): void => console.error(fault);
const feed = await connectMessageFeed({
  url,
  clock: systemClock,
  applicationName: 'consumer to be killed',
  onFault: complain,
  onStalled: complain,
});
await feed.consume({
  group,
  signal: new AbortController().signal,
  handle: async (message) => {
    process.stdout.write(`${message.id}\n`);
    if (message.id === hangOn) await new Promise(() => setInterval(() => undefined, 1_000));
  },
});
