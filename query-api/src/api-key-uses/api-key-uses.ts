import { MINUTE, type Clock } from '@rollbook/shared/kernel/clock';

/** Where the times are kept. A time that is older than the one there changes nothing. */
export interface ApiKeyUseTable {
  /** Times in ms since 1970, by key. */
  write(uses: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * When each key was used last: noted in memory with each request, written once a minute and at the end. What was noted
 * since the last writing is lost with a crash; nothing but the list shows it.
 */
export class ApiKeyUses {
  readonly #table: ApiKeyUseTable;
  readonly #clock: Clock;
  readonly #onFault: (fault: unknown) => void;
  #noted = new Map<string, number>();

  constructor(parts: {
    readonly table: ApiKeyUseTable;
    readonly clock: Clock;
    readonly onFault: (fault: unknown) => void;
  }) {
    this.#table = parts.table;
    this.#clock = parts.clock;
    this.#onFault = parts.onFault;
  }

  note(keyId: string): void {
    this.#noted.set(keyId, this.#clock.now());
  }

  /** Writes every minute until the signal, and then once more. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    do {
      await this.#clock.sleep(MINUTE, signal);
      await this.#write();
    } while (!signal.aborted);
  }

  async #write(): Promise<void> {
    if (this.#noted.size === 0) return;
    const uses = this.#noted;
    this.#noted = new Map();
    try {
      await this.#table.write(uses);
    } catch (fault) {
      // Kept for the next time; what was noted meanwhile is newer.
      this.#noted = new Map([...uses, ...this.#noted]);
      this.#onFault(fault);
    }
  }
}
