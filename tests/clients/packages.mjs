// Whether each package that the tests are for loads under this Node.
import test from 'node:test';
import { readFileSync } from 'node:fs';

const entries = {
  '@langchain/core': ['messages', 'language_models/chat_models'],
  '@langchain/langgraph': ['', 'prebuilt'],
  '@modelcontextprotocol/client': ['', 'stdio'],
  '@modelcontextprotocol/sdk': ['client/index.js', 'client/stdio.js', 'client/streamableHttp.js'],
  // Programs, which other tests start.
  '@modelcontextprotocol/conformance': [],
  '@modelcontextprotocol/inspector': [],
};

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url)));

for (const name of Object.keys(dependencies)) {
  test(`${name} loads`, async () => {
    for (const entry of entries[name] ?? [''])
      await import([name, entry].filter(Boolean).join('/'));
  });
}
