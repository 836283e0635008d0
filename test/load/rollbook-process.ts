import { startRollbook } from '../support/rollbook.ts';

// A whole Rollbook in a process of its own, so that whoever loads it does not share its event loop. Says where it is on
// one line, and ends with its standard input.

const rollbook = await startRollbook({
  RATE_LIMIT_PER_HOUR: '0',
  RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
  RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
});
console.log(JSON.stringify({ url: rollbook.url }));
process.stdin.resume();
process.stdin.once('end', () => void rollbook.stop().then(() => process.exit(0)));
