import { reject, type Rejection } from '../contracts/rejections.ts';
import { SECOND } from '../kernel/clock.ts';

/** 429. `ms`: until the sender may ask again; said in whole seconds, one at least. */
export const tooMany = (ms: number): Rejection => {
  const retryAfter = Math.max(1, Math.ceil(ms / SECOND));
  const message = `Rate limit exceeded. Try again in ${String(retryAfter)} seconds.`;
  return reject('rate_limited', { message, retryAfter });
};
