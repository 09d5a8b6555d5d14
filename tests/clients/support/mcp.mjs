// What tests say of tools, whichever client calls them.
import assert from 'node:assert/strict';

/** The structured answer of a tool call; fails with the tool's own words when it is an error. */
export function answerOf(result) {
  const text = (result.content ?? []).map((part) => part.text ?? `(${part.type})`).join('\n');
  assert.notEqual(result.isError, true, `a tool answered: ${text}`);
  assert.ok(result.structuredContent, `a tool answered without structured content: ${text}`);
  return result.structuredContent;
}

/** The words of a tool call that has to be refused by the tool itself. */
export function refusalOf(result) {
  assert.equal(result.isError, true, `a refusal was expected: ${JSON.stringify(result)}`);
  return result.content.map((part) => part.text).join('\n');
}

/** One member of a pool, through any function that calls a tool. */
export class Member {
  constructor(callTool, pool, run) {
    Object.assign(this, { callTool, pool, run });
  }

  /** Says the session token every time: clients of revision 2026-07-28 have no session. */
  async call(tool, more = {}) {
    const who = { pool_id: this.pool, run_id: this.run };
    const token = this.token && { session_token: this.token };
    return answerOf(await this.callTool(tool, { ...who, ...token, ...more }));
  }

  async join(more = {}) {
    const joined = await this.call('pool_join', { agent_id: `agent.${this.run}`, ...more });
    assert.equal(joined.pool_id, this.pool);
    assert.equal(joined.run_id, this.run);
    this.token = joined.session_token;
    return joined;
  }

  send(to, text, more = {}) {
    return this.call('pool_send', { to, text, ...more });
  }

  waitForMessage(seconds = 30) {
    return this.call('pool_wait', { for: { message: true }, timeout_seconds: seconds });
  }

  /** Waits and fails unless something comes. */
  async woken(seconds) {
    const answer = await this.waitForMessage(seconds);
    assert.equal(answer.status, 'woken', JSON.stringify(answer));
    return answer.messages;
  }

  /** Fails when something comes within a second. */
  async isLeftAlone() {
    assert.equal((await this.waitForMessage(1)).status, 'timed_out');
  }

  /** Asks how the pool is until the run waits for an event in it. */
  async seesWaiting(run) {
    for (;;) {
      const status = answerOf(await this.callTool('pool_status', { pool_id: this.pool }));
      if (status.waits.some((each) => each.run_id === run)) return;
    }
  }

  async inbox(more = {}) {
    return (await this.call('pool_inbox', more)).messages;
  }
}

/** The ids of messages as tools tell them. */
export const idsOf = (messages) => messages.map((each) => each.message_id);
