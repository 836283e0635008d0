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

/** The newest mails, in memory alone: they end with the process. The oldest go when a limit is passed. */
export class Inbox {
  readonly #limits: InboxLimits;
  /** Oldest first. */
  #entries: Entry[] = [];
  #bytes = 0;

  constructor(limits: InboxLimits = { count: 500, bytes: 16 * 1024 * 1024 }) {
    this.#limits = limits;
  }

  /** Newest first. */
  get mails(): readonly InboxMail[] {
    return this.#entries.map(({ mail }) => mail).reverse();
  }

  add(mail: InboxMail, messageId: string | null): void {
    const bytes = Buffer.byteLength(mail.to + mail.subject + mail.text + mail.html);
    this.#entries.push({ mail, messageId, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > this.#limits.count || this.#bytes > this.#limits.bytes)
      this.#bytes -= this.#entries.shift()?.bytes ?? 0;
  }

  /** Forgets the mails that were caused by these events: a mail's Message-ID begins with its event's id. */
  forget(eventIds: ReadonlySet<string>): void {
    this.#entries = this.#entries.filter(({ messageId }) => !eventIds.has(messageId?.split('.')[0] ?? ''));
    this.#bytes = this.#entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
