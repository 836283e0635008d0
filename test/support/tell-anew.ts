import type { KeyObject } from 'node:crypto';
import {
  writeLine,
  type BundleLine,
  type EventLine,
  type HeaderLine,
  type Leaf,
} from '@rollbook/shared/audit/bundle/bundle-line';
import { formatCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { claimsLine, NO_CLAIMS, withClaim } from '@rollbook/shared/audit/claims';
import { GrowingTree } from '@rollbook/shared/audit/merkle-tree';
import { signNote } from '@rollbook/shared/audit/signed-note';
import { hashEvent } from '@rollbook/shared/event-log/event-hash';
import type { JsonObject } from '@rollbook/shared/kernel/json';

// What somebody who knows the format of a bundle can do to its lines.

type Parsed = Record<string, any>;
export const parse = (line: string): Parsed => {
  const { crc32: _check, ...rest } = JSON.parse(line) as Parsed;
  return rest;
};
export const isEvent = (line: string): boolean => line.startsWith('{"event":');
export const write = (line: Parsed): string => writeLine(line as BundleLine);

export const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''));
export const firstLeafOf = (line: string): number => {
  const parsed = parse(line);
  return Number(parsed['leaf'] ?? parsed['bare']?.from ?? 0);
};

/** All leaf lines renumbered and placed anew, as somebody would who knows the format. */
export const renumbered = (lines: readonly string[]): readonly string[] => {
  let leaf = 0;
  let position = 0;
  return lines.map((line) => {
    const parsed = parse(line);
    if (isEvent(line)) {
      position += 1;
      return write({ ...parsed, leaf: leaf++, position: String(position).padStart(20, '0') });
    }
    if (!parsed['bare']) return line;
    const from = leaf;
    leaf += Number(parsed['bare'].hashes.length);
    return write({ bare: { ...parsed['bare'], from } });
  });
};

export const rehashed = (line: Parsed): EventLine => {
  const event = line['event'] as Leaf;
  return { ...(line as EventLine), hash: hashEvent(event) };
};

/** The chain of the changed event's stream, computed anew from there on: only the tree can tell. */
export const rechained = (lines: readonly string[], from: number): readonly string[] => {
  const changed = [...lines];
  let previous: string | null = null;
  const { stream } = parse(lines[from]!)['event'] as Leaf;
  for (let at = from; at < lines.length; at += 1) {
    if (!isEvent(lines[at]!)) continue;
    const line = parse(lines[at]!);
    const event = line['event'] as Leaf;
    if (event.stream !== stream) continue;
    const metadata = { ...event.metadata, ...(previous === null ? {} : { previousHash: previous }) };
    const again = rehashed({ ...line, event: { ...event, metadata } });
    previous = again.hash;
    changed[at] = write(again);
  }
  return changed;
};

/** Everything from this line on told anew, chains, checkpoints and all, and signed: only an older witness can tell. */
export const forked = (lines: readonly string[], from: number, privateKey: KeyObject, change: (event: any) => void) => {
  const header = parse(lines[0]!) as HeaderLine;
  const tree = new GrowingTree();
  const roots = new Map<number, Buffer>();
  const claims = new Map<number, string>();
  let bare = NO_CLAIMS;
  const ends = new Map<string, string>();
  const note = (size: number): string =>
    signNote(
      formatCheckpoint({ origin: header.origin, size, root: roots.get(size)!, extensions: [claims.get(size)!] }),
      [{ name: header.origin, privateKey }],
    );
  const told = lines.map((line, at) => {
    const see = (): void => {
      roots.set(tree.size, tree.root());
      claims.set(tree.size, claimsLine(bare));
    };
    see();
    const parsed = parse(line);
    if (parsed['bare']) {
      for (const hash of parsed['bare'].hashes) {
        bare = withClaim(bare, tree.size);
        tree.append(Buffer.from(hash, 'hex'));
        see();
      }
      return line;
    }
    if (parsed['checkpoint']) return write({ checkpoint: note(tree.size) });
    if (!isEvent(line)) return line;
    const event = parsed['event'];
    if (at === from) change(event);
    if (at >= from && typeof event.data.note === 'string') {
      event.data = {
        ...event.data,
        note: note(event.data.size),
        root: roots.get(event.data.size)!.toString('base64'),
      } as JsonObject;
    }
    event.metadata.previousHash = ends.get(event.stream) ?? event.metadata.previousHash;
    const again = rehashed({ ...parsed, event });
    ends.set(event.stream, again.hash);
    tree.append(Buffer.from(again.hash, 'hex'));
    return write(again);
  });
  return told;
};

/** A checkpoint within the export, and how many leaves it covers. */
export const checkpointsIn = (lines: readonly string[]): readonly { readonly note: string; readonly size: number }[] =>
  lines.flatMap((line) => {
    const data = isEvent(line) ? (parse(line)['event'].data as Parsed) : {};
    return typeof data['note'] === 'string' ? [{ note: data['note'], size: Number(data['size']) }] : [];
  });

/** A line of bare leaves may reach beyond the size. */
export const cutTo = (lines: readonly string[], size: number): readonly string[] =>
  lines.map((line) => {
    const { bare } = parse(line);
    return bare && Number(bare.from) + Number(bare.hashes.length) > size
      ? write({ bare: { ...bare, hashes: bare.hashes.slice(0, size - bare.from) } })
      : line;
  });
