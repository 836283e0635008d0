/** The stream whose first event's id names the log. Written once, and in no read of the whole log. */
export const LOG_IDENTITY = 'rollbook-log';
