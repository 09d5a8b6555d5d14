// What one run, wake, message or event is, and why it is so.
import {addressOf, by, make} from './page.dom.js';
import {dayOf, duration, kindInWords} from './page.words.js';
import {poolPath, read} from './page.api.js';

const names = {run: 'Run', wake: 'Wake', message: 'Message', event: 'Event'};
const asked = {run: 'run_id', wake: 'condition_id', message: 'message_id'};
const linkedKinds = {run: 'run', wake_condition: 'wake', message: 'message'};
const idsMost = 50;  // of a list of ids

export class Details {
  // state: of the pool. event(id): an event that the page holds.
  constructor({event, failed}) {
    Object.assign(this, {event, failed, what: null});
  }

  // what: {pool, kind, id}. `again`: it is open already and may have changed.
  async show(what, state, again = false) {
    this.what = what;
    this.state = state;
    by('details').hidden = false;
    if (!again) {
      by('details').dataset.kind = what.kind;
      this.title(names[what.kind], what.id);
      by('details-body').replaceChildren(make('p.muted', {}, 'Reading …'));
    }
    this.reading?.abort();
    this.reading = new AbortController();
    const {signal} = this.reading;
    try {
      const parts = await this.parts(what, signal);
      if (!signal.aborted) this.put(parts);
    } catch (fault) {
      if (signal.aborted) return;
      if (fault.status === 401) return this.failed(fault);
      this.put([make('p.bad', {}, fault.message)]);
    }
  }

  title(name, id) {
    by('details-title').replaceChildren(make('span.muted', {}, `${name} `), id);
  }

  // Only what differs is put anew, so that the focus and what is selected stay.
  put(parts) {
    const made = make('div', {}, ...parts);
    const [now] = by('details-body').children;
    if (!now || !made.isEqualNode(now)) by('details-body').replaceChildren(made);
  }

  close() {
    this.reading?.abort();
    this.what = null;
    by('details').hidden = true;
  }

  parts(what, signal) {
    return {run: this.run, wake: this.wake, message: this.message, event: this.ofEvent}[what.kind]
      .call(this, what, signal);
  }

  async because(kind, id, signal) {
    const {because} = await read(
      poolPath(this.what.pool, '/why', {[asked[kind]]: id}), signal);
    return make('section', {'aria-label': 'Why'}, make('h3', {}, 'Why'),
      make('ol.why', {}, ...because.map((sentence) => make('li', {}, ...this.linked(sentence)))));
  }

  async run({pool, id}, signal) {
    const known = this.state.byRun.get(id);
    const because = await this.because('run', id, signal);
    const inbox = this.state.inboxes?.find((one) => one.run_id === id);
    const member = known?.member;
    return [because, facts({
      'Agent': member && code(member.agent_id),
      'Topics': ids(member?.topics),
      'Policy refs': ids(member?.policy_refs?.map((ref) => ref.id)),
      'Member': member ? null : 'no',
      'Waits': known?.waits.some((wait) => wait.condition_id) &&
        links(pool, 'wake', known.waits.map((wait) => wait.condition_id).filter(Boolean)),
      'Inbox': known?.waits.some((wait) => !wait.condition_id) && 'a call waits for a message',
      'Unread': inbox ? `${inbox.unacknowledged}, acknowledged up to ${inbox.acked}` : '0',
    }), make('p', {}, make('button.chip', {type: 'button', 'data-search': id}, 'Show only this run'))];
  }

  async wake({pool, id}, signal) {
    const because = await this.because('wake', id, signal);
    const found = await this.maybe(poolPath(pool, `/wakes/${encodeURIComponent(id)}`), signal);
    if (!found) return [because];
    const {condition, registration} = found;
    return [because, facts({
      'Run': links(pool, 'run', [condition.run_id]),
      'Status': registration.status,
      'Timeout': condition.timeout_millis === undefined ? 'none' : duration(condition.timeout_millis),
      'Resumes with': kindInWords(condition.resume_with),
      'Policy refs': ids(condition.policy_refs?.map((ref) => ref.id)),
    })];
  }

  async message({pool, id}, signal) {
    const because = await this.because('message', id, signal);
    const found = await this.maybe(poolPath(pool, `/messages/${encodeURIComponent(id)}`), signal);
    if (!found) return [because];
    const {message, receipt} = found;
    const {type, ...target} = message.to.target;
    const [to] = Object.values(target);
    return [because, facts({
      'From': links(pool, 'run', [message.from]),
      'To': type === 'run' ? links(pool, 'run', [to]) : make('span', {}, `${type} `, code(to)),
      'Status': kindInWords(receipt.status),
      'Delivered to': receipt.delivered_to && links(pool, 'run', receipt.delivered_to),
      'Answers': message.reply_to && links(pool, 'message', [message.reply_to]),
      'Replies wanted': message.response_contract?.expected_responses,
      'Expires': message.expires_at_millis && dayOf(message.expires_at_millis),
      'Content': code(message.content_ref),
      ...correlated(message.correlation),
    })];
  }

  async ofEvent({pool, id}, signal) {
    const event = this.event(id);
    if (!event) return [make('p', {}, 'This event is not among those that the page holds.')];
    this.title(names.event, event.words);
    const {envelope, subject} = event;
    const kind = linkedKinds[subject.kind];
    const because = kind && await this.because(kind, subject.id, signal);
    const related = (envelope.related_refs ?? []).map((ref) => refLink(pool, ref));
    return [because ?? '', facts({
      'Kind': code(event.kind),
      'When': dayOf(event.at),
      'Run': links(pool, 'run', [event.run]),
      'Agent': code(envelope.agent_id),
      'Subject': refLink(pool, subject),
      'About': related.length > 0 && make('span.ids', {}, ...related.slice(0, idsMost)),
      'Summary': event.summary,
      ...correlated(envelope.correlation),
      'Event': code(event.id),
      'Place': event.place,
      'Stored': envelope.delivery_semantics === 'journal_backed' ? null : 'no, it was told live alone',
    })];
  }

  // Null when nothing of this id is there (any more).
  async maybe(path, signal) {
    try {
      return await read(path, signal);
    } catch (fault) {
      if (fault.status === 404) return null;
      throw fault;
    }
  }

  // A sentence, in which the ids of what is in the pool lead there.
  linked(sentence) {
    const {pool} = this.what;
    const {byRun, waits, messages} = this.state;
    return sentence.split(/([\s,;()]+)/).map((part) => {
      let kind = null;
      if (byRun.has(part)) kind = 'run';
      else if (waits.some((wait) => wait.condition_id === part)) kind = 'wake';
      else if (messages.some((message) => message.message_id === part)) kind = 'message';
      if (!kind || part === this.what.id) return kind ? code(part) : part;
      return make('a.id', {href: addressOf(pool, kind, part)}, part);
    });
  }
}

const code = (text) => make('code.id', {}, text);

const ids = (all) => all?.length > 0 &&
  make('span.ids', {}, ...all.slice(0, idsMost).map(code), more(all));
const links = (pool, kind, all) => make('span.ids', {},
  ...all.slice(0, idsMost).map((id) => make('a.id', {href: addressOf(pool, kind, id)}, id)),
  more(all));
const more = (all) => all.length > idsMost &&
  make('span.muted', {}, `and ${(all.length - idsMost).toLocaleString()} more`);

function refLink(pool, {kind, id}) {
  if (linkedKinds[kind]) return make('a.id', {href: addressOf(pool, linkedKinds[kind], id)}, id);
  return make('span', {}, `${kindInWords(kind)} `, code(id));
}

const correlated = (correlation) => Object.fromEntries(
  (correlation?.entries ?? []).map(({key, value}) => [key, code(value)]));

// Names and what they are; what is null, false or empty is left out.
function facts(all) {
  const rows = Object.entries(all).filter(([, value]) =>
    value !== null && value !== undefined && value !== false && value !== '');
  return make('dl.facts', {}, ...rows.map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}
