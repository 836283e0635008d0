import { parseNote } from './signed-note.ts';

/** A checkpoint as it stands in a file of many: with an empty line behind it. */
export const noteRecord = (note: string): string => `${note}\n`;

/**
 * The notes of a file of many, in its order: a note's text has no empty line, so that one stands between text and
 * signatures, and one behind. What a crash left behind half is passed over.
 */
export const readNotes = (file: string): readonly string[] => {
  const blocks = file.split(/\n{2,}/);
  return blocks.flatMap((signatures, at) => {
    const text = blocks[at - 1]?.replace(/^\n+/, '') ?? '';
    const note = `${text}\n\n${signatures.replace(/\n+$/, '')}\n`;
    const whole = text !== '' && parseNote(note)?.signatures.every(({ signature }) => signature.length >= 64);
    return whole === true ? [note] : [];
  });
};
