// Who waits for what, with the cycles of it.
import {List} from './page.list.js';
import {addressOf, by, make, marked, setText} from './page.dom.js';
import {counted, duration, hasAll} from './page.words.js';

const cyclesMost = 4;      // that are spelled out
const runsOfCycleMost = 12;

// Shortest cycles of waits, each a list of runs that wait for the next one and the last for the
// first, until every run of a cycle is in one of them, or there are `most`.
export function cyclesOf(waits, most = cyclesMost) {
  const next = new Map();  // run: the runs in cycles that it waits for
  const inCycles = waits.filter((wait) => wait.in_cycle);
  for (const wait of inCycles) next.set(wait.run_id, []);
  for (const wait of inCycles)
    next.get(wait.run_id).push(...(wait.on ?? []).filter((run) => next.has(run)));
  const told = new Set();
  const cycles = [];
  for (const run of next.keys()) {
    if (cycles.length === most) break;
    if (told.has(run)) continue;
    const cycle = shortestBack(run, next);
    for (const one of cycle) told.add(one);
    if (cycle.length > 0) cycles.push(cycle);
  }
  return cycles;
}

function shortestBack(start, next) {
  const cameFrom = new Map();
  const queue = [start];
  for (const run of queue)
    for (const to of next.get(run)) {
      if (to === start) {
        const cycle = [run];
        while (cycle[0] !== start) cycle.unshift(cameFrom.get(cycle[0]));
        return cycle;
      }
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, run);
      queue.push(to);
    }
  return [];
}

// A wait for a message has no condition: it is its run's.
export const keyOf = (wait) => wait.condition_id ?? `inbox of ${wait.run_id}`;

const textOf = (wait) => [wait.run_id, wait.condition_id ?? '', wait.waits_for, ...(wait.on ?? []),
  'waiting', wait.in_cycle ? 'cycle' : ''].join('\n').toLowerCase();

export class Waits {
  constructor({open}) {
    this.waits = [];
    this.words = [];
    this.list = new List(by('waits-list'), {
      label: 'Runs that wait',
      key: keyOf,
      render: (wait) => this.row(wait),
      open,
      empty: () => this.waits.length > 0 ? 'No wait fits.' : 'Nobody waits.',
    });
  }

  show(pool, waits) {
    if (this.waits !== waits) this.showCycles(pool, waits);
    this.waits = waits;
    this.draw();
  }

  search(words) {
    this.words = words;
    this.draw();
  }

  draw() {
    const shown = this.words.length === 0 ? this.waits
      : this.waits.filter((wait) => hasAll(textOf(wait), this.words));
    const cycles = this.waits.filter((wait) => wait.in_cycle).length;
    const all = counted(this.waits.length, 'wait') + (cycles > 0 ? `, ${cycles.toLocaleString()} in cycles` : '');
    setText(by('waits-count'),
      shown.length === this.waits.length ? all : `${shown.length.toLocaleString()} of ${all}`);
    this.list.show(shown, {changed: true});
  }

  showCycles(pool, waits) {
    const cycles = cyclesOf(waits);
    by('cycles').hidden = cycles.length === 0;
    by('cycles').replaceChildren(...cycles.map((cycle) => this.cycle(pool, cycle)));
  }

  cycle(pool, runs) {
    const link = (run) => make('a.id', {href: addressOf(pool, 'run', run)}, run);
    const arrow = () => make('span.arrow', {}, ' → ');
    const told = runs.slice(0, runsOfCycleMost);
    const parts = told.flatMap((run) => [link(run), arrow()]);
    if (runs.length > told.length)
      parts.push(`${(runs.length - told.length).toLocaleString()} more`, arrow());
    return make('p.cycle', {}, make('b', {}, 'Cycle'),
      make('span.visually-hidden', {}, ': each waits for the next: '), ...parts, link(runs[0]));
  }

  row(wait) {
    const {words} = this;
    let timeout = 'no timeout';
    if (wait.timeout_millis !== undefined) timeout = `timeout ${duration(wait.timeout_millis)}`;
    else if (!wait.condition_id) timeout = 'in a call';
    return [
      make('span.mark', {'data-group': 'wakes', 'data-bad': wait.in_cycle, 'aria-hidden': 'true'}),
      make('span.first', {}, make('b.id', {}, ...marked(wait.run_id, words)),
        wait.in_cycle && make('span.badge.bad', {}, 'cycle'),
        make('span.muted.end', {}, timeout)),
      make('span.second', {}, make('span', {}, 'waits for ', ...marked(wait.waits_for, words))),
    ];
  }
}
