/* global document, history, location, URLSearchParams */
// Runs first in the page: the token leaves the address bar before anything else is loaded.
const token = new URLSearchParams(location.search).get('token');
history.replaceState(null, '', location.pathname);

const style = document.createElement('link');
style.rel = 'stylesheet';
style.href = 'assets/mail-link.css';
document.head.append(style);

const FAILURES = {
  token_expired: 'This link has expired. Ask for a new mail.',
  token_used: 'This link was used already. There is nothing more to do.',
  token_invalid: 'This link is not valid. Use the link of the newest mail.',
  taken: 'Another account uses this address already.',
};
const LATER = 'This did not work just now. Please try again in a moment.';

/** Resolves with the sentence to show, and whether another try makes sense. */
const send = async (action, fields) => {
  try {
    const answer = await fetch(action, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token, ...fields }),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    if (answer.ok) return { sentence: null, again: false };
    const { error } = await answer.json();
    if (error.details[0]?.code === 'taken') return { sentence: FAILURES.taken, again: false };
    if (answer.status === 400) {
      const wrong = error.details.filter(({ field }) => field in fields);
      if (wrong.length > 0)
        return { sentence: `The password ${wrong.map(({ message }) => message).join(', and ')}.`, again: true };
      return { sentence: FAILURES[error.details[0]?.code] ?? FAILURES.token_invalid, again: false };
    }
  } catch {
    // No answer, or none that can be read.
  }
  return { sentence: LATER, again: true };
};

document.addEventListener('DOMContentLoaded', () => {
  const main = document.querySelector('main');
  const button = document.querySelector('button');
  const outcome = document.querySelector('#outcome');
  const password = document.querySelector('#password');
  const passwordLine = document.querySelector('#password-line');
  const show = (kind, sentence) => {
    outcome.className = kind;
    outcome.textContent = sentence;
  };
  if (!token) {
    show('failure', 'This link is not complete. Open the link of the mail again.');
    return;
  }
  button.hidden = false;
  if (passwordLine) passwordLine.hidden = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    show('', 'One moment …');
    const { sentence, again } = await send(main.dataset.action, password ? { [password.name]: password.value } : {});
    show(sentence === null ? 'success' : 'failure', sentence ?? main.dataset.done);
    button.disabled = false;
    button.hidden = !again;
    if (passwordLine) passwordLine.hidden = !again;
  });
});
