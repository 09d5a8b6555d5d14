// The protocol by hand: requests of either revision over HTTP, and what is answered, as it came.
import assert from 'node:assert/strict';
import { within } from './agentpool.mjs';

export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** What each request of revision 2026-07-28 carries. */
export function modernMeta() {
  return {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
}

/** The messages of a stream of events, as they come; comments are none. */
export async function* eventsOf({ body }) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop();
    for (const frame of frames) {
      const data = frame.split('\n').filter((line) => line.startsWith('data:'));
      if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5)).join('\n'));
    }
  }
}

/** Headers without those that are undefined, which takes a default away. */
function present(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}

const nameOf = { 'tools/call': 'name', 'resources/read': 'uri' };

export class Wire {
  constructor({ mcp }) {
    this.url = mcp;
    this.next = 1;
  }

  /** Posts a message; its answer's status, headers, text, and the last message in it. */
  async post(message, headers = {}) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: present({
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      }),
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });
    const { status, headers: told } = response;
    if (told.get('content-type')?.startsWith('text/event-stream')) {
      let body;
      for await (const each of eventsOf(response)) if (each.id === message.id) body = each;
      return { status, headers: told, body };
    }
    const text = await response.text();
    return {
      status,
      headers: told,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : undefined,
    };
  }

  // ---- revisions with a handshake -----------------------------------------------------------

  legacyHeaders() {
    return { 'mcp-session-id': this.session, 'mcp-protocol-version': this.version };
  }

  async initialize(version = '2025-11-25') {
    const params = {
      protocolVersion: version,
      capabilities: {},
      clientInfo: { name: 'wire', version: '1' },
    };
    const { status, headers, body } = await this.post({
      jsonrpc: '2.0',
      id: this.next++,
      method: 'initialize',
      params,
    });
    assert.equal(status, 200);
    this.session = headers.get('mcp-session-id');
    this.version = body.result.protocolVersion;
    const told = { jsonrpc: '2.0', method: 'notifications/initialized' };
    assert.equal((await this.post(told, this.legacyHeaders())).status, 202);
    return body;
  }

  legacy(method, params = {}, headers = {}) {
    const message = { jsonrpc: '2.0', id: this.next++, method, params };
    return this.post(message, { ...this.legacyHeaders(), ...headers });
  }

  async legacyTool(name, given) {
    const { body } = await this.legacy('tools/call', { name, arguments: given });
    assert.notEqual(body.result?.isError, true, JSON.stringify(body));
    return body.result.structuredContent;
  }

  // ---- revision 2026-07-28 ------------------------------------------------------------------

  modernRequest(method, params, headers) {
    const message = {
      jsonrpc: '2.0',
      id: this.next++,
      method,
      params: { ...params, _meta: { ...modernMeta(), ...params._meta } },
    };
    const name = method.startsWith('tasks/') ? params.taskId : params[nameOf[method]];
    const standard = {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': name,
    };
    return [message, { ...standard, ...headers }];
  }

  modern(method, params = {}, headers = {}) {
    return this.post(...this.modernRequest(method, params, headers));
  }

  async tool(name, given) {
    const { body } = await this.modern('tools/call', { name, arguments: given });
    assert.notEqual(body.result?.isError, true, JSON.stringify(body));
    return body.result.structuredContent;
  }

  /** Asks again, as often as the task itself says, until its state is the one wanted. */
  async until(method, params, wanted) {
    const ask = async () => {
      for (;;) {
        const { result } = (await this.modern(method, params)).body;
        if (wanted(result)) return result;
        await new Promise((resume) => setTimeout(resume, result.pollIntervalMs ?? 100));
      }
    };
    return within(ask(), `the answer of ${method} that is wanted`);
  }

  // ---- streams ------------------------------------------------------------------------------

  async http(method, headers = {}) {
    const response = await this.open(method, headers);
    response.close();
    return response;
  }

  /** A request of the session without a body, whose answer is read as it comes. */
  open(method, headers = {}) {
    return this.streaming({ method, headers: present({ ...this.legacyHeaders(), ...headers }) });
  }

  async openModern(method, params) {
    const [message, headers] = this.modernRequest(method, params, {});
    const response = await this.streaming({
      method: 'POST',
      headers: present({
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      }),
      body: JSON.stringify(message),
    });
    return Object.assign(response, { id: message.id });
  }

  async streaming(request) {
    const gone = new AbortController();
    const { status, headers, body } = await within(
      fetch(this.url, { ...request, signal: gone.signal }),
      'the head of a stream',
    );
    return { status, headers, body, close: () => gone.abort() };
  }
}
