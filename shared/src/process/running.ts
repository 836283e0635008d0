/** A service that was started. */
export interface Running {
  /** Where it listens, as URLs by name; `http` is its HTTP server (`http://127.0.0.1:8000`). */
  readonly addresses: Readonly<Record<string, string>>;
  /** Stops accepting, finishes what is under way, closes connections. A second call gives the same promise. */
  stop(): Promise<void>;
}

/** Makes a `Running` whose `stop` runs once, however often it is called. */
export function running(addresses: Readonly<Record<string, string>>, stop: () => Promise<void>): Running {
  let stopped: Promise<void> | undefined;
  return { addresses, stop: () => (stopped ??= stop()) };
}
