// Runs outside jest's realm, once, before any worker: here Node itself strips the types.
export default async function setup() {
  const { serveTestCluster } = await import('./test-cluster.ts');
  globalThis.rollbookTestCluster = await serveTestCluster();
  process.env.ROLLBOOK_TEST_CLUSTER = globalThis.rollbookTestCluster.address;
}
