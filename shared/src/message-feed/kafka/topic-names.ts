/** The public topic, after the installation's prefix. */
export const feedTopic = (prefix: string): string => `${prefix}user-events.v1`;

/** Where a group puts messages aside that it cannot handle: `user-events.mailer.dlq` for `mailer-worker`. */
export const deadLetterTopic = (prefix: string, group: string): string =>
  `${prefix}user-events.${group.replace(/-worker$/, '')}.dlq`;
