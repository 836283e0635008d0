import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';

/** Waits until `<url>/health/ready` says yes, at most 10 s: a start shows its addresses when a first request works. */
export async function untilReady(url: string, clock: Clock): Promise<void> {
  const latest = clock.now() + 10 * SECOND;
  while (clock.now() < latest) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await clock.sleep(50);
  }
}
