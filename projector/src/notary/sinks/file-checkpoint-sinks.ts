import { constants } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { noteRecord, readNotes } from '@rollbook/shared/audit/note-file';
import { checkpointName, type CheckpointSink } from './checkpoint-sink.ts';

/** Bytes at the file's end that are looked through for the newest checkpoint. */
const TAIL = 16_384;

const readTail = async (path: string): Promise<string> => {
  const file = await open(path, constants.O_RDONLY | constants.O_CREAT, 0o644);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL));
    await file.read(tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8');
  } finally {
    await file.close();
  }
};

/** Makes names in a folder survive a crash of the machine. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, constants.O_RDONLY);
  await folder.sync().finally(() => folder.close());
};

/** One file that only grows, so that the operating system may be told to allow nothing else (`chattr +a`). */
export const fileSink = (path: string): CheckpointSink => ({
  name: `file:${path}`,
  async push({ note }) {
    await mkdir(dirname(path), { recursive: true });
    const tail = await readTail(path);
    // It came before: this process, or another copy, did not get to say so.
    if (readNotes(tail).includes(note)) return;
    const file = await open(path, 'a', 0o644);
    try {
      // Whatever a crash left half is closed off.
      await file.writeFile(`${tail === '' || tail.endsWith('\n\n') ? '' : '\n\n'}${noteRecord(note)}`);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  },
});

const readIfThere = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fault;
  }
};

/** A folder with a file for each checkpoint, which appears whole. Another one of the same size is never written over. */
export const folderSink = (path: string): CheckpointSink => ({
  name: `file:${path}`,
  async push(checkpoint) {
    await mkdir(path, { recursive: true });
    const target = join(path, checkpointName(checkpoint));
    const there = await readIfThere(target);
    if (there === checkpoint.note) return;
    if (there !== null) throw new Error(`${target} holds another checkpoint of that size: it is left as it is`);
    const file = await open(`${target}.part`, 'w', 0o644);
    try {
      await file.writeFile(checkpoint.note);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${target}.part`, target);
    await syncFolder(path);
  },
});
