// The program under test, as a server or as a process on a client's pipes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const program = process.env.AGENTPOOL_PROGRAM;
if (!program) throw new Error('AGENTPOOL_PROGRAM has to name the program under test');

/** How long a test waits for what comes at once on a machine that is not overloaded. */
export const waitMax = 60_000;

/** A folder that is removed when the test ends. */
export function scratchFolder(test) {
  const folder = mkdtempSync(join(tmpdir(), 'agentpool-clients-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Settles as `promise` does, or fails with what was waited for. */
export async function within(promise, what, most = waitMax) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${most} ms passed without ${what}`)), most);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A child of this test: its lines, what it wrote to standard error, and its end. */
class Child {
  constructor(commandArguments) {
    this.errors = '';
    this.process = spawn(program, commandArguments, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stdin.on('error', () => {}); // A program that was killed reads no more.
    this.process.stderr.setEncoding('utf8').on('data', (text) => (this.errors += text));
    this.lines = createInterface({ input: this.process.stdout });
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.ended.catch(() => {});
  }

  /** Its first line on standard output; fails when it ends before. */
  async firstLine() {
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`the program ended with ${code ?? signal} at once: ${this.errors}`);
    });
    const [line] = await within(
      Promise.race([once(this.lines, 'line'), ended]),
      'a line of the program',
    );
    return line;
  }

  async kill() {
    this.process.kill('SIGKILL');
    return within(this.ended, 'the end of a killed program');
  }

  /** Asks it to end; fails unless it ends well. */
  async stop() {
    this.process.kill('SIGTERM');
    const { code, signal } = await within(this.ended, 'the end of the program');
    // A program that was asked to end by a signal may tell so.
    if (code !== 0 && code !== 128 + 15) {
      throw new Error(`the program ended with ${code ?? signal}: ${this.errors}`);
    }
  }

  get runs() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }
}

/** Starts a program that serves until the test ends; the line that it begins with tells where. */
async function started(test, given, wanted) {
  const child = new Child(given);
  test.after(async () => {
    if (child.runs) await child.kill();
  });
  const line = await child.firstLine();
  const said = wanted.exec(line);
  if (!said) throw new Error(`a line like ${wanted} was expected, not '${line}'`);
  return Object.assign(child, { at: said[1] });
}

/** Where pools are, as options: in a store, unless `pools` is what `node` gave. */
function options(pools) {
  return typeof pools === 'string' ? ['--store', pools] : ['--connect', pools.at];
}

/** Starts `agentpool serve` on a free port of the loopback. */
export async function serve(test, pools = 'memory', more = []) {
  const given = ['serve', ...options(pools), '--listen', '127.0.0.1:0', ...more];
  const child = await started(test, given, /^listening on (http:\/\/\S+)$/);
  return Object.assign(child, { url: child.at, mcp: new URL('/mcp', child.at) });
}

/** Starts a node that has the pools of a store, on a free port of the loopback. */
export function node(test, store = 'memory') {
  return started(
    test,
    ['node', '--store', store, '--listen', '127.0.0.1:0'],
    /^listening on (\S+:\d+)$/,
  );
}

/** How a client is to start the program on its pipes. */
export function stdioCommand(pools = 'memory') {
  return { command: program, args: ['mcp', ...options(pools)] };
}

/** The store URL of a new SQLite file, which several programs may have open. */
export function sqliteStore(test, name = 'pools.db') {
  return `sqlite:${join(scratchFolder(test), name)}`;
}
