import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIL_KINDS, type MailKind } from '../deliver-mail/delivery.ts';
import type { MailTemplate } from './template.ts';

/** The three files of the mail in the folder of that name: `subject.txt`, `text.txt`, `page.html`. */
export async function loadTemplate(mail: string): Promise<MailTemplate> {
  const read = (file: string): Promise<string> => readFile(join(import.meta.dirname, mail, file), 'utf8');
  const [subject, text, html] = await Promise.all([read('subject.txt'), read('text.txt'), read('page.html')]);
  return { subject, text, html };
}

/** The templates of every kind of mail. */
export async function loadTemplates(): Promise<Readonly<Record<MailKind, MailTemplate>>> {
  const pairs = await Promise.all(MAIL_KINDS.map(async (kind) => [kind, await loadTemplate(kind)] as const));
  return Object.fromEntries(pairs) as Record<MailKind, MailTemplate>;
}
