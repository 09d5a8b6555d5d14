// An agent of OpenAI Agents waits on a pipe of `agentpool mcp` and answers whoever writes to it.
// Usage: node 14_openai_agents.mjs AGENTPOOL STORE, as in build/agentpool sqlite:swarm.db. Put a model
// of your own in place of the scripted one.
import { Agent, MCPServerStdio, Runner, setTracingDisabled } from '@openai/agents';
import { ScriptedModel } from './scripted_models.mjs';

setTracingDisabled(true);
const [command, store] = process.argv.slice(2);
const me = { pool_id: 'pool.talk', run_id: 'run.openai' };
const token = (seen) => ({ session_token: seen[0].session_token });
const model = new ScriptedModel([
  () => ['pool_join', { ...me, agent_id: 'agent.openai' }],
  (seen) => {
    console.log('OpenAI Agents listens');
    return ['pool_wait', { ...me, ...token(seen), for: { message: true }, timeout_seconds: 40 }];
  },
  (seen) => ['pool_reply', {
    ...me, ...token(seen), message_id: seen[1].messages[0].message_id, text: '42',
  }],
  (seen) => ['pool_ack', { ...me, ...token(seen), sequence: seen[1].messages[0].sequence }],
  (seen) => ['content_get', { content_ref: seen[1].messages[0].content_ref }],
]);

const server = new MCPServerStdio({ command, args: ['mcp', '--store', store], name: 'agentpool' });
await server.connect();
const agent = new Agent({ name: 'answers', model, mcpServers: [server] });
const { finalOutput } = await new Runner({ tracingDisabled: true })
  .run(agent, 'Wait for a question and answer it.', { maxTurns: 10 });
console.log(`OpenAI Agents answered: ${finalOutput}`);
await server.close();
