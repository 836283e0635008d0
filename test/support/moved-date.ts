import { afterEach, jest } from '@jest/globals';

/**
 * Lets the tests of a file move the machine's clock (`Date`, on which what is not ours goes by); timers go on as they
 * are. Gives the function that moves it on by `ms`.
 */
export const movedDate = (): ((ms: number) => void) => {
  afterEach(() => {
    jest.useRealTimers();
  });
  return (ms) => {
    const now = Date.now() + ms;
    jest.useRealTimers();
    jest.useFakeTimers({
      now,
      doNotFake: [
        ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask'] as const),
        ...(['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
      ],
    });
  };
};
