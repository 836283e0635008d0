/* global Headers, Request, Response, TextEncoder, TextDecoder, structuredClone */
// Loads /docs of the Rollbook at `origin` as a browser would, with every other host blocked, signs in by its form for
// tokens and tries `GET /v1/users/me`. Prints as JSON what it saw. A process of its own: the page runs its scripts.
//   node docs-browser.mjs http://127.0.0.1:8000 "$TOKEN"
import { JSDOM, requestInterceptor, VirtualConsole } from 'jsdom';

const [origin = '', token = ''] = process.argv.slice(2);
/** Everything that the page asked another host for. */
const refused = [];
const faults = [];
const policy = (await fetch(`${origin}/docs`)).headers.get('content-security-policy');

const isOurs = (url) => {
  const { protocol, origin: of } = new URL(url);
  if (protocol === 'data:' || of === origin) return true;
  refused.push(url);
  return false;
};
const virtualConsole = new VirtualConsole().on('jsdomError', (fault) => faults.push(String(fault)));

const { window } = await JSDOM.fromURL(`${origin}/docs`, {
  runScripts: 'dangerously',
  pretendToBeVisual: true,
  virtualConsole,
  resources: {
    interceptors: [requestInterceptor(({ url }) => (isOurs(url) ? undefined : new Response('', { status: 403 })))],
  },
  beforeParse: (page) => {
    // What jsdom lacks and every browser has.
    Object.assign(page, { Headers, Request, Response, TextEncoder, TextDecoder, structuredClone });
    page.fetch = (input, init) => {
      const url = new URL(typeof input === 'string' ? input : input.url, page.document.baseURI).href;
      return isOurs(url) ? fetch(url, init ?? input) : Promise.reject(new TypeError('blocked'));
    };
    page.scrollTo = () => {};
    page.matchMedia = () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} });
  },
});
const { document } = window;

const until = async (what, find) => {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const found = find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`It did not come: ${what}\n${faults.join('\n')}`);
};
const one = (selector) => until(selector, () => document.querySelector(selector));
const click = async (selector) => (await one(selector)).click();
/** As typing does it: React listens for the event, and looks at the value behind its own back. */
const type = async (selector, text) => {
  const field = await one(selector);
  Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, 'value').set.call(field, text);
  field.dispatchEvent(new window.Event('input', { bubbles: true }));
};

await one('.opblock-tag');
// All sections are shut at first.
const tags = [...document.querySelectorAll('.opblock-tag')];
const sections = tags.map((tag) => tag.getAttribute('data-tag'));
for (const tag of tags) tag.click();
await until('operations of every section', () =>
  [...document.querySelectorAll('.opblock-tag-section')].every((section) => section.querySelector('.opblock')),
);
const shown = [...document.querySelectorAll('.opblock')].map((block) => block.id.split('-').at(-1));

await click('.btn.authorize');
await type('.auth-container input', token);
await click('.modal-ux .auth-btn-wrapper .authorize');
await click('.modal-ux .close-modal');
await click('#operations-Users-getMe .opblock-summary-control');
await click('#operations-Users-getMe .try-out__btn');
await click('#operations-Users-getMe .execute');
const status = (await one('#operations-Users-getMe .live-responses-table tbody .response-col_status')).textContent;
const answer = (await one('#operations-Users-getMe .live-responses-table .highlight-code')).textContent;
console.log(JSON.stringify({ sections, shown, status, answer, policy, refused, faults }));
window.close();
