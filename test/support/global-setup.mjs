// Runs outside jest's realm, once, before any worker: here Node itself strips the types.
export default async function setup() {
  const { serveTestKafka } = await import('./kafka-server.ts');
  globalThis.rollbookTestKafka = await serveTestKafka();
  process.env.ROLLBOOK_TEST_KAFKA = globalThis.rollbookTestKafka.path;
  // `npm test` serves one cluster to all that it runs.
  if (process.env.ROLLBOOK_TEST_CLUSTER !== undefined) return;
  const { serveTestCluster } = await import('./test-cluster.ts');
  globalThis.rollbookTestCluster = await serveTestCluster();
  process.env.ROLLBOOK_TEST_CLUSTER = globalThis.rollbookTestCluster.address;
}
