// The events of a pool as they come, without gap or repeat however often the connection breaks:
// each time it goes on after the last place that was taken.
import {Refusal, poolPath, readStream} from './page.api.js';

const first = 500;             // stored events to begin with
const quietMost = 45_000;      // ms; the server says every 15 s that it is there
const waits = [250, 15_000];   // ms between two attempts: the least and the most

export class Live {
  // take(events): in their order, at most once a frame. gone(message): what follows does not go on
  // where the last events ended. state(name, text): "connecting", "live", "waiting", "refused".
  constructor(pool, {take, gone, state, refused}) {
    Object.assign(this, {pool, take, gone, state, refused});
    this.last = null;
    this.attempt = 0;
    this.taken = [];
    this.ended = new AbortController();
    this.run();
  }

  end() {
    this.ended.abort();
    this.connection?.abort();
    this.wake?.();
  }

  // Ends waiting for the next attempt.
  now() {
    this.wake?.();
  }

  async run() {
    while (!this.ended.signal.aborted) {
      this.state('connecting', this.attempt > 0 ? 'connecting again' : 'connecting');
      const fault = await this.connect();
      if (this.ended.signal.aborted) return;
      if (fault instanceof Refusal && fault.status === 401) {
        this.state('refused', 'token wanted');
        if (!await this.refused(fault)) return;
        this.attempt = 0;
      } else if (fault instanceof Refusal && fault.status === 400 && this.last) {
        // The place is older than what the server still has, or not of this history.
        this.last = null;
        this.gone('events in between are not there any more');
      } else if (fault instanceof Refusal && (fault.status === 404 || fault.status === 403)) {
        this.state('refused', fault.message);
        await this.pause(null);
      } else {
        await this.pause(this.nextWait());
      }
    }
  }

  // One connection; what ended it.
  async connect() {
    this.connection = new AbortController();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => this.connection.abort(), quietMost);
      this.state('live', 'live');
      this.attempt = 0;
    };
    try {
      await readStream(poolPath(this.pool, '/events', {last: this.last ? null : first}), {
        after: this.last,
        signal: this.connection.signal,
        alive,
        take: (message) => this.message(message),
      });
      return null;
    } catch (fault) {
      return fault;
    } finally {
      clearTimeout(watch);
      this.deliver();
    }
  }

  message({id, event, data}) {
    if (event !== 'message') return;  // "end": the stream is over at once
    this.taken.push(JSON.parse(data));
    this.last = id;
    this.frame ??= setTimeout(() => this.deliver(), 16);
  }

  deliver() {
    clearTimeout(this.frame);
    this.frame = null;
    const events = this.taken.splice(0);
    if (events.length > 0 && !this.ended.signal.aborted) this.take(events);
  }

  // ms until the next attempt: twice as long each time, and not as long as everybody else.
  nextWait() {
    const [least, most] = waits;
    const whole = Math.min(most, least * 2 ** this.attempt++);
    const time = whole / 2 + Math.random() * whole / 2;
    this.state('waiting', time < 1000 ? 'connecting again' : `again in ${Math.round(time / 1000)} s`);
    return time;
  }

  // For so long, or until somebody asks for it; null: only then.
  async pause(time) {
    let timer;
    await new Promise((done) => {
      this.wake = done;
      if (time !== null) timer = setTimeout(done, time);
    });
    clearTimeout(timer);
    this.wake = null;
  }
}
