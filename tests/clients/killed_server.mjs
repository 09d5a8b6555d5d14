// A server that is killed in the midst of things, and started again on the same file.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { serve, sqliteStore, waitMax, within } from './support/agentpool.mjs';
import { Member, answerOf, idsOf, refusalOf } from './support/mcp.mjs';
import { seeded } from './support/seeds.mjs';

/** A client that speaks for a member, and the former client's session token with it. */
async function memberAt(test, server, run, former) {
  const client = new Client({ name: `killed.${run}`, version: '1' });
  await within(client.connect(new StreamableHTTPClientTransport(server.mcp)), 'a connection');
  test.after(() => client.close());
  const call = (name, given) =>
    client.callTool({ name, arguments: given }, undefined, { timeout: waitMax });
  const member = new Member(call, 'p.killed', run);
  member.token = former?.token;
  return member;
}

/** Reads, acknowledges, and waits again: what woke the member once does so never more. */
async function wakesOnceFor(member, messageId) {
  const messages = await member.woken();
  assert.deepEqual(idsOf(messages), [messageId]);
  await member.call('pool_ack', { sequence: messages[0].sequence });
  await member.isLeftAlone();
  assert.deepEqual(await member.inbox(), []);
}

test(
  'a message that was not acknowledged wakes once after the server was killed',
  { timeout: 3 * waitMax },
  async (t) => {
    const store = sqliteStore(t);
    const first = await serve(t, store);
    const a = await memberAt(t, first, 'a');
    const b = await memberAt(t, first, 'b');
    await a.join();
    await b.join();
    const receipt = await b.send({ run: 'a' }, 'hello', { idempotency_key: 'k' });
    await first.kill();

    const second = await serve(t, store);
    const again = await memberAt(t, second, 'a', a);
    await wakesOnceFor(again, receipt.message_id);
  },
);

test(
  'a wait that the server was killed in is taken up by waiting again',
  { timeout: 3 * waitMax },
  async (t) => {
    const store = sqliteStore(t);
    const first = await serve(t, store);
    const a = await memberAt(t, first, 'a');
    const b = await memberAt(t, first, 'b');
    await a.join();
    await b.join();
    const waiting = a.waitForMessage(40).catch((error) => error);
    await first.kill();
    assert.ok((await within(waiting, 'the failure of what was asked')) instanceof Error);

    const second = await serve(t, store);
    const sender = await memberAt(t, second, 'b', b);
    const receipt = await sender.send({ run: 'a' }, 'hello');
    await wakesOnceFor(await memberAt(t, second, 'a', a), receipt.message_id);
  },
);

test(
  'a send that nobody knows the outcome of takes effect once when it is repeated',
  { timeout: 3 * waitMax },
  async (t) => {
    const store = sqliteStore(t);
    const first = await serve(t, store);
    const a = await memberAt(t, first, 'a');
    const b = await memberAt(t, first, 'b');
    await a.join();
    await b.join();
    const lost = b.send({ run: 'a' }, 'hello', { idempotency_key: 'k' }).catch((error) => error);
    await first.kill();
    await within(lost, 'an answer or a failure');

    const second = await serve(t, store);
    const sender = await memberAt(t, second, 'b', b);
    const receipt = await sender.send({ run: 'a' }, 'hello', { idempotency_key: 'k' });
    const repeated = await sender.send({ run: 'a' }, 'hello', { idempotency_key: 'k' });
    assert.equal(repeated.message_id, receipt.message_id);
    await wakesOnceFor(await memberAt(t, second, 'a', a), receipt.message_id);
  },
);

test(
  'a key that was used for another message is a conflict, also after the server was killed',
  { timeout: 3 * waitMax },
  async (t) => {
    const store = sqliteStore(t);
    const first = await serve(t, store);
    const a = await memberAt(t, first, 'a');
    const b = await memberAt(t, first, 'b');
    await a.join();
    await b.join();
    const receipt = await b.send({ run: 'a' }, 'hello', { idempotency_key: 'k' });
    await first.kill();

    const second = await serve(t, store);
    const sender = await memberAt(t, second, 'b', b);
    const other = {
      pool_id: 'p.killed',
      run_id: 'b',
      session_token: b.token,
      to: { run: 'a' },
      text: 'another body',
      idempotency_key: 'k',
    };
    const refusal = refusalOf(await sender.callTool('pool_send', other));
    assert.ok(refusal.includes(receipt.message_id), refusal);
    const same = answerOf(await sender.callTool('pool_send', { ...other, text: 'hello' }));
    assert.equal(same.message_id, receipt.message_id);
    await wakesOnceFor(await memberAt(t, second, 'a', a), receipt.message_id);
  },
);

/** Sends until the server is killed, at the moment that chance has; what was certainly sent. */
async function sendUntilKilled(server, sender, random, first) {
  const deadAfter = random.below(25);
  const sent = [];
  for (let number = first; ; ++number) {
    const sending = sender.send({ run: 'a' }, `text ${number}`, { idempotency_key: `k.${number}` });
    if (sent.length === deadAfter) {
      // Somewhere in the midst of it: as many turns of the loop later as chance has.
      for (let turn = random.below(60); turn > 0; --turn) await new Promise(setImmediate);
      await Promise.all([server.kill(), sending.catch(() => {})]);
      return sent;
    }
    sent.push((await sending).message_id);
  }
}

test(
  'a server that is killed again and again loses and repeats nothing',
  { timeout: 5 * waitMax },
  async (t) => {
    const random = seeded(t);
    const store = sqliteStore(t);
    let server = await serve(t, store);
    let a = await memberAt(t, server, 'a');
    let b = await memberAt(t, server, 'b');
    await a.join();
    await b.join();
    const sent = [];
    const read = [];
    for (let life = 0; life < 8; ++life) {
      sent.push(...(await sendUntilKilled(server, b, random, sent.length)));
      server = await serve(t, store);
      a = await memberAt(t, server, 'a', a);
      b = await memberAt(t, server, 'b', b);
      // The one whose outcome nobody knows, again: now it is known.
      const number = sent.length;
      const again = await b.send({ run: 'a' }, `text ${number}`, {
        idempotency_key: `k.${number}`,
      });
      sent.push(again.message_id);
      for (
        let page = await a.inbox({ max: 7 });
        page.length > 0;
        page = await a.inbox({ max: 7 })
      ) {
        read.push(...page);
        await a.call('pool_ack', { sequence: page.at(-1).sequence });
      }
      assert.deepEqual(idsOf(read), sent);
    }
    assert.deepEqual(
      read.map((message) => message.text),
      sent.map((_, number) => `text ${number}`),
    );
  },
);
