// What both protocol revisions ask of a server and no client shows: written to the wire by hand.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { serve, stdioCommand, waitMax, within } from './support/agentpool.mjs';
import { Wire, eventsOf, modernMeta, tasksExtension } from './support/wire.mjs';

const legacyVersions = ['2025-11-25', '2025-06-18', '2024-11-05'];

for (const version of legacyVersions) {
  test(`a client of ${version} is answered in its own revision`, async (t) => {
    const wire = new Wire(await serve(t));
    const { result } = await wire.initialize(version);
    assert.equal(result.protocolVersion, version);
    assert.equal(result.serverInfo.name, 'agentpool');
    assert.equal((await wire.legacy('ping')).body.result.resultType, undefined);
  });
}

test('a client of an unknown revision is offered the latest with a handshake', async (t) => {
  const wire = new Wire(await serve(t));
  for (const version of ['2026-07-28', '2099-01-01', '1.0']) {
    assert.equal((await wire.initialize(version)).result.protocolVersion, '2025-11-25');
  }
});

test('a session is asked for, known while it lasts, and then not found', async (t) => {
  const server = await serve(t);
  const wire = new Wire(server);
  assert.equal((await wire.legacy('ping')).status, 400);
  await wire.initialize();
  assert.deepEqual((await wire.legacy('ping')).body.result, {});
  assert.equal((await wire.legacy('ping', {}, { 'mcp-session-id': 'another' })).status, 404);
  assert.equal(
    (await wire.legacy('ping', {}, { 'mcp-protocol-version': '1999-01-01' })).status,
    400,
  );
  assert.equal((await wire.legacy('ping', {}, { 'mcp-protocol-version': undefined })).status, 200);
  const { status } = await wire.http('DELETE');
  assert.ok(status === 200 || status === 204, `${status}`);
  assert.equal((await wire.legacy('ping')).status, 404);
});

test('notifications are taken without an answer', async (t) => {
  const wire = new Wire(await serve(t));
  await wire.initialize();
  const told = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } };
  const { status, text } = await wire.post(told, wire.legacyHeaders());
  assert.deepEqual({ status, text }, { status: 202, text: '' });
});

test('what is no message of the protocol is refused by its status', async (t) => {
  const wire = new Wire(await serve(t));
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const accept = { accept: 'application/json, text/event-stream' };
  const status = async (body, headers) => (await wire.post(body, { ...accept, ...headers })).status;
  await wire.initialize();
  const session = wire.legacyHeaders();
  assert.equal(await status('{"jsonrpc"', session), 400);
  assert.equal(await status([], session), 400);
  assert.equal(await status([ping], session), 400);
  assert.equal(await status({ id: 1 }, session), 400);
  assert.equal(await status(ping, { ...session, 'content-type': 'text/plain' }), 415);
  assert.equal(await status(ping, { ...session, accept: 'text/html' }), 406);
  const { status: refused, headers } = await wire.http('PUT');
  assert.equal(refused, 405);
  assert.match(headers.get('allow'), /POST/);
});

test('pages of other sites are refused', async (t) => {
  const server = await serve(t);
  const wire = new Wire(server);
  const from = async (origin) => (await wire.modern('server/discover', {}, { origin })).status;
  assert.equal(await from('http://evil.example'), 403);
  assert.equal(await from('null'), 403);
  assert.equal(await from(server.url), 200);
});

test('a session has one stream of its own, which keeps open', async (t) => {
  const wire = new Wire(await serve(t));
  await wire.initialize();
  const accept = { accept: 'text/event-stream' };
  assert.equal((await wire.http('GET', { accept: 'application/json' })).status, 406);
  const first = await wire.open('GET', accept);
  t.after(() => first.close());
  assert.equal(first.status, 200);
  assert.match(first.headers.get('content-type'), /^text\/event-stream/);
  const second = await wire.open('GET', accept);
  second.close();
  assert.equal(second.status, 409);
});

test('a server is discovered, and names itself in every result', async (t) => {
  const wire = new Wire(await serve(t));
  const { status, body } = await wire.modern('server/discover');
  assert.equal(status, 200);
  const { result } = body;
  assert.equal(result.resultType, 'complete');
  assert.ok(result.supportedVersions.includes('2026-07-28'));
  assert.ok(result.capabilities.extensions[tasksExtension]);
  assert.equal(result.capabilities.tasks, undefined);
  assert.ok(Number.isInteger(result.ttlMs) && result.ttlMs >= 0);
  for (const method of [
    'server/discover',
    'tools/list',
    'resources/list',
    'resources/templates/list',
  ]) {
    const { result: each } = (await wire.modern(method)).body;
    assert.equal(each._meta['io.modelcontextprotocol/serverInfo'].name, 'agentpool', method);
    assert.match(each.cacheScope, /^(public|private)$/, method);
  }
  const { tools } = (await wire.modern('tools/list')).body.result;
  assert.deepEqual(
    tools.filter((tool) => tool.execution),
    [],
  );
});

test('a request without its metadata is refused, and no session is made for one', async (t) => {
  const wire = new Wire(await serve(t));
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
  const bare = await wire.post({ jsonrpc: '2.0', id: 7, method: 'tools/list' }, headers);
  assert.equal(bare.status, 400);
  assert.equal(bare.body.error.code, -32602);
  assert.equal(bare.body.id, 7);
  const whole = await wire.modern('tools/list', {}, { 'mcp-session-id': 'nobody' });
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get('mcp-session-id'), null);
});

test('headers that say another thing than the body are refused', async (t) => {
  const wire = new Wire(await serve(t));
  const given = { name: 'pool_status', arguments: { pool_id: 'p' } };
  const code = async (headers) => {
    const { status, body } = await wire.modern('tools/call', given, headers);
    return status === 200 ? 'taken' : `${status} ${body.error.code}`;
  };
  assert.equal(await code({ 'mcp-name': 'pool_why' }), '400 -32020');
  assert.equal(await code({ 'mcp-name': undefined }), '400 -32020');
  assert.equal(await code({ 'mcp-method': 'tools/list' }), '400 -32020');
  assert.equal(await code({ 'mcp-protocol-version': undefined }), '400 -32020');
  assert.equal(await code({ 'mcp-protocol-version': '2025-11-25' }), '400 -32020');
  const encoded = Buffer.from('pool_status').toString('base64');
  assert.equal(await code({ 'mcp-name': `=?base64?${encoded}?=` }), 'taken');
  assert.equal(await code({ 'mcp-name': '=?base64?!!?=' }), '400 -32020');
});

test('an unknown version is answered with those there are, an unknown method by 404', async (t) => {
  const wire = new Wire(await serve(t));
  const version = { 'io.modelcontextprotocol/protocolVersion': '2030-01-01' };
  const { status, body } = await wire.modern(
    'tools/list',
    { _meta: version },
    { 'mcp-protocol-version': '2030-01-01' },
  );
  assert.equal(status, 400);
  assert.equal(body.error.code, -32022);
  assert.equal(body.error.data.requested, '2030-01-01');
  assert.ok(body.error.data.supported.includes('2026-07-28'));
  for (const method of ['initialize', 'ping', 'resources/subscribe', 'tasks/list', 'no/such']) {
    const unknown = await wire.modern(method);
    assert.deepEqual([unknown.status, unknown.body.error.code], [404, -32601], method);
  }
});

test(
  'a wait is a task for whoever knows tasks, and an answer for others',
  { timeout: 2 * waitMax },
  async (t) => {
    const wire = new Wire(await serve(t));
    const joined = await wire.tool('pool_join', { pool_id: 'p', run_id: 'a' });
    const wait = {
      pool_id: 'p',
      run_id: 'a',
      session_token: joined.session_token,
      for: { message: true },
      timeout_seconds: 1,
    };
    const plain = await wire.modern('tools/call', { name: 'pool_wait', arguments: wait });
    assert.equal(plain.body.result.resultType, 'complete');
    assert.equal((await wire.modern('tasks/get', { taskId: 'x' })).body.error.code, -32021);

    const knows = { ...modernMeta(), ...declaring(tasksExtension) };
    const call = { name: 'pool_wait', arguments: { ...wait, timeout_seconds: 40 }, _meta: knows };
    const { result } = (await wire.modern('tools/call', call)).body;
    assert.equal(result.resultType, 'task');
    assert.equal(result.status, 'working');
    assert.equal(result.task, undefined);
    const task = { taskId: result.taskId, _meta: knows };
    assert.equal((await wire.modern('tasks/get', task)).body.result.status, 'working');
    const another = await wire.tool('pool_join', { pool_id: 'p', run_id: 'b' });
    await wire.tool('pool_send', {
      pool_id: 'p',
      run_id: 'b',
      session_token: another.session_token,
      to: { run: 'a' },
      text: 'hi',
    });
    const done = await wire.until('tasks/get', task, (each) => each.status !== 'working');
    assert.equal(done.status, 'completed');
    assert.equal(done.result.structuredContent.status, 'woken');
    const acknowledged = (await wire.modern('tasks/cancel', task)).body.result;
    assert.equal(acknowledged.resultType, 'complete');
    assert.equal(acknowledged.status, undefined);
    const unknown = await wire.modern('tasks/get', { taskId: 'x', _meta: knows });
    assert.equal(unknown.body.error.code, -32602);
  },
);

test(
  'a task of revision 2025-11-25 is made by asking, got, listed, and its result waited for',
  { timeout: 2 * waitMax },
  async (t) => {
    const wire = new Wire(await serve(t));
    const {
      result: { capabilities },
    } = await wire.initialize();
    assert.ok(capabilities.tasks.requests.tools.call);
    const { tools } = (await wire.legacy('tools/list')).body.result;
    const tool = tools.find((each) => each.name === 'pool_wait');
    assert.equal(tool.execution.taskSupport, 'optional');
    await wire.legacyTool('pool_join', { pool_id: 'p', run_id: 'a' });
    const wait = { pool_id: 'p', run_id: 'a', for: { message: true }, timeout_seconds: 40 };
    const { task } = (
      await wire.legacy('tools/call', { name: 'pool_wait', arguments: wait, task: { ttl: 60_000 } })
    ).body.result;
    assert.equal(task.status, 'working');
    const { tasks } = (await wire.legacy('tasks/list')).body.result;
    assert.ok(tasks.some((each) => each.taskId === task.taskId));
    const waiting = wire.legacy('tasks/result', { taskId: task.taskId });
    const other = new Wire({ mcp: wire.url });
    await other.initialize();
    await other.legacyTool('pool_join', { pool_id: 'p', run_id: 'b' });
    await other.legacyTool('pool_send', {
      pool_id: 'p',
      run_id: 'b',
      to: { run: 'a' },
      text: 'hi',
    });
    const { result } = (await within(waiting, 'the result of the task')).body;
    assert.equal(result.structuredContent.status, 'woken');
    const related = result._meta['io.modelcontextprotocol/related-task'];
    assert.equal(related.taskId, task.taskId);
    const { result: got } = (await wire.legacy('tasks/get', { taskId: task.taskId })).body;
    assert.equal(got.status, 'completed');
    const late = await wire.legacy('tasks/cancel', { taskId: task.taskId });
    assert.equal(late.body.error.code, -32602);
  },
);

test('a listener is told first what it will be told, and no more than it asked for', async (t) => {
  const wire = new Wire(await serve(t));
  const stream = await wire.openModern('subscriptions/listen', {
    notifications: { toolsListChanged: true, resourceSubscriptions: [] },
  });
  t.after(() => stream.close());
  assert.equal(stream.status, 200);
  const events = eventsOf(stream);
  const { value: first } = await within(events.next(), 'an acknowledgement');
  assert.equal(first.method, 'notifications/subscriptions/acknowledged');
  assert.equal(first.params._meta['io.modelcontextprotocol/subscriptionId'], stream.id);
  const missing = await wire.modern('subscriptions/listen', {});
  assert.equal(missing.body.error.code, -32602);
});

test('on pipes a program says only messages, and ends when its input does', async (t) => {
  const { command, args } = stdioCommand();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const hear = async () => {
    const message = JSON.parse((await within(lines.next(), 'a line')).value);
    return message.id === null ? hear() : message;
  };
  // Whether that is answered is open; that it ends nothing is not.
  child.stdin.write('no JSON\n');
  say({ jsonrpc: '2.0', id: 'd', method: 'server/discover', params: { _meta: modernMeta() } });
  assert.equal((await hear()).id, 'd');
  const begun = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'x', version: '1' },
  };
  say({ jsonrpc: '2.0', id: 1, method: 'initialize', params: begun });
  assert.equal((await hear()).result.protocolVersion, '2025-11-25');
  say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  say({ jsonrpc: '2.0', id: 2, method: 'ping' });
  assert.deepEqual((await hear()).result, {});
  child.stdin.end();
  const [code] = await within(once(child, 'exit'), 'the end of the program');
  assert.equal(code, 0);
});

/** The metadata of a client that knows an extension. */
function declaring(extension) {
  return { 'io.modelcontextprotocol/clientCapabilities': { extensions: { [extension]: {} } } };
}
