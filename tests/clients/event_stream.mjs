// The npm package eventsource on GET /pools/{pool}/events, over connections that often break.
import assert from 'node:assert/strict';
import test from 'node:test';
import { EventSource } from 'eventsource';
import { node, serve, waitMax, within } from './support/agentpool.mjs';
import { Rpc, message } from './support/rpc.mjs';
import { seeded } from './support/seeds.mjs';

const breaks = 100;

/**
 * A fetch whose answers break after a random number of bytes, in the midst of an event as well, as
 * long as `left.breaks` lasts. Whoever reads them is told to come back after a millisecond.
 */
function breaking(random, left) {
  return async (input, init) => {
    const gone = new AbortController();
    const signal = AbortSignal.any([init.signal, gone.signal].filter(Boolean));
    const response = await fetch(input, { ...init, signal });
    if (left.breaks === 0 || !response.ok) return response;
    let bytes = random.below(6000);
    const cut = new TransformStream({
      start: (to) => to.enqueue(new TextEncoder().encode('retry: 1\n\n')),
      transform(chunk, to) {
        to.enqueue(chunk.subarray(0, bytes));
        bytes -= chunk.length;
        if (bytes > 0) return;
        left.breaks -= 1;
        to.terminate();
        gone.abort();
      },
    });
    const { redirected, status, headers } = response;
    return { body: response.body.pipeThrough(cut), redirected, status, headers };
  };
}

const worlds = {
  'of a store': (test) => serve(test),
  'at a node': async (test) => serve(test, await node(test)),
};

for (const [where, world] of Object.entries(worlds)) {
  test(
    `an observer that is cut off a hundred times sees every event ${where} once, in order`,
    { timeout: 4 * waitMax },
    (t) => observesAll(t, world),
  );
}

async function observesAll(t, world) {
  const random = seeded(t);
  const server = await world(t);
  const rpc = new Rpc(server.url);
  const pool = 'p.events';
  await rpc.call('open_pool', { pool_id: pool });
  await rpc.join(pool, 'a');
  await rpc.join(pool, 'b');

  const seen = [];
  const left = { breaks };
  let observed = () => {};
  const source = new EventSource(new URL(`/pools/${pool}/events`, server.url), {
    fetch: breaking(random, left),
  });
  t.after(() => source.close());
  const refused = new Promise((_, reject) => {
    source.addEventListener('error', (event) => {
      if (source.readyState === EventSource.CLOSED) {
        reject(new Error(`the stream was refused: ${event.code} ${event.message}`));
      }
    });
  });
  const take = (event) => {
    seen.push({ id: event.lastEventId, data: JSON.parse(event.data) });
    observed();
  };
  source.addEventListener('message', take);
  for (const name of ['event', 'agent_pool', 'run']) source.addEventListener(name, take);

  for (let sent = 0; left.breaks > 0; ++sent) {
    const next = new Promise((resolve) => (observed = resolve));
    await rpc.call('send', { pool_id: pool, message: message(`m.${sent}`, 'a', { run: 'b' }) });
    // Neither far ahead of the observer nor in step with it.
    if (random.below(3) === 0) await within(Promise.race([next, refused]), 'the next event');
  }
  const queue = { capacity: 1_000_000, terminal_reserve: 1, overflow: 'drop_non_terminal' };
  const { frames } = await rpc.call('subscribe', {
    pool_id: pool,
    follow: false,
    filter: { queue },
  });
  while (seen.length < frames.length) {
    const next = new Promise((resolve) => (observed = resolve));
    await within(Promise.race([next, refused]), `event ${seen.length + 1} of ${frames.length}`);
  }
  assert.deepEqual(
    seen.map((each) => Number(each.id)),
    frames.map((_, index) => index + 1),
  );
  // Each is a CloudEvent with the pool's own event in it.
  for (const { data } of seen) assert.equal(data.specversion, '1.0');
  assert.deepEqual(
    seen.map(({ data }) => data.data),
    frames.map(({ event }) => event),
  );
}
