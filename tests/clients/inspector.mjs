// The Inspector's command line, which also judges how portable the tools' schemas are.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { promisify } from 'node:util';
import { scratchFolder, serve, stdioCommand, waitMax } from './support/agentpool.mjs';

const launcher = fileURLToPath(
  new URL(
    'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
    import.meta.url,
  ),
);

/** Runs the Inspector, with settings in a home of its own; the one JSON object that it prints. */
async function inspect(test, target, more) {
  const home = scratchFolder(test);
  const given = [launcher, '--cli', ...target, '--format', 'json', '--quiet', ...more];
  const environment = { ...process.env, HOME: home, MCP_CATALOG_PATH: `${home}/mcp.json` };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, given, {
      env: environment,
      timeout: waitMax,
      maxBuffer: 1 << 26,
    });
    const answer = JSON.parse(stdout);
    return answer.result ?? answer;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout ?? ''}\n${error.stderr ?? ''}`);
  }
}

const targets = {
  'over HTTP': async (test) => {
    const server = await serve(test);
    return ['--transport', 'http', '--server-url', server.mcp.href];
  },
  'on pipes': async () => {
    const { command, args } = stdioCommand();
    return [command, ...args];
  },
};

for (const era of ['legacy', 'auto', 'modern']) {
  for (const [where, target] of Object.entries(targets)) {
    test(`the Inspector lists tools whose schemas any model takes, ${era} ${where}`, async (t) => {
      const { tools } = await inspect(t, await target(t), [
        '--protocol-era',
        era,
        '--method',
        'tools/list',
        '--strict',
      ]);
      assert.ok(tools.some((tool) => tool.name === 'pool_send'));
    });

    test(`the Inspector joins a run, ${era} ${where}`, async (t) => {
      const given = JSON.stringify({ pool_id: 'p', run_id: 'inspector', agent_id: 'agent' });
      const result = await inspect(t, await target(t), [
        '--protocol-era',
        era,
        '--method',
        'tools/call',
        '--tool-name',
        'pool_join',
        '--tool-args-json',
        given,
      ]);
      assert.equal(result.structuredContent.run_id, 'inspector');
    });
  }
}
