export default async function teardown() {
  await globalThis.rollbookTestCluster?.stop();
}
