// The TypeScript SDK of the 1.x line, which knows protocol revisions up to 2025-11-25.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { node, serve, sqliteStore, stdioCommand, waitMax, within } from './support/agentpool.mjs';
import { Member, answerOf, idsOf, refusalOf } from './support/mcp.mjs';

async function connected(test, transport) {
  const client = new Client({ name: 'sdk-1.32', version: '1' });
  await within(client.connect(transport), 'a connection');
  test.after(() => client.close());
  return client;
}

function memberOf(client, pool, run) {
  const call = (name, given) =>
    client.callTool({ name, arguments: given }, undefined, { timeout: waitMax });
  return new Member(call, pool, run);
}

/** Each world gives as many transports into one set of pools as are asked of it. */
const worlds = {
  'over HTTP': async (test) => {
    const server = await serve(test);
    return () => new StreamableHTTPClientTransport(server.mcp);
  },
  'on pipes of two processes with one store': async (test) => {
    const command = stdioCommand(sqliteStore(test));
    return () => new StdioClientTransport(command);
  },
  'over HTTP to a program that has its pools at a node': async (test) => {
    const server = await serve(test, await node(test));
    return () => new StreamableHTTPClientTransport(server.mcp);
  },
  'on pipes of two processes that have their pools at a node': async (test) => {
    const command = stdioCommand(await node(test));
    return () => new StdioClientTransport(command);
  },
};

for (const [where, world] of Object.entries(worlds)) {
  test(
    `a run that waits wakes once for a message, ${where}`,
    { timeout: 2 * waitMax },
    async (t) => {
      const transport = await world(t);
      const a = memberOf(await connected(t, transport()), 'p.wake', 'a');
      const b = memberOf(await connected(t, transport()), 'p.wake', 'b');
      await a.join();
      await b.join();

      const waiting = a.woken();
      const receipt = await b.send({ run: 'a' }, 'hello');
      assert.deepEqual(receipt.delivered_to, ['a']);
      assert.equal(receipt.status, 'delivered');
      const told = await within(waiting, 'the wake');
      assert.deepEqual(idsOf(told), [receipt.message_id]);
      assert.equal(told[0].text, 'hello');

      const [message] = await a.inbox();
      await a.call('pool_ack', { sequence: message.sequence });
      assert.deepEqual(await a.inbox(), []);
      await a.isLeftAlone();
    },
  );

  test(`a run that waits for another one's end wakes when it leaves, ${where}`, async (t) => {
    const transport = await world(t);
    const client = await connected(t, transport());
    const a = memberOf(client, 'p.end', 'a');
    const late = memberOf(client, 'p.end', 'late');
    const b = memberOf(await connected(t, transport()), 'p.end', 'b');
    for (const member of [a, late, b]) await member.join();
    const end = { for: { run_end: 'b' }, timeout_seconds: 40 };
    const waiting = a.call('pool_wait', end);
    await within(b.seesWaiting('a'), 'a run that waits');
    await b.call('pool_leave');
    const ended = await within(waiting, 'the wake');
    assert.equal(ended.status, 'woken');
    assert.equal(ended.event_run, 'b');
    // Who comes late to that is told as well.
    assert.equal((await late.call('pool_wait', end)).event_run, 'b');
  });

  test(`the session token need not be said again, ${where}`, { timeout: waitMax }, async (t) => {
    const transport = await world(t);
    const client = await connected(t, transport());
    const a = memberOf(client, 'p.token', 'a');
    await a.join();
    delete a.token;
    await a.send({ run: 'a' }, 'to myself');
    await a.call('pool_leave');
  });

  test(
    `a subscriber is told that the members of a pool changed, ${where}`,
    { timeout: 2 * waitMax },
    async (t) => {
      const transport = await world(t);
      const client = await connected(t, transport());
      const a = memberOf(client, 'p.told', 'a');
      await a.join();
      const { resources } = await client.listResources();
      const { uri } = resources.find((each) => each.uri.endsWith('/p.told/members'));
      const updated = new Promise((resolve) => {
        client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
          resolve(params.uri),
        );
      });
      await client.subscribeResource({ uri });
      const b = memberOf(await connected(t, transport()), 'p.told', 'b');
      await b.join();
      assert.equal(await within(updated, 'the news'), uri);
      const { contents } = await client.readResource({ uri });
      const runs = JSON.parse(contents[0].text).members.map((member) => member.run_id);
      assert.deepEqual(runs, ['a', 'b']);
      await client.unsubscribeResource({ uri });
    },
  );

  test(`text that was sent is read by its reference, ${where}`, { timeout: waitMax }, async (t) => {
    const transport = await world(t);
    const a = memberOf(await connected(t, transport()), 'p.text', 'a');
    const b = memberOf(await connected(t, transport()), 'p.text', 'b');
    await a.join();
    await b.join();
    await b.send({ run: 'a' }, 'grüße, 世界');
    const [message] = await a.woken();
    const read = await a.callTool('content_get', { content_ref: message.content_ref });
    assert.equal(answerOf(read).text, 'grüße, 世界');
  });

  test(`a tool tells its own failures, and the protocol's are errors, ${where}`, async (t) => {
    const transport = await world(t);
    const client = await connected(t, transport());
    const stranger = { pool_id: 'p.none', run_id: 'x', to: { run: 'a' }, text: 'hi' };
    refusalOf(await client.callTool({ name: 'pool_send', arguments: stranger }));
    await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), {
      code: -32602,
    });
  });

  test(`pings are answered and every tool has schemas, ${where}`, async (t) => {
    const transport = await world(t);
    const client = await connected(t, transport());
    await client.ping();
    assert.equal(client.getServerVersion().name, 'agentpool');
    const { tools } = await client.listTools();
    const wanted = [
      'pool_join',
      'pool_leave',
      'pool_members',
      'pool_send',
      'pool_reply',
      'pool_inbox',
      'pool_ack',
      'pool_wait',
      'pool_watch',
      'pool_status',
      'pool_why',
      'content_put',
      'content_get',
    ];
    const names = tools.map((tool) => tool.name);
    assert.deepEqual(
      wanted.filter((name) => !names.includes(name)),
      [],
    );
    for (const tool of tools) assert.equal(tool.inputSchema.type, 'object', tool.name);
  });
}

test('a session that was ended is not found any more', { timeout: waitMax }, async (t) => {
  const server = await serve(t);
  const transport = new StreamableHTTPClientTransport(server.mcp);
  const client = await connected(t, transport);
  const session = transport.sessionId;
  assert.match(session, /^[\x21-\x7e]+$/);
  await transport.terminateSession();
  const response = await fetch(server.mcp, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': session,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  assert.equal(response.status, 404);
  await client.close();
});

test(
  'thirty runs that wait all wake, each once, for one message to their pool',
  { timeout: 3 * waitMax },
  async (t) => {
    const server = await serve(t);
    const runs = Array.from({ length: 30 }, (_, number) => `r.${number}`);
    const members = await Promise.all(
      runs.map(async (run) => {
        const client = await connected(t, new StreamableHTTPClientTransport(server.mcp));
        return memberOf(client, 'p.many', run);
      }),
    );
    for (const member of members) await member.join();
    const waiting = members.slice(1).map((member) => member.woken());
    const receipt = await members[0].send({ pool: 'p.many' }, 'to all');
    assert.equal(receipt.delivered_to.length, 29);
    for (const told of await within(Promise.all(waiting), 'all of them')) {
      assert.deepEqual(idsOf(told), [receipt.message_id]);
    }
    await Promise.all(
      members.slice(1).map(async (member) => {
        const [message] = await member.inbox();
        await member.call('pool_ack', { sequence: message.sequence });
        await member.isLeftAlone();
      }),
    );
  },
);

test('a server that is asked to end does so while clients are connected', async (t) => {
  const server = await serve(t);
  const a = memberOf(
    await connected(t, new StreamableHTTPClientTransport(server.mcp)),
    'p.end',
    'a',
  );
  await a.join();
  await server.stop();
});
