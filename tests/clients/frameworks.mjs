// Agents of two frameworks in one pool, each with a model that follows a script.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage } from '@langchain/core/messages';
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import {
  Agent,
  MCPServerStdio,
  MCPServerStreamableHttp,
  Runner,
  Usage,
  setTracingDisabled,
} from '@openai/agents';
import { serve, sqliteStore, stdioCommand, waitMax, within } from './support/agentpool.mjs';

setTracingDisabled(true);

/**
 * What a model does: called with the answers of its tools so far, it gives the next call as
 * [tool, arguments], or its last words as a string.
 */
function scriptOf(steps) {
  return (answers) =>
    answers.length < steps.length
      ? steps[answers.length](answers)
      : `done: ${JSON.stringify(answers.at(-1))}`;
}

/** What a tool answered, as a model reads it: JSON, in as many wrappers as a framework puts on. */
function read(output) {
  if (Array.isArray(output)) return read(output.find((part) => part.text !== undefined)?.text);
  if (typeof output !== 'string') return read(output.text ?? output.content);
  const said = JSON.parse(output);
  return said.structuredContent ?? said;
}

class ScriptedChatModel extends BaseChatModel {
  constructor(script) {
    super({});
    this.script = script;
  }

  _llmType() {
    return 'scripted';
  }

  bindTools() {
    return this;
  }

  async _generate(messages) {
    const answers = messages
      .filter((each) => each.getType() === 'tool')
      .map((each) => read(each.content));
    const next = await this.script(answers);
    const message =
      typeof next === 'string'
        ? new AIMessage(next)
        : new AIMessage({
            content: '',
            tool_calls: [
              { id: `call.${answers.length}`, name: next[0], args: next[1], type: 'tool_call' },
            ],
          });
    return { generations: [{ text: '', message }] };
  }
}

class ScriptedModel {
  constructor(script) {
    this.script = script;
  }

  async getResponse({ input }) {
    const items = Array.isArray(input) ? input : [];
    const answers = items
      .filter((each) => each.type === 'function_call_result')
      .map((each) => read(each.output));
    const next = await this.script(answers);
    const item =
      typeof next === 'string'
        ? {
            type: 'message',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: next }],
          }
        : {
            type: 'function_call',
            callId: `call.${answers.length}`,
            name: next[0],
            arguments: JSON.stringify(next[1]),
            status: 'completed',
          };
    return { usage: new Usage(), output: [item] };
  }

  async *getStreamedResponse() {
    throw new Error('nothing here streams');
  }
}

async function langGraphAgent(test, server, script) {
  const client = new MultiServerMCPClient({
    throwOnLoadError: true,
    onConnectionError: 'throw',
    mcpServers: { agentpool: server },
  });
  test.after(() => client.close());
  const tools = await client.getTools();
  const agent = createReactAgent({ llm: new ScriptedChatModel(script), tools });
  return async () => {
    const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'go' }] });
    return messages.at(-1).content;
  };
}

async function openAiAgent(test, server, script) {
  await server.connect();
  test.after(() => server.close());
  const model = new ScriptedModel(script);
  const agent = new Agent({ name: 'scripted', model, mcpServers: [server] });
  const runner = new Runner({ tracingDisabled: true });
  return async () => (await runner.run(agent, 'go', { maxTurns: 20 })).finalOutput;
}

/** The scripts of one that asks and one that answers, who has to be a member before it is asked. */
function conversation() {
  const joined = Promise.withResolvers();
  const asked = { pool_id: 'p.frameworks', run_id: 'asks' };
  const answering = { pool_id: 'p.frameworks', run_id: 'answers' };
  const token = (seen) => ({ session_token: seen[0].session_token });
  const wait = { for: { message: true }, timeout_seconds: 40 };
  const reference = (inbox) => ({ content_ref: inbox.messages[0].content_ref });
  const asks = [
    () => joined.promise.then(() => ['pool_join', { ...asked, agent_id: 'agent.asks' }]),
    (seen) => [
      'pool_send',
      {
        ...asked,
        ...token(seen),
        to: { run: 'answers' },
        text: 'six by seven?',
        replies_wanted: 1,
      },
    ],
    (seen) => ['pool_wait', { ...asked, ...token(seen), ...wait }],
    (seen) => ['pool_inbox', { ...asked, ...token(seen) }],
    (seen) => ['content_get', reference(seen[3])],
  ];
  const answers = [
    () => ['pool_join', { ...answering, agent_id: 'agent.answers' }],
    (seen) => {
      joined.resolve();
      return ['pool_wait', { ...answering, ...token(seen), ...wait }];
    },
    (seen) => ['pool_inbox', { ...answering, ...token(seen) }],
    (seen) => ['content_get', reference(seen[2])],
    (seen) => [
      'pool_reply',
      {
        ...answering,
        ...token(seen),
        message_id: seen[2].messages[0].message_id,
        text: seen[3].text === 'six by seven?' ? '42' : `what is '${seen[3].text}'?`,
      },
    ],
  ];
  return { asks: scriptOf(asks), answers: scriptOf(answers) };
}

async function talk(answerer, asker) {
  const [answered, words] = await within(
    Promise.all([answerer(), asker()]),
    'the end of a conversation',
    2 * waitMax,
  );
  assert.match(words, /"text":"42"/);
  assert.match(answered, /^done: /);
}

test(
  'an agent of LangGraph answers one of OpenAI Agents, over HTTP',
  { timeout: 3 * waitMax },
  async (t) => {
    const server = await serve(t);
    const { asks, answers } = conversation();
    const http = new MCPServerStreamableHttp({ url: server.mcp.href, name: 'agentpool' });
    const answerer = await langGraphAgent(
      t,
      { transport: 'http', url: server.mcp.href, automaticSSEFallback: false },
      answers,
    );
    await talk(answerer, await openAiAgent(t, http, asks));
  },
);

test(
  'an agent of OpenAI Agents on pipes answers one of LangGraph over HTTP',
  { timeout: 3 * waitMax },
  async (t) => {
    const store = sqliteStore(t);
    const server = await serve(t, store);
    const { asks, answers } = conversation();
    const { command, args } = stdioCommand(store);
    const pipes = new MCPServerStdio({ command, args, name: 'agentpool' });
    const answerer = await openAiAgent(t, pipes, answers);
    await talk(
      answerer,
      await langGraphAgent(
        t,
        { transport: 'http', url: server.mcp.href, automaticSSEFallback: false },
        asks,
      ),
    );
  },
);
