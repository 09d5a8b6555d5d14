// The engine's JSON-RPC over HTTP, and the smallest records that it takes.

/** An answer that was an error. */
export class RpcError extends Error {
  constructor(method, error) {
    super(`${method}: ${error.message}`);
    this.code = error.code;
    this.kind = error.data?.kind;
    this.retry = error.data?.retry;
  }
}

/** Calls methods of one server, each with the session token of the run that it speaks for. */
export class Rpc {
  constructor(url) {
    this.url = new URL('/rpc', url);
    this.next = 1;
    this.tokens = new Map(); // by pool and run
  }

  async call(method, params = {}) {
    const who = params.run_id ?? params.message?.from ?? params.member?.run_id;
    const token = this.tokens.get(`${params.pool_id} ${who}`);
    const shown = token && { session_token: token };
    const body = { jsonrpc: '2.0', id: this.next++, method, params: { ...params, ...shown } };
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method}: HTTP ${response.status}: ${text}`);
    const answer = JSON.parse(text);
    if (answer.error) throw new RpcError(method, answer.error);
    if (answer.id !== body.id) throw new Error(`${method}: the answer is ${answer.id}'s`);
    return answer.result;
  }

  /** Joins a run and remembers the token that it acts with. */
  async join(pool, run, { agent = run, topics = [] } = {}) {
    const answer = await this.call('join_run', {
      pool_id: pool,
      member: { run_id: run, agent_id: agent, ...(topics.length > 0 && { topics }) },
    });
    this.tokens.set(`${pool} ${run}`, answer.token);
    return answer;
  }
}

/** A message with no more in it than it needs; `to` as in {run: "b"} or {pool: "p"}. */
export function message(
  id,
  from,
  to,
  { key = `key.${id}`, content = `content.${id}`, ...more } = {},
) {
  const [[type, target]] = Object.entries(to);
  return {
    message_id: id,
    from,
    to: { target: { type, [`${type}_id`]: target } },
    content_ref: content,
    idempotency_key: key,
    ...more,
  };
}
