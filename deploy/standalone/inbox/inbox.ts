/** A mail as the inbox shows it. */
export interface InboxMail {
  /** Addresses it was delivered to, comma-separated. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** RFC 3339 UTC. */
  readonly received_at: string;
}

interface Entry {
  readonly mail: InboxMail;
  /** Without angle brackets; null when the mail had none. */
  readonly messageId: string | null;
  readonly bytes: number;
}

export interface InboxLimits {
  /** Mails kept. */
  readonly count: number;
  /** Bytes kept, over all mails. */
  readonly bytes: number;
}

/** Ids of events kept as forgotten: far more than there are mails on their way. */
const MOST_FORGOTTEN = 10_000;

/** A mail's Message-ID begins with the id of the event that caused it. */
const eventOf = (messageId: string | null): string => messageId?.split('.')[0] ?? '';

/** The newest mails, in memory alone: they end with the process. The oldest go when a limit is passed. */
export class Inbox {
  readonly #limits: InboxLimits;
  /** Oldest first. */
  #entries: Entry[] = [];
  #bytes = 0;
  /** Events whose mails may still be on their way, oldest first; bounded. */
  readonly #forgotten = new Set<string>();

  constructor(limits: InboxLimits = { count: 500, bytes: 16 * 1024 * 1024 }) {
    this.#limits = limits;
  }

  /** Newest first. */
  get mails(): readonly InboxMail[] {
    return this.#entries.map(({ mail }) => mail).reverse();
  }

  /** A mail that was forgotten before it came is not taken in. */
  add(mail: InboxMail, messageId: string | null): void {
    if (this.#forgotten.has(eventOf(messageId))) return;
    const bytes = Buffer.byteLength(mail.to + mail.subject + mail.text + mail.html);
    this.#entries.push({ mail, messageId, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > this.#limits.count || this.#bytes > this.#limits.bytes)
      this.#bytes -= this.#entries.shift()?.bytes ?? 0;
  }

  /** Forgets the mails that were caused by these events: a mail's Message-ID begins with its event's id. */
  forget(eventIds: ReadonlySet<string>): void {
    for (const id of eventIds) this.#forgotten.add(id);
    for (const id of this.#forgotten) if (this.#forgotten.size > MOST_FORGOTTEN) this.#forgotten.delete(id);
    this.#entries = this.#entries.filter(({ messageId }) => !eventIds.has(eventOf(messageId)));
    this.#bytes = this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
