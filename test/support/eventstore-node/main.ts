import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Order } from './misbehaviour.ts';
import { startEventStoreNode } from './node.ts';

// A node in a process of its own, to be frozen and killed; it prints its port, and reads orders as JSON, one a line:
//   node test/support/eventstore-node/main.ts --port 2113 --file log.jsonl
const { port = '0', ...file } = parseArgs({ options: { port: { type: 'string' }, file: { type: 'string' } } }).values;
const node = await startEventStoreNode({ port: Number(port), ...file });
console.log(node.port);
createInterface({ input: process.stdin }).on('line', (line) => node.misbehave(JSON.parse(line) as Order));
