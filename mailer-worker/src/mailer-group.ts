/** The consumer group of all mailers, and whose dead letters are theirs. */
export const MAILER_GROUP = 'mailer-worker';
