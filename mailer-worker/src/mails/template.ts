/** A mail's words as its files hold them. Places are `{{name}}`; `{{#name}}…{{/name}}` stands only when name has a value. */
export interface MailTemplate {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail that is ready but for its recipient. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What stands in the places; null: nothing, and the sections of that name fall away. */
export type MailValues = Readonly<Record<string, string | null>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

/** Control and bidirectional override characters become spaces: no extra header, no extra line, nothing turned round. */
const oneLine = (value: string): string => value.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');

const fill = (template: string, values: MailValues, escape: (value: string) => string): string => {
  const valueOf = (name: string): string | null => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`The template names {{${name}}}, which has no value`);
    return value;
  };
  return template
    .replace(/\{\{#(\w+)\}\}\n?([\s\S]*?)\{\{\/\1\}\}\n?/g, (_all, name: string, inner: string) =>
      valueOf(name) === null ? '' : inner,
    )
    .replace(/\{\{(\w+)\}\}/g, (_all, name: string) => escape(oneLine(valueOf(name) ?? '')));
};

/** Puts the values in: escaped in HTML, on one line everywhere. Throws RangeError for a place that has no value. */
export const fillMail = (template: MailTemplate, values: MailValues): Mail => ({
  subject: fill(template.subject, values, (value) => value).trim(),
  text: fill(template.text, values, (value) => value),
  html: fill(template.html, values, escapeHtml),
});
