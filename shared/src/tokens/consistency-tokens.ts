import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Position } from '../event-log/event.ts';
import { equalBytes } from '../kernel/digest.ts';
import type { NamedSecret } from '../kernel/named-key.ts';

const Content = z.tuple([z.string(), z.string(), z.string(), z.int()]);

/** What a command's answer vouches for: its last event. */
export interface ConsistencyPoint {
  readonly logId: string;
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
}

/**
 * Opaque, authenticated proof of how far a read must have got: `<key id>.<content>.<HMAC-SHA-256>`, under
 * HKDF(MASTER_KEY, "consistency-token").
 */
export class ConsistencyTokens {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #current: string;

  constructor(masterKeys: readonly NamedSecret[]) {
    this.#keys = new Map(masterKeys.map(({ id, secret }) => [id, createSecretKey(derive(secret))]));
    this.#current = masterKeys[0]?.id ?? '';
  }

  issue({ logId, position, stream, revision }: ConsistencyPoint): string {
    const content = Buffer.from(JSON.stringify([logId, position, stream, revision])).toString('base64url');
    const body = `${Buffer.from(this.#current).toString('base64url')}.${content}`;
    return `${body}.${this.#mac(this.#current, body)?.toString('base64url') ?? ''}`;
  }

  /** The point, or null for anything that was not issued here. */
  read(token: string): ConsistencyPoint | null {
    const [keyId, content, mac, ...rest] = token.split('.');
    if (!keyId || !content || !mac || rest.length > 0 || token.length > 2_048) return null;
    const expected = this.#mac(Buffer.from(keyId, 'base64url').toString(), `${keyId}.${content}`);
    if (!expected || !equalBytes(expected, Buffer.from(mac, 'base64url'))) return null;
    const parsed = Content.safeParse(JSON.parse(Buffer.from(content, 'base64url').toString()));
    if (!parsed.success) return null;
    const [logId, position, stream, revision] = parsed.data;
    return { logId, position: position as Position, stream, revision };
  }

  #mac(keyId: string, body: string): Buffer | null {
    const key = this.#keys.get(keyId);
    return key ? createHmac('sha256', key).update(body).digest() : null;
  }
}

const derive = (secret: Buffer): Buffer => Buffer.from(hkdfSync('sha256', secret, '', 'consistency-token', 32));
