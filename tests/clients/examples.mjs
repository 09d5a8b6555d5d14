// The examples of docs/agents.md: agents of LangGraph and of OpenAI Agents in one pool with a run in
// C++, each as the program that a reader starts.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { program, serve, sqliteStore, waitMax, within } from './support/agentpool.mjs';

const answerer = process.env.AGENTPOOL_ANSWERER;
if (!answerer) throw new Error('AGENTPOOL_ANSWERER has to name 11_answering_run');

/** A started example: its lines as they come, and all of them once it has ended well. */
function start(t, command, ...commandArguments) {
  const child = spawn(command, commandArguments, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'exit').then(([code]) => {
    assert.equal(code, 0, `${command} ${commandArguments.join(' ')} said: ${lines.join('; ')}`);
    return lines;
  });
  ended.catch(() => {});
  return {
    says: (line) => within((async () => {
      while (!lines.includes(line)) await Promise.race([once(reader, 'line'), ended]);
    })(), `'${line}'`),
    lines: () => within(ended, `the end of ${commandArguments[0]}`, 2 * waitMax),
  };
}

const script = (t, name, ...more) => start(t, process.execPath, name, ...more);

test('LangGraph asks a run in C++, and an agent of OpenAI Agents', { timeout: 5 * waitMax },
  async (t) => {
    const store = sqliteStore(t);
    const server = await serve(t, store);
    const cpp = start(t, answerer, store.replace(/^sqlite:/, ''));
    await cpp.says('listening');
    const openAi = script(t, '14_openai_agents.mjs', program, store);
    await openAi.says('OpenAI Agents listens');
    const asked = script(t, '13_langgraph.mjs', server.mcp.href, 'run.answerer');
    assert.deepEqual(await asked.lines(),
      ['LangGraph was told: forty-two, says a run in C++']);
    assert.deepEqual(await cpp.lines(), ['listening', 'asked by run.langgraph']);
    const again = script(t, '13_langgraph.mjs', server.mcp.href, 'run.openai', 'run.langgraph-2');
    assert.deepEqual(await again.lines(), ['LangGraph was told: 42']);
    assert.deepEqual(await openAi.lines(),
      ['OpenAI Agents listens', 'OpenAI Agents answered: What is six by seven?']);
  });
