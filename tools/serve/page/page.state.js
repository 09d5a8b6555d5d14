// Members, waits and messages of a pool as the server tells them, read again when events say that
// they changed, and never more often than the server can answer at leisure.
import {poolPath, read} from './page.api.js';

const betweenLeast = 400;      // ms between the ends of two readings
const betweenMost = 5_000;     // ms; some things change without an event, as acknowledgements do
const idleShare = 4;           // a reading that takes 1 s is followed by 4 s without one
const pageOfMembers = 1_000;
const oneByOne = 8;            // members that are read one by one when they join

export class PoolState {
  // changed(): something of it is different. failed(fault): it could not be read; null: it could.
  constructor(pool, {changed, failed}) {
    Object.assign(this, {pool, changed, failed});
    this.members = [];      // sorted by run id, as the server sorts them
    this.waits = [];
    this.messages = [];
    this.byRun = new Map();  // {member, waits, cycle, unread}
    this.joined = new Set();
    this.wholeList = true;
    this.ended = new AbortController();
    this.run();
  }

  end() {
    this.ended.abort();
    this.wake?.();
  }

  // Events came: what they are about may have changed.
  take(events) {
    for (const {kind, run} of events) {
      if (kind === 'agent_pool_run_joined' || kind === 'agent_pool_run_left') this.joined.add(run);
    }
    this.due = true;
    this.wake?.();
  }

  again() {
    this.wholeList = true;
    this.due = true;
    this.wake?.();
  }

  async run() {
    const {signal} = this.ended;
    while (!signal.aborted) {
      const begin = performance.now();
      this.due = false;
      try {
        await this.read(signal);
        if (signal.aborted) return;
        this.failed(null);
      } catch (fault) {
        if (signal.aborted) return;
        this.failed(fault);
      }
      const took = performance.now() - begin;
      await this.pause(Math.max(betweenLeast, took * idleShare), Math.max(betweenMost, took * 10));
    }
  }

  // At least `least` ms, then until something is due or `most` ms are over.
  async pause(least, most) {
    await new Promise((done) => setTimeout(done, least));
    if (this.due || this.ended.signal.aborted) return;
    let timer;
    await new Promise((done) => {
      this.wake = done;
      timer = setTimeout(done, document.hidden ? most * 6 : most);
    });
    clearTimeout(timer);
    this.wake = null;
  }

  async read(signal) {
    const joined = [...this.joined];
    this.joined.clear();
    try {
      if (this.wholeList || joined.length > oneByOne) await this.readMembers(signal);
      else for (const run of joined) await this.readMember(run, signal);
      const state = await read(poolPath(this.pool, '/state'), signal);
      this.wholeList = false;
      this.set(state);
    } catch (fault) {
      for (const run of joined) this.joined.add(run);
      throw fault;
    }
  }

  async readMembers(signal) {
    const all = [];
    for (let after = ''; after !== undefined;) {
      const page = await read(
        poolPath(this.pool, '/members', {limit: pageOfMembers, after: after || null}), signal);
      all.push(...page.members);
      after = page.next;
      // A long list shows while it is read, but never less of it than before.
      if (all.length < this.members.length || signal.aborted) continue;
      this.members = all.slice();
      this.index();
      this.changed();
    }
    this.members = all;
  }

  async readMember(run, signal) {
    let member = null;
    try {
      member = await read(poolPath(this.pool, `/members/${encodeURIComponent(run)}`), signal);
    } catch (fault) {
      if (fault.status !== 404) throw fault;
    }
    const {members} = this;
    const at = members.findIndex((one) => one.run_id === run);
    if (at >= 0 && member) members[at] = member;
    else if (at >= 0) members.splice(at, 1);
    else if (member) members.splice(placeOf(members, run), 0, member);
  }

  set(state) {
    const told = JSON.stringify(state);
    const listed = this.members.length;
    if (told === this.told && listed === this.listed) return;
    Object.assign(this, {told, listed});
    this.waits = state.waits.toSorted((a, b) => b.in_cycle - a.in_cycle);
    this.messages = state.messages;
    this.inboxes = state.inboxes;
    this.events = state.events;
    // Somebody joined or left beyond what the events told: then the whole list is read.
    if (state.members !== this.members.length) this.wholeList = this.due = true;
    this.index();
    this.changed();
  }

  index() {
    this.byRun = new Map(this.members.map((member) =>
      [member.run_id, {member, waits: [], cycle: false, unread: 0, text: textOf(member)}]));
    const of = (run) => {
      if (!this.byRun.has(run))
        this.byRun.set(run, {member: null, waits: [], cycle: false, unread: 0, text: ''});
      return this.byRun.get(run);
    };
    for (const wait of this.waits) {
      const run = of(wait.run_id);
      run.waits.push(wait);
      run.cycle ||= wait.in_cycle;
    }
    for (const inbox of this.inboxes ?? []) of(inbox.run_id).unread = inbox.unacknowledged;
    for (const run of this.byRun.values()) {
      if (run.waits.length > 0) run.text += '\nwaiting';
      if (run.cycle) run.text += '\ncycle';
      if (run.unread > 0) run.text += '\nunread';
    }
  }
}

const textOf = ({run_id: run, agent_id: agent, topics = []}) =>
  [run, agent, ...topics].join('\n').toLowerCase();

// Strings are compared as the server compares their UTF-8, which is by code points.
function lessThan(a, b) {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; ++i)
    if (left[i] !== right[i]) return left[i].codePointAt(0) < right[i].codePointAt(0);
  return left.length < right.length;
}

function placeOf(members, run) {
  let [from, to] = [0, members.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (lessThan(members[middle].run_id, run)) from = middle + 1;
    else to = middle;
  }
  return from;
}
