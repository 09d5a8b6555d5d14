// How things are said: events, times, numbers; and what a search finds.

export const groups = {
  members: 'Members',
  messages: 'Messages',
  wakes: 'Wakes',
  runs: 'Runs',
  others: 'Others',
};

function groupOf({event_family: family, event_kind: kind}) {
  if (family === 'run') return 'runs';
  if (family !== 'agent_pool') return 'others';
  if (kind.startsWith('run_message_')) return 'messages';
  return kind.startsWith('wake_') ? 'wakes' : 'members';
}

const badEnd = /_(failed|timed_out|expired|denied|required|unavailable)$/;
const time = new Intl.DateTimeFormat(undefined,
  {hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false});
const day = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});

export const timeOf = (text) => time.format(new Date(text));
export const dayOf = (text) => day.format(new Date(text));

const without = {run_message_: 'message ', wake_condition_: 'wake ', agent_pool_run_: '',
  agent_pool_created: 'pool created'};

// "run_message_delivered" is "message delivered".
export function kindInWords(kind) {
  for (const [start, instead] of Object.entries(without))
    if (kind.startsWith(start)) return (instead + kind.slice(start.length)).replaceAll('_', ' ');
  return kind.replaceAll('_', ' ');
}

// Whom a message is for: a run by its name, of a topic or an agent also how many runs it reached.
function receiverOf({destination}, to) {
  if (to.length === 1 || !destination) return to[0] ?? 'nobody';
  return `${destination.id} (${counted(to.length, 'run')})`;
}

// What the page knows of an event; `cloud` is the server's CloudEvent.
export function eventOf(cloud) {
  const {envelope, payload} = cloud.data;
  const subject = envelope.subject_ref;
  const related = envelope.related_refs ?? [];
  const to = related.filter((ref) => ref.kind === 'run' && ref.id !== envelope.run_id)
    .map((ref) => ref.id);
  const event = {
    key: `${cloud.sequence} ${cloud.id}`,
    id: cloud.id,
    place: cloud.sequence,
    number: parseInt(cloud.sequence, 10),
    at: envelope.timestamp,
    kind: envelope.event_kind,
    words: kindInWords(envelope.event_kind),
    group: groupOf(envelope),
    bad: badEnd.test(envelope.event_kind),
    run: envelope.run_id,
    subject,
    to,
    summary: payload.redacted_summary ?? '',
    envelope,
  };
  event.line = event.run + (event.group === 'messages' ? ` → ${receiverOf(envelope, to)}` : '');
  event.about = subject.kind === 'run' && subject.id === event.run ? '' : subject.id;
  event.text = [event.words, event.kind, event.run, event.line, event.about, envelope.agent_id, event.summary,
    event.place, ...related.map((ref) => ref.id)].join('\n').toLowerCase();
  return event;
}

export const wordsOf = (search) => search.toLowerCase().split(/\s+/).filter((word) => word !== '');
export const hasAll = (text, words) => words.every((word) => text.includes(word));

export const counted = (count, one, many = one + 's') =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;

const units = [['h', 3_600_000], ['min', 60_000], ['s', 1_000], ['ms', 1]];

// "30 min", "1 h 30 min", "2.5 s": exact for whole seconds.
export function duration(millis) {
  const at = units.findIndex(([, size]) => millis >= size);
  if (at < 0) return '0 s';
  const [unit, size] = units[at];
  if (unit === 's') return `${(millis / size).toLocaleString()} s`;
  const rest = millis % size;
  return `${Math.floor(millis / size).toLocaleString()} ${unit}` + (rest > 0 ? ` ${duration(rest)}` : '');
}
