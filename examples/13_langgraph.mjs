// An agent of LangGraph asks a run in C++ (11_answering_run) and says what it was answered.
// Usage: node 13_langgraph.mjs URL RUN [ME], where URL is that of `agentpool serve` and /mcp, RUN is
// whom to ask, and ME the run that asks. Put a model of your own in place of the scripted one.
import { createReactAgent } from '@langchain/langgraph/prebuilt';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { ScriptedChatModel } from './scripted_models.mjs';

const [url, run, self = 'run.langgraph'] = process.argv.slice(2);
const me = { pool_id: 'pool.talk', run_id: self };
const token = (seen) => ({ session_token: seen[0].session_token });
const llm = new ScriptedChatModel([
  () => ['pool_join', { ...me, agent_id: 'agent.langgraph' }],
  (seen) => ['pool_send', {
    ...me, ...token(seen), to: { run }, text: 'What is six by seven?', replies_wanted: 1,
    idempotency_key: `${self} asks ${run}`,
  }],
  (seen) => ['pool_wait', { ...me, ...token(seen), for: { message: true }, timeout_seconds: 40 }],
  (seen) => ['pool_ack', { ...me, ...token(seen), sequence: seen[2].messages[0].sequence }],
  (seen) => ['content_get', { content_ref: seen[2].messages[0].content_ref }],
]);

const client = new MultiServerMCPClient({
  mcpServers: { agentpool: { transport: 'http', url, automaticSSEFallback: false } },
});
const agent = createReactAgent({ llm, tools: await client.getTools() });
const { messages } = await agent.invoke({
  messages: [{ role: 'user', content: `Ask ${run} what six by seven is.` }],
});
console.log(`LangGraph was told: ${messages.at(-1).content}`);
await client.close();
