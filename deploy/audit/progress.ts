import { percent } from '@rollbook/shared/process/progress-line';

/** A terminal that a progress bar can be drawn on, over and over in one line. */
export type Screen = Pick<NodeJS.WriteStream, 'isTTY' | 'write' | 'columns'>;

/** ms between two drawings. */
const EVERY = 100;

/** Draws how much was done, on a terminal; writes nothing elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #total: number | null;
  readonly #now: () => number;
  #drawnAt = -Infinity;
  #done = 0;

  /** `total`: bytes, or null where nobody knows. */
  constructor(screen: Screen, total: number | null, now: () => number) {
    this.#screen = screen;
    this.#total = total;
    this.#now = now;
  }

  add(bytes: number, says: string): void {
    this.#done += bytes;
    if (!this.#screen.isTTY || this.#now() - this.#drawnAt < EVERY) return;
    this.#drawnAt = this.#now();
    const width = Math.max(10, Math.min(40, (this.#screen.columns || 80) - 45));
    const share = this.#total === null || this.#total === 0 ? null : percent(this.#done, this.#total);
    const bar =
      share === null
        ? `${(this.#done / 1e6).toFixed(1)} MB`
        : `[${'#'.repeat(Math.round((share / 100) * width)).padEnd(width, '.')}] ${String(share).padStart(3)} %`;
    this.#screen.write(`\r${bar}  ${says}\u001b[K`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#screen.isTTY) this.#screen.write('\r\u001b[K');
  }
}
