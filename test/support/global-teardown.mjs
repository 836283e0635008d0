export default async function teardown() {
  await Promise.all([globalThis.rollbookTestCluster?.stop(), globalThis.rollbookTestKafka?.stop()]);
}
