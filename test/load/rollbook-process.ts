import { freeRow, largeSurroundings } from '../support/large-surroundings.ts';
import { startProcess } from '../support/child-process.ts';
import { until } from '../support/feed-audience.ts';
import { testKafka } from '../support/kafka.ts';
import { startRollbook } from '../support/rollbook.ts';

// A whole Rollbook beside the process that loads it, so that they do not share an event loop: the small profile in this
// process, the large one as it is deployed, every service and the node for tests in a process of its own. Says where it
// is on one line, and ends with its standard input.

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

const SETTINGS = {
  RATE_LIMIT_PER_HOUR: '0',
  RATE_LIMIT_ANONYMOUS_PER_HOUR: '0',
  RATE_LIMIT_CREDENTIALS_PER_HOUR: '0',
};
/** ms that the large profile may take to be ready. */
const START = 120_000;

const startLarge = async (): Promise<Started> => {
  const kafka = await testKafka();
  if (kafka === null) throw new Error('The large profile is measured on a Kafka, and there is none.');
  const [around, port] = [await largeSurroundings(kafka), await freeRow(5)];
  const url = `http://127.0.0.1:${String(port)}`;
  const env = { ...around.env, ...SETTINGS, LOG_LEVEL: 'error', PORT: String(port) };
  const { NODE_OPTIONS } = process.env;
  const services = startProcess('npm', ['run', '--silent', 'start:large'], {
    ...env,
    ...(NODE_OPTIONS && { NODE_OPTIONS }),
  });
  const isReady = async (): Promise<boolean> => {
    if (services.child.exitCode !== null) throw new Error(`The services ended: ${services.said()}`);
    return (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200;
  };
  await until('all five are ready', isReady, START);
  return {
    url,
    async stop() {
      await services.stop();
      await around.end();
    },
  };
};

const rollbook: Started = await (process.env['ROLLBOOK_PROFILE'] === 'large' ? startLarge() : startRollbook(SETTINGS));
console.log(JSON.stringify({ url: rollbook.url }));
process.stdin.resume();
process.stdin.once('end', () => void rollbook.stop().then(() => process.exit(0)));
