// What is asked of the server: JSON by GET, and event streams. All with the token, if there is one.

const kept = 'agentpool.token';

export const token = {
  get: () => sessionStorage.getItem(kept),
  set: (value) => sessionStorage.setItem(kept, value),
  forget: () => sessionStorage.removeItem(kept),
};

// The server's refusal. status 0: it could not be reached.
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, headers, signal) {
  const shown = token.get();
  if (shown) headers.Authorization = `Bearer ${shown}`;
  let response;
  try {
    response = await fetch(path, {headers, signal, cache: 'no-store'});
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new Refusal(0, 'the server cannot be reached');
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new Refusal(response.status, body?.error?.message ?? `the server answers ${response.status}`);
}

export const poolPath = (pool, rest = '', query = {}) => {
  const told = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return `/pools/${encodeURIComponent(pool)}${rest}` +
    (told.length > 0 ? '?' + new URLSearchParams(told) : '');
};

export async function read(path, signal) {
  const response = await ask(path, {Accept: 'application/json'}, signal);
  return response.json();
}

// Reads an event stream until it ends: for each message take({id, event, data}), for each sign of
// life alive(). EventSource would do the same, but takes no header. Resolves when the server ended
// it; rejects when it refuses, breaks off or the signal says so.
export async function readStream(path, {after, signal, take, alive}) {
  const headers = {Accept: 'text/event-stream'};
  if (after) headers['Last-Event-ID'] = after;
  const response = await ask(path, headers, signal);
  alive();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    alive();
    const messages = (rest + value).split('\n\n');
    rest = messages.pop();
    for (const text of messages) {
      const message = parsed(text);
      if (message) take(message);
    }
  }
}

// The fields of one message; null for a comment alone. This server writes no "\r".
function parsed(text) {
  const message = {id: null, event: 'message', data: null};
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const name = line.slice(0, colon);
    if (name === 'data') message.data = message.data === null ? value : `${message.data}\n${value}`;
    else if (name === 'id' || name === 'event') message[name] = value;
  }
  return message.data === null ? null : message;
}
