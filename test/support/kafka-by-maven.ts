import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import type { Broker } from './kafka-broker.ts';

const run = promisify(execFile);

const pom = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rollbook.test</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

const javaIsThere = async (): Promise<boolean> => {
  try {
    const { stderr } = await run('java', ['-version']);
    const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
    await run('mvn', ['--version']);
    return major >= 17;
  } catch {
    return false;
  }
};

/** The jars of the broker. Maven keeps them in its own repository; the list of them is kept under `.cache`. */
async function classpath(version: string): Promise<string> {
  const cache = resolve(import.meta.dirname, '../../.cache/kafka');
  const list = join(cache, `${version}.classpath`);
  const known = await readFile(list, 'utf8').catch(() => '');
  const whole = await Promise.all(known.split(delimiter).map((jar) => access(jar))).then(
    () => known !== '',
    () => false,
  );
  if (whole) return known;
  await mkdir(cache, { recursive: true });
  await writeFile(join(cache, 'pom.xml'), pom(version));
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';
  await run('mvn', ['-q', '-B', '-f', join(cache, 'pom.xml'), goal, `-Dmdep.outputFile=${list}`], { timeout: 300_000 });
  return await readFile(list, 'utf8');
}

const properties = (folder: string, port: number, controller: number): string => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${String(controller)}
listeners=PLAINTEXT://127.0.0.1:${String(port)},CONTROLLER://127.0.0.1:${String(controller)}
advertised.listeners=PLAINTEXT://127.0.0.1:${String(port)}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(folder, 'data')}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
`;

/** Ends the broker, and removes its folder, when this process dies without a word: the pipe closes. */
function watch(folder: string): ChildProcess {
  const script = 'cat > /dev/null; kill -9 "$(cat "$1/pid")" 2> /dev/null; sleep 1; rm -rf "$1"';
  const watcher = spawn('sh', ['-c', script, 'watch', folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return watcher;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((told) => {
    const socket = connect(port, '127.0.0.1');
    socket
      .on('connect', () => {
        socket.destroy();
        told(true);
      })
      .on('error', () => told(false));
  });

/** What a broker has beside its open listener: each its name and its own settings. */
export interface MoreListeners {
  /** By name, with the security protocol: `SASL_PLAINTEXT`, `SASL_SSL`. */
  readonly protocols: Readonly<Record<string, string>>;
  readonly settings: (folder: string) => string;
  /** Further arguments for the formatting of the storage, as for users. */
  readonly format: readonly string[];
  /** Files beside the settings, by name. */
  readonly files: Readonly<Record<string, string>>;
}

const NO_MORE: MoreListeners = { protocols: {}, settings: () => '', format: [], files: {} };

/** A broker as a Java process, or null where Java 17 and Maven are not both on the path. */
export async function brokerByMaven(
  version: string,
  more: MoreListeners = NO_MORE,
): Promise<(Broker & { readonly addresses: Readonly<Record<string, string>> }) | null> {
  if (!(await javaIsThere())) return null;
  const jars = await classpath(version);
  const [port, controller] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-kafka-'));
  const settings = join(folder, 'server.properties');
  const addresses: Record<string, string> = {};
  for (const name of Object.keys(more.protocols)) addresses[name] = `127.0.0.1:${String(await freePort())}`;
  const others = Object.entries(addresses).map(([name, address]) => `,${name}://${address}`);
  const protocols = Object.entries(more.protocols).map(([name, protocol]) => `,${name}:${protocol}`);
  const plain = properties(folder, port, controller)
    .replace(/^((?:advertised\.)?listeners=.*)$/gm, `$1${others.join('')}`)
    .replace(/^(listener\.security\.protocol\.map=.*)$/m, `$1${protocols.join('')}`);
  await writeFile(settings, plain + more.settings(folder));
  for (const [name, content] of Object.entries(more.files)) await writeFile(join(folder, name), content);
  const id = randomBytes(16).toString('base64url');
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  // In one word: an id may begin with a hyphen.
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', settings, ...more.format];
  await run('java', [...quick, '-Xmx128m', '-cp', jars, ...format]);
  const watcher = watch(folder);
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const log = await open(join(folder, 'broker.log'), 'a');
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
    const started = spawn('java', [...quick, quiet, '-Xmx512m', '-cp', jars, 'kafka.Kafka', settings], {
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    child = started;
    started.unref();
    await writeFile(join(folder, 'pid'), String(started.pid));
    for (const end = Date.now() + 60_000; !(await answers(port));) {
      if (started.exitCode !== null || Date.now() > end)
        throw new Error(`Kafka did not start: ${(await readFile(join(folder, 'broker.log'), 'utf8')).slice(-2_000)}`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  };
  const kill = async (): Promise<void> => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    // Nothing else may keep this process alive: without the reference it would end here, with 0, its results unwritten.
    child.ref();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    address: `127.0.0.1:${String(port)}`,
    addresses,
    kill,
    start,
    stop: async () => {
      await kill();
      watcher.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
