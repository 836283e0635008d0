/**
 * What `promise` gives, or undefined as soon as the signal aborts. Leaves no listener behind, so one signal may be waited
 * on any number of times. Throws what the promise throws before that; what it throws later is dropped.
 */
export const untilAborted = <Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> =>
  new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
