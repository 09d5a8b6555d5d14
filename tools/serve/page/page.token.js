// Asks for the token of a server that wants one.
import {by, setText} from './page.dom.js';
import {token} from './page.api.js';

let asking = null;  // a promise, while the dialog is open

// Resolves once somebody gave a token. Whoever asks meanwhile gets the same one.
export function askForToken(refusal) {
  asking ??= new Promise((given) => {
    setText(by('token-why'), token.get() ? `It did not take the last one: ${refusal.message}.`
      : 'It tells what is in its pools to those alone who show one.');
    by('token').value = '';
    const submitted = (event) => {
      event.preventDefault();
      const value = by('token').value.trim();
      if (value === '') return;
      token.set(value);
      by('token-form').removeEventListener('submit', submitted);
      by('token-dialog').close();
      asking = null;
      given();
    };
    by('token-form').addEventListener('submit', submitted);
    by('token-dialog').showModal();
  });
  return asking;
}

// Nothing can be shown without it: the dialog stays.
by('token-dialog').addEventListener('cancel', (event) => event.preventDefault());
