import { parseArgs } from 'node:util';
import type { Order } from './misbehaviour.ts';
import { startEventStoreNode } from './node.ts';

// A node in a process of its own, to be killed and started again:
//   node test/support/eventstore-node/main.ts --port 2113 --file log.jsonl
// It prints its port. Each line that it reads is an order, as JSON; an order of "behave" cancels all of them.
const { values } = parseArgs({
  options: { port: { type: 'string' }, file: { type: 'string' }, 'no-batch-append': { type: 'boolean' } },
});
const node = await startEventStoreNode({
  port: Number(values.port ?? 0),
  hasBatchAppend: values['no-batch-append'] !== true,
  ...(values.file === undefined ? {} : { file: values.file }),
});
console.log(node.port);

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const line of text.split('\n').filter(Boolean)) {
    if (line === 'behave') node.behave();
    else node.misbehave(JSON.parse(line) as Order);
  }
});
process.stdin.unref();
