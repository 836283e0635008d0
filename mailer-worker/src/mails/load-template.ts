import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailTemplate } from './template.ts';

/** The three files of the mail in the folder of that name: `subject.txt`, `text.txt`, `page.html`. */
export async function loadTemplate(mail: string): Promise<MailTemplate> {
  const read = (file: string): Promise<string> => readFile(join(import.meta.dirname, mail, file), 'utf8');
  const [subject, text, html] = await Promise.all([read('subject.txt'), read('text.txt'), read('page.html')]);
  return { subject, text, html };
}
