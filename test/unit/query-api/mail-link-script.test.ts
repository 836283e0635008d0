import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';

const script = readFileSync(new URL('../../../query-api/src/mail-links/mail-link.js', import.meta.url), 'utf8');

interface Page {
  readonly button: { hidden: boolean; disabled: boolean };
  readonly outcome: { className: string; textContent: string };
  readonly passwordLine: { hidden: boolean };
  /** What the page did, in order. */
  readonly did: string[];
  press(): Promise<void>;
}

/** Runs the script in a page with the given query; `answer` is what the API answers. */
const open = (
  search: string,
  answer: () => Promise<{ status: number; body?: unknown }>,
  password?: { readonly name: string; readonly value: string },
): Page => {
  const did: string[] = [];
  let pressed: () => Promise<void> = () => Promise.resolve();
  let loaded = (): void => undefined;
  const button = {
    hidden: true,
    disabled: false,
    addEventListener: (_event: string, listener: () => Promise<void>) => (pressed = listener),
  };
  const outcome = { className: '', textContent: '' };
  const main = { dataset: { action: 'v1/auth/verify-email', done: 'Done.' } };
  const passwordLine = { hidden: true };
  const found: Record<string, unknown> = { main, button, '#outcome': outcome };
  if (password) Object.assign(found, { '#password': password, '#password-line': passwordLine });
  const document = {
    createElement: () => ({}),
    head: { append: () => did.push('load the style') },
    addEventListener: (_event: string, listener: () => void) => (loaded = listener),
    querySelector: (selector: string) => found[selector],
  };
  const fetch = async (action: string, init: { body: string }) => {
    did.push(`post ${init.body} to ${action}`);
    const { status, body } = await answer();
    return { status, ok: status < 300, json: () => Promise.resolve(body) };
  };
  const location = { search, pathname: '/verify-email' };
  const history = { replaceState: (_state: null, _title: string, path: string) => did.push(`show ${path}`) };
  runInContext(script, createContext({ document, fetch, location, history, URLSearchParams }));
  loaded();
  return { button, outcome, passwordLine, did, press: () => pressed() };
};

const failure = (code: string) => ({ error: { details: [{ code }] } });

describe('The page behind a mail’s link', () => {
  test('takes the token out of the address bar first, and posts it only when asked to', async () => {
    const page = open('?token=abc', () => Promise.resolve({ status: 200 }));
    expect(page.did).toEqual(['show /verify-email', 'load the style']);
    expect(page.button.hidden).toBe(false);
    await page.press();
    expect(page.did[2]).toBe('post {"token":"abc"} to v1/auth/verify-email');
    expect([page.outcome.className, page.outcome.textContent, page.button.hidden]).toEqual(['success', 'Done.', true]);
  });

  test.each([
    ['token_expired', /expired/],
    ['token_used', /used already/],
    ['token_invalid', /not valid/],
    ['something_new', /not valid/],
  ])('says what is wrong with the link: %s', async (code, sentence) => {
    const page = open('?token=abc', () => Promise.resolve({ status: 400, body: failure(code) }));
    await page.press();
    expect(page.outcome.className).toBe('failure');
    expect(page.outcome.textContent).toMatch(sentence);
    expect(page.button.hidden).toBe(true);
  });

  test.each([
    ['the service is busy', () => Promise.resolve({ status: 503, body: failure('') })],
    ['there is no network', () => Promise.reject(new Error('offline'))],
  ])('lets the reader try again when %s', async (_when, answer) => {
    const page = open('?token=abc', answer);
    await page.press();
    expect(page.outcome.textContent).toMatch(/try again/);
    expect([page.button.hidden, page.button.disabled]).toEqual([false, false]);
  });

  test('that sets a password posts it too, and says what is wrong with it', async () => {
    const details = [{ field: 'new_password', code: 'too_short', message: 'must have at least 8 characters' }];
    const refused = () => Promise.resolve({ status: 400, body: { error: { details } } });
    const page = open('?token=abc', refused, { name: 'new_password', value: 'short' });
    expect(page.passwordLine.hidden).toBe(false);
    await page.press();
    expect(page.did[2]).toBe('post {"token":"abc","new_password":"short"} to v1/auth/verify-email');
    expect(page.outcome.textContent).toBe('The password must have at least 8 characters.');
    expect([page.button.hidden, page.passwordLine.hidden]).toEqual([false, false]);
  });

  test('without a token asks for the whole link', () => {
    const page = open('', () => Promise.resolve({ status: 200 }));
    expect(page.outcome.textContent).toMatch(/not complete/);
    expect(page.button.hidden).toBe(true);
  });
});
