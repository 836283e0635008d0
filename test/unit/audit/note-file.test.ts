import { expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { formatCheckpoint } from '@rollbook/shared/audit/checkpoint';
import { noteRecord, readNotes } from '@rollbook/shared/audit/note-file';
import { signNote } from '@rollbook/shared/audit/signed-note';

const { privateKey } = generateKeyPairSync('ed25519');
const noteOf = (size: number): string =>
  signNote(formatCheckpoint({ origin: 'rollbook/x', size, root: Buffer.alloc(32, size), extensions: [] }), [
    { name: 'rollbook/x', privateKey },
  ]);
const notes = [1, 2, 3].map(noteOf);
const file = notes.map(noteRecord).join('');

test('a file of checkpoints gives each of them back, in order', () => {
  expect(readNotes(file)).toStrictEqual(notes);
  expect(readNotes('')).toStrictEqual([]);
  expect(readNotes(notes[0]!)).toStrictEqual([notes[0]]);
});

test('whatever is cut off its end or beginning, only what is whole counts', () => {
  for (let at = 0; at <= file.length; at += 1) {
    const whole = readNotes(file.slice(0, at));
    expect(whole).toStrictEqual(notes.slice(0, whole.length));
    expect(readNotes(file.slice(at)).every((note) => notes.some((one) => one.endsWith(note)))).toBe(true);
    // What is written after a cut is found all the same.
    expect(readNotes(`${file.slice(0, at)}\n\n${noteRecord(noteOf(4))}`).at(-1)).toBe(noteOf(4));
  }
});
