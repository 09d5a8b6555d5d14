// The TypeScript client of the 2.x line: with the handshake of 2025-11-25, by asking which revision
// a server speaks, and with 2026-07-28 alone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { serve, sqliteStore, stdioCommand, waitMax, within } from './support/agentpool.mjs';
import { Member, idsOf } from './support/mcp.mjs';

const modes = {
  legacy: { mode: 'legacy', era: 'legacy', version: '2025-11-25' },
  auto: { mode: 'auto', era: 'modern', version: '2026-07-28' },
  pinned: { mode: { pin: '2026-07-28' }, era: 'modern', version: '2026-07-28' },
};

const worlds = {
  'over HTTP': async (test) => {
    const server = await serve(test);
    return () => new StreamableHTTPClientTransport(server.mcp);
  },
  'on pipes': async (test) => {
    const command = stdioCommand(sqliteStore(test));
    return () => new StdioClientTransport(command);
  },
};

async function connected(test, transport, mode, more = {}) {
  const client = new Client(
    { name: 'client-2.4', version: '1' },
    { versionNegotiation: { mode }, ...more },
  );
  await within(client.connect(transport), 'a connection');
  test.after(() => client.close());
  return client;
}

function memberOf(client, pool, run) {
  const call = (name, given) => client.callTool({ name, arguments: given }, { timeout: waitMax });
  return new Member(call, pool, run);
}

for (const [name, { mode, era, version }] of Object.entries(modes)) {
  for (const [where, world] of Object.entries(worlds)) {
    test(`a client in mode ${name} speaks ${version} ${where}`, { timeout: waitMax }, async (t) => {
      const transport = await world(t);
      const client = await connected(t, transport(), mode);
      assert.equal(client.getProtocolEra(), era);
      assert.equal(client.getNegotiatedProtocolVersion(), version);
      assert.equal(client.getServerVersion().name, 'agentpool');
      assert.ok(client.getServerCapabilities().tools);
      const { tools } = await client.listTools();
      assert.ok(tools.some((tool) => tool.name === 'pool_wait'));
    });

    test(
      `a run that waits wakes once for a message, in mode ${name} ${where}`,
      { timeout: 2 * waitMax },
      async (t) => {
        const transport = await world(t);
        const a = memberOf(await connected(t, transport(), mode), 'p', 'a');
        const b = memberOf(await connected(t, transport(), mode), 'p', 'b');
        await a.join();
        await b.join();
        const waiting = a.woken();
        const receipt = await b.send({ run: 'a' }, 'hello', { idempotency_key: 'k' });
        assert.deepEqual(idsOf(await within(waiting, 'the wake')), [receipt.message_id]);
        const repeated = await b.send({ run: 'a' }, 'hello', { idempotency_key: 'k' });
        assert.equal(repeated.message_id, receipt.message_id);
        const messages = await a.inbox();
        assert.deepEqual(idsOf(messages), [receipt.message_id]);
        await a.call('pool_ack', { sequence: messages[0].sequence });
        await a.isLeftAlone();
      },
    );
  }
}

for (const [where, world] of Object.entries(worlds)) {
  test(
    `a listener is told that the members of a pool changed, ${where}`,
    { timeout: 2 * waitMax },
    async (t) => {
      const transport = await world(t);
      const client = await connected(t, transport(), { pin: '2026-07-28' });
      await memberOf(client, 'p.told', 'a').join();
      const { resources } = await client.listResources();
      const { uri } = resources.find((each) => each.uri.endsWith('/p.told/members'));
      const updated = new Promise((resolve) => {
        client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
          resolve(params.uri),
        );
      });
      const listening = await client.listen({
        resourceSubscriptions: [uri],
        toolsListChanged: true,
      });
      assert.deepEqual(listening.honoredFilter, { resourceSubscriptions: [uri] });
      const another = await connected(t, transport(), { pin: '2026-07-28' });
      await memberOf(another, 'p.told', 'b').join();
      assert.equal(await within(updated, 'the news'), uri);
      await listening.close();
    },
  );
}

test(
  'clients of both revisions meet in one pool of one server',
  { timeout: waitMax },
  async (t) => {
    const server = await serve(t);
    const open = (mode) => connected(t, new StreamableHTTPClientTransport(server.mcp), mode);
    const old = memberOf(await open('legacy'), 'p', 'old');
    const young = memberOf(await open({ pin: '2026-07-28' }), 'p', 'young');
    await old.join();
    await young.join();
    const waiting = old.woken();
    const receipt = await young.send({ run: 'old' }, 'from 2026', { replies_wanted: 1 });
    const [question] = await within(waiting, 'the wake of the older one');
    assert.equal(question.reply_wanted, true);
    const answered = young.woken();
    await old.call('pool_reply', { message_id: receipt.message_id, text: 'from 2025' });
    const [reply] = await within(answered, 'the reply');
    assert.equal(reply.reply_to, receipt.message_id);
    assert.equal(reply.text, 'from 2025');
  },
);

test('a request that the client gives up ends its waiting', { timeout: waitMax }, async (t) => {
  const server = await serve(t);
  const client = await connected(t, new StreamableHTTPClientTransport(server.mcp), {
    pin: '2026-07-28',
  });
  const a = memberOf(client, 'p', 'a');
  await a.join();
  const gaveUp = new AbortController();
  const given = {
    pool_id: 'p',
    run_id: 'a',
    session_token: a.token,
    for: { message: true },
    timeout_seconds: 3000,
  };
  const waiting = client.callTool(
    { name: 'pool_wait', arguments: given },
    { signal: gaveUp.signal, timeout: waitMax },
  );
  gaveUp.abort(new Error('gave up'));
  await assert.rejects(waiting, /gave up/);
  // Whoever gave up has no wait left that would keep the server from ending well.
  await server.stop();
});
