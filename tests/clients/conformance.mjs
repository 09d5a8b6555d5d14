// The conformance suite of the protocol, for both revisions. conformance/exceptions.json says what
// of it does not apply to this server, and why: a scenario, or single checks of one. What is listed
// and passes is as wrong as what fails and is not listed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { scratchFolder, serve, waitMax, within } from './support/agentpool.mjs';

const suite = fileURLToPath(
  new URL('node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);
const exceptions = JSON.parse(
  readFileSync(new URL('conformance/exceptions.json', import.meta.url)),
);

/** Runs the suite; the checks of each scenario that failed, as {scenario: {check: message}}. */
async function failures(test, url, revision) {
  const folder = scratchFolder(test);
  const given = [
    suite,
    'server',
    '--url',
    url,
    '--spec-version',
    revision,
    '--suite',
    'all',
    '--output-dir',
    folder,
  ];
  const child = spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'pipe'] });
  test.after(() => child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (printed += text));
  }
  await within(once(child, 'close'), 'the end of the conformance suite', 15 * waitMax);

  const failed = {};
  const results = globSync(`${folder}/**/checks.json`);
  for (const file of results) {
    const scenario = /^server-(.*)-\d{4}-\d\d-\d\dT.*$/.exec(
      basename(file.replace(/\/checks.json$/, '')),
    )[1];
    failed[scenario] = {};
    for (const check of JSON.parse(readFileSync(file))) {
      if (check.status === 'FAILURE') failed[scenario][check.id] = check.errorMessage;
    }
  }
  assert.ok(results.length > 10, `the suite ran few scenarios: ${printed}`);
  return failed;
}

/** What was found and not listed, and what was listed and not found. */
function differences(failed, listed) {
  const found = [];
  for (const [scenario, checks] of Object.entries(failed)) {
    const known = listed[scenario] ?? {};
    const whole = typeof known === 'string';
    const names = Object.keys(checks);
    if (whole && names.length === 0) found.push(`${scenario} passes, though it is listed`);
    for (const check of whole ? [] : names) {
      if (!known[check]) found.push(`${scenario}: ${check}: ${checks[check]}`);
    }
    for (const check of whole ? [] : Object.keys(known)) {
      if (!names.includes(check)) found.push(`${scenario}: ${check} passes, though it is listed`);
    }
  }
  for (const scenario of Object.keys(listed)) {
    if (!failed[scenario]) found.push(`${scenario} is listed and no scenario of the suite`);
  }
  return found;
}

for (const revision of ['2025-11-25', '2026-07-28']) {
  test(
    `revision ${revision} is kept to but for what does not apply`,
    { timeout: 16 * waitMax },
    async (t) => {
      const server = await serve(t);
      const failed = await failures(t, server.mcp.href, revision);
      if (process.env.AGENTPOOL_CONFORMANCE) t.diagnostic(JSON.stringify(failed, null, 1));
      assert.deepEqual(differences(failed, exceptions[revision]), []);
    },
  );
}
