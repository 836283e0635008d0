import type { InboxMail } from './inbox.ts';

/** Nothing is loaded from anywhere, no script runs, and a mail's own HTML gets a sandbox with no rights at all. */
export const INBOX_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

/** A line that is nothing but a link can be clicked. */
const textPart = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) =>
      /^https?:\/\/\S+$/.test(line) ? `<a rel="noreferrer" href="${escape(line)}">${escape(line)}</a>` : escape(line),
    )
    .join('\n');

const article = ({ to, subject, text, html, received_at }: InboxMail): string => `
    <article>
      <h2>${escape(subject)}</h2>
      <p>to <b>${escape(to)}</b>, <time>${escape(received_at)}</time></p>
      <pre>${textPart(text)}</pre>
      <details>
        <summary>As HTML</summary>
        <iframe sandbox title="The mail as HTML" srcdoc="${escape(html)}"></iframe>
      </details>
    </article>`;

/** The inbox as a page; every value of a mail is escaped. */
export const inboxPage = (mails: readonly InboxMail[]): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="refresh" content="10">
    <meta name="viewport" content="width=device-width">
    <title>Inbox (${String(mails.length)})</title>
    <style>
      body { font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; color: #222 }
      article { border-top: 1px solid #ccc; padding: .5em 0 }
      h2 { font-size: 1.1em; margin: .5em 0 0 }
      p { margin: 0; color: #555 }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: 1em }
      iframe { width: 100%; height: 22em; border: 1px solid #ccc }
    </style>
  </head>
  <body>
    <h1>Inbox</h1>
    <p>Mails that this Rollbook sent, newest first, also as <a href="/dev/inbox.json">JSON</a>. They are kept in memory
      until it stops. The page looks again every 10 seconds.</p>${mails.map(article).join('') || '\n    <p>No mail yet.</p>'}
  </body>
</html>
`;
