import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Order } from './misbehaviour.ts';
import { startEventStoreNode } from './node.ts';

// A node in a process of its own, to be killed and started again:
//   node test/support/eventstore-node/main.ts --port 2113 --file log.jsonl
// It prints its port. Each line that it reads is an order, as JSON; the line "behave" cancels all of them.
const { values } = parseArgs({ options: { port: { type: 'string' }, file: { type: 'string' } } });
const { port = '0', ...file } = values;
const node = await startEventStoreNode({ port: Number(port), ...file });
console.log(node.port);

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'behave') node.behave();
  else node.misbehave(JSON.parse(line) as Order);
});
