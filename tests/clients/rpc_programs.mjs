// Random programs over JSON-RPC, held against an oracle that is a page long.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { serve, waitMax } from './support/agentpool.mjs';
import { Rpc, message } from './support/rpc.mjs';
import { seed } from './support/seeds.mjs';

const runs = ['a', 'b', 'c'];
const topics = ['t', 'u'];
const refused = { code: -32000, kind: 'InvalidStateTransition', retry: 'NotRetryable' };
// Nobody acts as a run that they have not joined; whether it ever was a member is not told.
const denied = {
  code: -32000,
  kind: /^(PolicyDenial|InvalidStateTransition)$/,
  retry: 'NotRetryable',
};

/** What a pool has to answer, as the contract says it. */
class Oracle {
  constructor(pool) {
    this.pool = pool;
    this.members = new Map(); // run id -> {agent, topics}
    this.receipts = new Map(); // key -> {body, receipt}
    this.ids = new Set(); // of messages
    this.inboxes = new Map(runs.map((run) => [run, []]));
    this.acked = new Map(runs.map((run) => [run, 0]));
  }

  refusesJoin({ run, agent }) {
    const former = this.members.get(run);
    return former !== undefined && former.agent !== agent;
  }

  join({ run, agent, topics: listed }) {
    this.members.set(run, { agent, topics: listed });
  }

  recipients(from, [[kind, id]]) {
    const reached = {
      run: (run) => run === id,
      agent: (run) => this.members.get(run).agent === id,
      topic: (run) => this.members.get(run).topics.includes(id),
      pool: (run) => id === this.pool && run !== from,
    }[kind];
    return [...this.members.keys()].filter(reached).sort();
  }

  /** The receipt, or how the send is refused. */
  send({ id, key, from, to, content }) {
    const body = JSON.stringify([id, from, to, content]);
    const former = this.receipts.get(key);
    if (!this.members.has(from)) return { refusal: denied };
    if (former !== undefined && former.body === body) return { receipt: former.receipt };
    if (former !== undefined || this.ids.has(id)) return { refusal: refused };
    const delivered = this.recipients(from, Object.entries(to));
    const status = delivered.length > 0 ? 'delivered' : 'failed';
    this.receipts.set(key, { body, receipt: { message_id: id, status, delivered_to: delivered } });
    this.ids.add(id);
    for (const run of delivered) this.inboxes.get(run).push(id);
    return { receipt: this.receipts.get(key).receipt };
  }

  unread(run) {
    return this.inboxes.get(run).slice(this.acked.get(run));
  }
}

/** The steps of a program: what each does to the server, and what the oracle says to it. */
const steps = {
  async join(pool, { run, agent, topics: listed }) {
    const asked = pool.rpc.join(pool.id, run, { agent, topics: listed });
    if (pool.oracle.refusesJoin({ run, agent })) return assert.rejects(asked, refused);
    await asked;
    return pool.oracle.join({ run, agent, topics: listed });
  },

  async leave(pool, { run }) {
    const asked = pool.rpc.call('leave_run', { pool_id: pool.id, run_id: run });
    if (!pool.oracle.members.has(run)) return assert.rejects(asked, denied);
    await asked;
    return pool.oracle.members.delete(run);
  },

  async send(pool, { id, key, from, to, content }) {
    const target = to.pool === undefined ? to : { pool: pool.id };
    const { receipt, refusal } = pool.oracle.send({ id, key, from, to: target, content });
    const asked = pool.rpc.call('send', {
      pool_id: pool.id,
      message: message(id, from, target, { key, content }),
    });
    if (refusal) return assert.rejects(asked, refusal);
    const { message_id, status, delivered_to = [] } = await asked;
    return assert.deepEqual({ message_id, status, delivered_to }, receipt);
  },

  async read(pool, { run, most }) {
    if (!pool.oracle.members.has(run)) return;
    const { entries } = await pool.rpc.call('inbox', { pool_id: pool.id, run_id: run, max: most });
    const expected = pool.oracle.unread(run).slice(0, most);
    assert.deepEqual(
      entries.map((entry) => entry.message.message_id),
      expected,
    );
    const sequences = entries.map((entry) => entry.sequence);
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].sort((left, right) => left - right),
    );
  },

  async acknowledge(pool, { run, most }) {
    if (!pool.oracle.members.has(run)) return;
    const { entries } = await pool.rpc.call('inbox', { pool_id: pool.id, run_id: run, max: most });
    if (entries.length === 0) return;
    const { sequence } = entries.at(-1);
    const { acked } = await pool.rpc.call('ack_inbox', { pool_id: pool.id, run_id: run, sequence });
    assert.equal(acked, sequence);
    pool.oracle.acked.set(run, pool.oracle.acked.get(run) + entries.length);
  },

  async members(pool) {
    const { members } = await pool.rpc.call('members', { pool_id: pool.id });
    assert.deepEqual(
      members.map((each) => each.run_id),
      [...pool.oracle.members.keys()].sort(),
    );
  },
};

const run = fc.constantFrom(...runs);
const few = fc.integer({ min: 1, max: 3 });
const address = fc.oneof(
  fc.record({ run }),
  fc.record({ agent: fc.constantFrom('x', 'y') }),
  fc.record({ topic: fc.constantFrom(...topics) }),
  fc.constant({ pool: 'its own' }),
);
// Few ids and keys, so that programs repeat them.
const letter = fc.integer({ min: 0, max: 5 });
const sending = fc
  .record({ number: letter, keyed: letter, from: run, to: address, content: few })
  .map(({ number, keyed, from, to, content }) => ({
    id: `m.${number}`,
    key: `k.${keyed}`,
    from,
    to,
    content: `content.${content}`,
  }));
const named = (name, given) => given.map((each) => [name, each]);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: named(
      'join',
      fc.record({
        run,
        agent: fc.constantFrom('x', 'x', 'y'),
        topics: fc.uniqueArray(fc.constantFrom(...topics)),
      }),
    ),
  },
  { weight: 1, arbitrary: named('leave', fc.record({ run })) },
  { weight: 6, arbitrary: named('send', sending) },
  { weight: 2, arbitrary: named('read', fc.record({ run, most: few })) },
  { weight: 2, arbitrary: named('acknowledge', fc.record({ run, most: few })) },
  { weight: 1, arbitrary: named('members', fc.constant({})) },
);

/** Runs each program in a pool of its own. */
export async function holdsForPrograms(rpc, programs) {
  let count = 0;
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 40 }),
    async (program) => {
      const id = `p.program.${++count}`;
      const pool = { id, rpc, oracle: new Oracle(id) };
      await rpc.call('open_pool', { pool_id: id });
      for (const [name, given] of program) await steps[name](pool, given);
      for (const each of runs) await steps.read(pool, { run: each, most: 100 });
      await steps.members(pool);
    },
  );
  await fc.assert(property, { seed, numRuns: programs });
}

test('random programs are answered as the contract says', { timeout: 4 * waitMax }, async (t) => {
  const server = await serve(t);
  await holdsForPrograms(new Rpc(server.url), 150);
});

test('bad input of any kind is an answer and changes nothing', { timeout: waitMax }, async (t) => {
  const server = await serve(t);
  const rpc = new Rpc(server.url);
  await rpc.call('open_pool', { pool_id: 'p' });
  const before = await rpc.call('snapshot', { pool_id: 'p' });
  const methods = fc.constantFrom(
    'join_run',
    'send',
    'ack_inbox',
    'suspend_until',
    'publish_event',
  );
  const property = fc.asyncProperty(methods, fc.object({ maxDepth: 3 }), async (method, more) => {
    await assert.rejects(rpc.call(method, { ...more, pool_id: 'p' }), { code: -32602 });
  });
  await fc.assert(property, { seed, numRuns: 100 });
  await assert.rejects(rpc.call('no_such_method'), { code: -32601 });
  assert.deepEqual(await rpc.call('snapshot', { pool_id: 'p' }), before);
});
