import { open, readFile, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BundleVerifier } from '@rollbook/shared/audit/bundle/bundle-verifier';
import { readLine } from '@rollbook/shared/audit/bundle/read-line';
import type { Since } from '@rollbook/shared/audit/bundle/older-checkpoints';
import type { Verdict } from '@rollbook/shared/audit/bundle/verdict';
import { openCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { readNotes } from '@rollbook/shared/audit/note-file';
import { parseNote, type VerifierKey } from '@rollbook/shared/audit/signed-note';
import { Progress, type Screen } from './progress.ts';
import { readKeys, type KeyForOrigin } from './read-keys.ts';
import { readLines } from './read-lines.ts';
import { sayVerdict } from './say-verdict.ts';
import { UsageError, type Subcommand } from './subcommand.ts';

const HELP = `Usage: audit verify <bundle.ndjson> … --key <file> [--since <file>] [--json]

Checks an export of the audit trail (GET /v1/audit/export) without database and network: the signature of its checkpoint,
the root over all its events, the chain of every stream, and that it is the log that it was before.

  <bundle.ndjson>   the export; several: its parts, in their order ("-": what is piped in)
  --key <file>      a public key of the notary, from elsewhere than the bundle: a line name+id+key, the answer of
                    /.well-known/audit-keys.json, or PEM. Give it several times after the key was changed
  --since <file>    a checkpoint that a sink or an earlier export holds, or the file in which a sink keeps all of them: a
                    cut tail, an older backup and a rewritten log show. May be given several times: the more, the closer
                    a fork is located
  --json            the verdict as JSON
  --help            this text

What stands behind the last checkpoint is reported as not yet sealed, and makes the bundle invalid.

Exit codes: 0 valid, 1 invalid, 2 wrong usage (also a file that cannot be read).`;

/** Bytes. */
const LONGEST_HEADER = 1024 * 1024;

const firstLineOf = async (file: string): Promise<Buffer> => {
  if (file === '-') return Buffer.alloc(0);
  const handle = await open(file);
  try {
    // A header is far shorter; what has no line feed in so much is none.
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_HEADER), 0, LONGEST_HEADER, 0);
    return buffer.subarray(0, Math.max(0, buffer.subarray(0, bytesRead).indexOf(10)));
  } finally {
    await handle.close();
  }
};

/** The name under which a bare key signs: what the bundle calls its log, else the checkpoint from elsewhere. */
const originIn = async (file: string, notes: readonly string[]): Promise<string> => {
  const read = readLine(await firstLineOf(file));
  if (typeof read !== 'string' && 'format' in read.line) return read.line.origin;
  return parseNote(readNotes(notes[0] ?? '')[0] ?? '')?.text.split('\n')[0] ?? 'rollbook/unknown';
};

const named = (keys: readonly KeyForOrigin[], origin: string): readonly VerifierKey[] => {
  try {
    return keys.map((key) => key(origin));
  } catch {
    // A name that no note can carry: what is said to be signed under it is found not to be.
    return keys.map((key) => key('rollbook/unknown'));
  }
};

/** Every checkpoint of a file: one, or all that a sink kept in one file. None is passed over: the newest tells most. */
const readSince = (from: string, text: string, keys: readonly VerifierKey[], origin: string): readonly Since[] => {
  const notes = readNotes(text);
  const opened = notes.map((note) => openCheckpoint(note, keys)).filter((one) => one !== null);
  if (opened.length > 0 && opened.length === notes.length) return opened.map((one) => ({ ...one, from }));
  const names = notes.map((note) => parseNote(note)?.text.split('\n')[0] ?? origin);
  const other = names.find((name) => name !== origin);
  if (other !== undefined)
    throw new UsageError(
      `${from} is of another log, ${other}: the bundle is of ${origin}, and no given key signed it.`,
    );
  throw new UsageError(
    notes.length > 1
      ? `${from} holds ${notes.length - opened.length} checkpoints that no given key signed.`
      : `${from} is no checkpoint that a given key signed.`,
  );
};

const readable = async <Value>(file: string, read: Promise<Value>): Promise<Value> => {
  try {
    return await read;
  } catch (fault) {
    throw new UsageError(`${file} cannot be read: ${Error.isError(fault) ? fault.message : String(fault)}`);
  }
};

const sizeOf = async (files: readonly string[]): Promise<number | null> => {
  if (files.includes('-')) return null;
  const sizes = await Promise.all(files.map((file) => readable(file, stat(file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
};

/** Checks the parts of a bundle, in their order. Throws UsageError for a file that cannot be read or is no checkpoint. */
export const verifyFiles = async (
  files: readonly string[],
  options: { readonly keys: readonly string[]; readonly since: readonly string[]; readonly screen?: Screen },
): Promise<Verdict> => {
  const total = await sizeOf(files);
  const keys = (await Promise.all(options.keys.map(readKeys))).flat();
  const notes = await Promise.all(options.since.map((file) => readable(file, readFile(file, 'utf8'))));
  const origin = await originIn(files[0] ?? '-', notes);
  const known = named(keys, origin);
  const since = options.since.flatMap((from, at) => readSince(from, notes[at] ?? '', known, origin));
  const verifier = new BundleVerifier({ keys: known, since });
  const progress = options.screen && new Progress(options.screen, total, () => performance.now());
  for (const [at, file] of files.entries()) {
    const reading = readLines(file, {
      line: (bytes) => verifier.next(bytes),
      rest: (bytes) => verifier.rest(bytes, at < files.length - 1),
      read: (bytes) => progress?.add(bytes, `${verifier.events.toLocaleString('en')} events`),
    });
    await readable(file, reading);
  }
  progress?.end();
  return verifier.end();
};

/** `audit verify`: checks an export with nothing but the notary's public key. */
export const verify: Subcommand = {
  summary: 'check an export of the audit trail, without database and network',
  help: HELP,
  async run(words, terminal) {
    const several = { type: 'string', multiple: true } as const;
    const options = { key: several, since: several, json: { type: 'boolean' } } as const;
    const { positionals, values } = parseArgs({ args: [...words], allowPositionals: true, options });
    if (positionals.length === 0) throw new UsageError('Say which bundle is to be checked.');
    if (!values.key) throw new UsageError('Say which key it was signed with (--key). The bundle itself cannot.');
    const screen = values.json ? {} : { screen: process.stderr };
    const verdict = await verifyFiles(positionals, { keys: values.key, since: values.since ?? [], ...screen });
    if (values.json) terminal.log(JSON.stringify(verdict, null, 2));
    else terminal.log(sayVerdict(verdict).join('\n'));
    return verdict.valid ? 0 : 1;
  },
};
