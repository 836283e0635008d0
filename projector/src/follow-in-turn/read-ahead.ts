/**
 * The same, but the next one is on its way while the caller works on the one before. So that something asked for in vain
 * does not hold up the end, the caller aborts what it iterates over before it leaves.
 */
export async function* readAhead<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page, void> {
  const iterator = pages[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<Page>> => {
    const asked = iterator.next();
    // Its fault is met when its turn comes, or never.
    asked.catch(() => undefined);
    return asked;
  };
  let next = ask();
  try {
    for (;;) {
      const asked = await next;
      if (asked.done === true) return;
      next = ask();
      yield asked.value;
    }
  } finally {
    await iterator.return?.();
  }
}
