import { startEventStoreNode } from './eventstore-node/node.ts';

/** Something that speaks EventStoreDB's protocol, and what it is. */
export interface EventStoreDbServer {
  readonly name: string;
  /** Its connection string. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A patched server; older ones move checkpoints past events. */
const IMAGE = 'eventstore/eventstore:24.10.5';

const byDocker = async (): Promise<EventStoreDbServer | null> => {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers');
  if ((await getContainerRuntimeClient().catch(() => null)) === null) return null;
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(2113)
    .withEnvironment({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1', EVENTSTORE_RUN_PROJECTIONS: 'None' })
    .withWaitStrategy(Wait.forHttp('/health/live', 2113).forStatusCodeMatching((status) => status < 300))
    .start();
  return {
    name: `EventStoreDB (${IMAGE})`,
    url: `esdb://${container.getHost()}:${String(container.getMappedPort(2113))}?tls=false`,
    stop: async () => {
      await container.stop({ timeout: 0 });
    },
  };
};

/** A real server in a container, else the one that EVENTSTORE_TEST_URL names, else the node for tests. */
export const eventStoreDbServer = async (): Promise<EventStoreDbServer> => {
  const container = await byDocker();
  if (container) return container;
  const given = process.env['EVENTSTORE_TEST_URL'];
  if (given) return { name: 'EventStoreDB (EVENTSTORE_TEST_URL)', url: given, stop: () => Promise.resolve() };
  const node = await startEventStoreNode();
  return { name: 'EventStoreDB (the node for tests)', url: node.connectionString, stop: () => node.stop() };
};
