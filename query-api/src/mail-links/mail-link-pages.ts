import { readFileSync } from 'node:fs';
import type { OpenPath } from '@rollbook/shared/contracts/open-paths';
import type { OpenRoute } from '@rollbook/shared/http/build-app';
import { PAGE_CSP } from '@rollbook/shared/http/security-headers';

interface MailLinkPage {
  readonly path: OpenPath;
  readonly title: string;
  readonly explanation: string;
  readonly button: string;
  /** Where the token is posted, seen from the page. */
  readonly action: string;
  readonly done: string;
  /** The body's field for a new password, where the page asks for one. */
  readonly passwordField?: string;
}

const PAGES: readonly MailLinkPage[] = [
  {
    path: '/verify-email',
    title: 'Verify your email address',
    explanation: 'Press the button to confirm that this address is yours.',
    button: 'Verify my address',
    action: 'v1/auth/verify-email',
    done: 'Your email address is verified. You can sign in now.',
  },
  {
    path: '/reject-registration',
    title: 'This was not me',
    explanation: 'Somebody registered with your email address. Press the button to remove that registration.',
    button: 'Remove the registration',
    action: 'v1/auth/reject-registration',
    done: 'The registration was removed. Nothing is kept of it.',
  },
  {
    path: '/reset-password',
    title: 'Set a new password',
    explanation: 'Everybody who is signed in to the account will be signed out.',
    button: 'Set the password',
    action: 'v1/auth/reset-password',
    done: 'Your new password is set. You can sign in with it now.',
    passwordField: 'new_password',
  },
  {
    path: '/accept-invitation',
    title: 'Choose a password',
    explanation: 'An account was made for you. Choose a password to begin.',
    button: 'Set the password',
    action: 'v1/auth/accept-invitation',
    done: 'Your password is set. You can sign in now.',
    passwordField: 'password',
  },
  {
    path: '/confirm-email-change',
    title: 'Confirm your new email address',
    explanation: 'Press the button to use this address for your account. You will be signed out everywhere.',
    button: 'Use this address',
    action: 'v1/auth/confirm-email-change',
    done: 'Your email address is changed. Sign in with the new one.',
  },
  {
    path: '/confirm-erasure',
    title: 'Erase your account',
    explanation: 'Press the button to confirm that you want everything about you erased, for good.',
    button: 'Erase everything about me',
    action: 'v1/auth/confirm-erasure',
    done: 'Your wish is confirmed. An administrator decides now.',
  },
];

// Addresses are relative, so that the pages also work under a path. The script is the first thing that loads; it
// fetches the style sheet itself, once the token is out of the address bar.
const inputOf = (field: string): string => `<p id="password-line" hidden>
<label for="password">New password</label>
<input id="password" name="${field}" type="password" autocomplete="new-password" maxlength="256">
</p>
`;

const htmlOf = ({ title, explanation, button, action, done, passwordField }: MailLinkPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<script src="assets/mail-link.js"></script>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
</head>
<body>
<main data-action="${action}" data-done="${done}">
<h1>${title}</h1>
<p>${explanation}</p>
${passwordField === undefined ? '' : inputOf(passwordField)}<button type="button" hidden>${button}</button>
<p id="outcome" role="status" aria-live="polite"></p>
<noscript><p>This page needs JavaScript to send the link's proof.</p></noscript>
</main>
</body>
</html>
`;

const file = (path: OpenPath, type: string): OpenRoute => {
  const body = readFileSync(new URL(path.replace('/assets/', './'), import.meta.url));
  return { path, answer: () => ({ status: 200, type, body, headers: { 'Cache-Control': 'no-cache' } }) };
};

/**
 * The pages behind the links of mails, and their two files. Opening a page does nothing: only its
 * button posts the token, so that a mail scanner's visit spends no link.
 */
export const mailLinkPages = (): readonly OpenRoute[] => [
  ...PAGES.map((page): OpenRoute => {
    const body = htmlOf(page);
    const headers = { 'Content-Security-Policy': PAGE_CSP };
    return { path: page.path, answer: () => ({ status: 200, type: 'text/html; charset=utf-8', body, headers }) };
  }),
  file('/assets/mail-link.js', 'text/javascript; charset=utf-8'),
  file('/assets/mail-link.css', 'text/css; charset=utf-8'),
];
