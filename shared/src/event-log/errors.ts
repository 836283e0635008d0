/** It is not known whether the append was written. Ask again with the same command. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** The store cannot be reached or cannot answer in time, and surely wrote nothing. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** No store would take these events: too large, a repeated id, a value JSON cannot carry. A fault of the program. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
}

/** Stored bytes that cannot be understood: an unknown type or version, a broken seal, a key that is missing. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
}

/** A position that does not exist in this log: the log is another one, or older than what was made from it. */
export class OtherLog extends Error {
  override readonly name = 'OtherLog';
}
