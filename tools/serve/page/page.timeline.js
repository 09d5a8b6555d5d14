// The events of a pool that the page holds, and those that the search and the chosen groups leave.
import {List} from './page.list.js';
import {by, make, marked, setText} from './page.dom.js';
import {counted, eventOf, groups, hasAll, timeOf} from './page.words.js';
import {poolPath, readStream} from './page.api.js';

const heldMost = 20_000;    // events; the oldest go, and can be read again
const earlierCount = 500;   // events of one step back
const quietMost = 2_000;    // ms; nothing more comes of them then

export class Timeline {
  // open(event): it was chosen.
  constructor({open}) {
    this.hidden = new Set();  // groups
    this.words = [];
    this.list = new List(by('timeline-list'), {
      label: 'Events, the latest first',
      key: (event) => event.key,
      render: (event) => this.row(event),
      open,
      empty: () => this.nothing(),
    });
    this.showGroups();
    by('newer').addEventListener('click', () => this.toNewest());
    by('earlier').addEventListener('click', () => this.earlier());
    by('timeline-list').addEventListener('scroll', () => this.scrolled(), {passive: true});
    this.reset(null);
  }

  // Forgets all; what comes is of this pool.
  reset(pool) {
    this.pool = pool;
    this.events = [];   // in their order
    this.shown = [];    // those of them that are shown
    this.unseen = 0;    // shown ones above what is in sight
    this.reading?.abort();
    this.reading = null;
    this.start = false;  // the first of all is here
    this.range = null;   // what can be read: {after, recent, last}
    this.draw();
  }

  // What the server tells of the pool's events.
  setRange(range) {
    if (JSON.stringify(range) === JSON.stringify(this.range)) return;
    this.range = range;
    this.draw();
  }

  nothing() {
    if (this.events.length > 0) return 'No event that is here fits.';
    return this.range?.last > 0 ? 'Nothing new yet. Earlier events can be read.' : 'No event yet.';
  }

  take(clouds) {
    const events = clouds.map(eventOf);
    this.events.push(...events);
    const fitting = events.filter((event) => this.fits(event));
    this.shown.push(...fitting);
    this.unseen = by('timeline-list').scrollTop > 0 ? this.unseen + fitting.length : 0;
    this.bound();
    this.draw({before: fitting.length});
    return events;
  }

  bound() {
    const over = this.events.length - heldMost;
    if (over <= 0) return;
    this.start = false;
    this.events.splice(0, over);
    const first = this.shown.findIndex((event) => event.number >= this.events[0].number);
    this.shown.splice(0, first < 0 ? this.shown.length : first);
  }

  search(words) {
    this.words = words;
    this.choose();
  }

  fits(event) {
    return !this.hidden.has(event.group) && hasAll(event.text, this.words);
  }

  choose() {
    this.shown = this.events.filter((event) => this.fits(event));
    this.unseen = 0;
    by('timeline-list').scrollTop = 0;
    this.draw({changed: true});
  }

  draw(how = {}) {
    const {events, shown} = this;
    this.list.show({length: shown.length, at: (index) => shown[shown.length - 1 - index]}, how);
    this.start ||= events.length > 0 && events[0].number <= (this.range?.after ?? 0) + 1;
    const there = Math.max(this.range ? this.range.last - this.range.after : 0, events.length);
    let all = `the latest ${events.length.toLocaleString()} of ${counted(there, 'event')}`;
    if (this.start || there === events.length) all = counted(events.length, 'event');
    else if (events.length === 0) all = `${counted(there, 'event')}, reading the latest`;
    setText(by('timeline-count'), shown.length === events.length ? all
      : `${shown.length.toLocaleString()} of ${all}`);
    by('earlier').hidden = this.start || there === 0;
    this.tellUnseen();
  }

  tellUnseen() {
    by('newer').hidden = this.unseen === 0;
    setText(by('newer'), `↑ ${counted(this.unseen, 'new event')}`);
  }

  toNewest() {
    by('timeline-list').scrollTop = 0;
    by('timeline-list').focus();
    this.list.activate(0);
  }

  scrolled() {
    const {scrollTop, clientHeight, scrollHeight} = by('timeline-list');
    if (scrollTop <= 0) this.unseen = 0;
    this.tellUnseen();
    // By itself only what the server has in memory: for what is older it reads the pool's log.
    if (scrollTop > 0 && scrollTop + clientHeight > scrollHeight - clientHeight &&
        this.events[0]?.number - 1 > (this.range?.recent ?? 0)) this.earlier();
  }

  // Reads what was before the first event that is here, from its number back. A stream does not end
  // by itself: it is over when what is here already comes, or when nothing more does.
  async earlier() {
    if (this.reading || by('earlier').hidden) return;
    const stop = this.events[0]?.number ?? this.range.last + 1;
    const after = Math.max(stop - earlierCount - 1, this.range?.after ?? 0);
    const reading = this.reading = new AbortController();
    const found = [];
    let quiet;
    by('earlier').disabled = true;
    try {
      await readStream(poolPath(this.pool, '/events', {after: after > 0 ? after : null}), {
        signal: reading.signal,
        alive: () => {},
        take: ({event, data}) => {
          if (event !== 'message' || reading.signal.aborted) return;
          const one = eventOf(JSON.parse(data));
          if (one.number < stop) found.push(one);
          if (one.number >= stop - 1) return reading.abort();
          clearTimeout(quiet);
          quiet = setTimeout(() => reading.abort(), quietMost);
        },
      });
    } catch (fault) {
      // What was before is gone.
      if (fault.status === 400) this.start = true;
    }
    clearTimeout(quiet);
    if (this.reading !== reading) return;  // another pool meanwhile
    this.reading = null;
    by('earlier').disabled = false;
    if (reading.signal.aborted) this.put(found, after);
    this.draw();
  }

  // What was before the events that are here, up from that number.
  put(found, after) {
    const numbers = new Set(this.events.slice(0, 64).map((event) => event.key));
    const events = found.filter((event) => !numbers.has(event.key));
    this.events.unshift(...events);
    this.shown.unshift(...events.filter((event) => this.fits(event)));
    if (after <= (this.range?.after ?? 0)) this.start = true;
  }

  row(event) {
    const {words} = this;
    return [
      make('span.mark', {'data-group': event.group, 'data-bad': event.bad, 'aria-hidden': 'true'}),
      make('span.first', {}, make(event.bad ? 'b.bad' : 'b', {}, ...marked(event.words, words)),
        make('span.muted.end', {title: event.at}, timeOf(event.at))),
      make('span.second', {}, make('span.id', {}, ...marked(event.line, words)),
        event.about && make('span.id.muted', {}, ...marked(event.about, words)),
        make('span.muted.end', {}, `#${event.place.split('.')[0]}`)),
    ];
  }

  showGroups() {
    for (const [group, name] of Object.entries(groups)) {
      by('groups').append(make('button.chip', {
        type: 'button',
        'data-group': group,
        'aria-pressed': 'true',
        click: ({currentTarget}) => {
          if (!this.hidden.delete(group)) this.hidden.add(group);
          currentTarget.setAttribute('aria-pressed', !this.hidden.has(group));
          this.choose();
        },
      }, make('span.mark', {'data-group': group, 'aria-hidden': 'true'}), name));
    }
  }
}
