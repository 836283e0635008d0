import { createInterface } from 'node:readline';
import { start } from '../../../projector/src/main.ts';
import { SEALING } from '../../../projector/src/notary/due.decide.ts';

// A projector in a process of its own. A line "on" makes its notary sign by the usual rule, "off" makes it wait; it says
// "ready" once, and ends with its standard input.

const NEVER = { every: Infinity, most: Infinity };
let rule = NEVER;
const sealing = {
  get every() {
    return rule.every;
  },
  get most() {
    return rule.most;
  },
};

const projector = await start(process.env, { sealing });
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) rule = line === 'on' ? SEALING : NEVER;
await projector.stop();
process.exit(0);
