// The page of a server: its pools, and one pool as it is and as it goes on. It only reads.
import {Details} from './page.details.js';
import {Live} from './page.live.js';
import {PoolState} from './page.state.js';
import {Timeline} from './page.timeline.js';
import {Waits} from './page.waits.js';
import {addressOf, by, partsOf, setText} from './page.dom.js';
import {askForToken} from './page.token.js';
import {memberList, messageList, poolList} from './page.lists.js';
import {read, token} from './page.api.js';
import {wordsOf} from './page.words.js';

const poolsEvery = 5_000;  // ms between two looks at which pools there are
const kinds = ['run', 'wake', 'message', 'event'];
const parts = ['members', 'waits', 'messages', 'timeline'];

let shown;                // the pool that is shown; null: the pools; before the first one nothing
let open = null;          // what is read of that pool: {pool, live, state}
let openedFrom = null;    // the list to which the focus goes back when the details close
let poolsTimer = null;

const go = (...where) => { location.hash = addressOf(...where); };
const opens = (list, kind, id) => (item) => {
  openedFrom = by(list);
  go(open.pool, kind, id(item));
};
const openWait = (wait) => (wait.condition_id ? opens('waits-list', 'wake', () => wait.condition_id)
  : opens('waits-list', 'run', () => wait.run_id))(wait);

const pools = poolList((pool) => go(pool));
const members = memberList(opens('members-list', 'run', (member) => member.run_id),
  (run) => open?.state.byRun.get(run));
const waits = new Waits({open: openWait});
const messages = messageList(opens('messages-list', 'message', (message) => message.message_id));
const timeline = new Timeline({open: opens('timeline-list', 'event', (event) => event.id)});
const details = new Details({
  event: (id) => timeline.events.findLast((event) => event.id === id),
  failed: refused,
});
const searched = [members, waits, messages, timeline];

// ---- what is shown --------------------------------------------------------------------------

function show() {
  const [pool = null, kind, id] = partsOf(location.hash);
  if (pool !== shown) {
    shown = pool;
    closePool();
    by('search').value = '';
    if (pool === null) showPools();
    else openPool(pool);
    search();
  }
  by('pools').hidden = pool !== null;
  by('pool').hidden = by('tabs').hidden = pool === null;
  setText(by('where'), pool ?? 'Pools');
  document.title = pool === null ? 'agentpool' : `${pool} · agentpool`;
  if (pool !== null)
    showDetails(kinds.includes(kind) && id !== undefined ? {pool, kind, id} : null);
}

function showDetails(what) {
  const was = details.what;
  by('pool').classList.toggle('with-details', what !== null);
  if (!what) {
    details.close();
    if (was) (openedFrom ?? by('timeline-list')).focus();
  } else {
    details.show(what, open.state);
    by('details-title').focus();
  }
  members.list.select(what?.kind === 'run' ? what.id : null);
  waits.list.select(what?.kind === 'wake' ? what.id : null);
  messages.list.select(what?.kind === 'message' ? what.id : null);
  timeline.list.select(what?.kind === 'event' ? details.event(what.id)?.key ?? null : null);
}

async function showPools() {
  clearTimeout(poolsTimer);
  try {
    pools.show((await read('/pools')).pool_ids);
    notice('');
    connection('live', 'connected');
  } catch (fault) {
    if (fault.status === 401) {
      await refused(fault);
      return showPools();
    }
    notice(fault.message);
    connection('waiting', 'connecting again');
  }
  clearTimeout(poolsTimer);
  if (shown === null)
    poolsTimer = setTimeout(showPools, document.hidden ? poolsEvery * 6 : poolsEvery);
}

function openPool(pool) {
  clearTimeout(poolsTimer);
  timeline.reset(pool);
  const state = new PoolState(pool, {changed: () => showState(state), failed: stateRead});
  const live = new Live(pool, {
    take: (events) => state.take(timeline.take(events)),
    gone: (why) => {
      timeline.reset(pool);
      notice(why, 'gap');
    },
    state: connection,
    refused: async (fault) => {
      await refused(fault);
      return true;
    },
  });
  open = {pool, live, state};
  showState(state);
}

function closePool() {
  open?.live.end();
  open?.state.end();
  open = null;
  openedFrom = null;
  details.close();
  notice('', 'gap');
  notice('');
}

function showState(state) {
  if (open?.state !== state) return;
  members.show(state.members);
  waits.show(open.pool, state.waits);
  messages.show(state.messages);
  timeline.setRange(state.events);
  if (details.what && details.what.kind !== 'event') details.show(details.what, state, true);
}

function search() {
  const words = wordsOf(by('search').value);
  if (open) for (const list of searched) list.search(words);
  else pools.search(words);
}

// ---- what the server says of itself ---------------------------------------------------------

function connection(state, text) {
  by('connection').dataset.state = state;
  setText(by('connection-text'), text);
}

function stateRead(fault) {
  if (fault?.status === 401) return refused(fault);
  // What cannot be reached is told by the connection.
  notice(fault && fault.status !== 0 ? fault.message : '');
}

// What is wrong, by whom it was told: nobody else's is taken back.
function notice(text, from = 'reading') {
  if (text === '' && by('notice').dataset.from !== from) return;
  by('notice').dataset.from = from;
  setText(by('notice'), text);
  by('notice').hidden = text === '';
}

async function refused(fault) {
  await askForToken(fault);
  by('forget-token').hidden = false;
  open?.state.again();
}

// ---- keys and buttons -----------------------------------------------------------------------

function showPart(part) {
  by('pool').dataset.part = part;
  for (const tab of by('tabs').children)
    tab.setAttribute('aria-current', tab.dataset.part === part);
}

// One step back: the search, the details, the pool.
function back() {
  const searching = document.activeElement === by('search');
  if (searching || (by('search').value !== '' && !details.what)) {
    by('search').value = '';
    search();
    if (searching) list().focus();
  } else if (details.what) {
    go(open.pool);
  } else if (open) {
    go();
  }
}

const list = () => by(open ? `${by('pool').dataset.part}-list` : 'pools-list');

function pressed(event) {
  if (document.querySelector('dialog[open]')) return;
  const typing = event.target.matches('input');
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    back();
  } else if (typing && event.key === 'ArrowDown') {
    list().focus();
  } else if (typing) {
    return;
  } else if (event.key === '/') {
    by('search').focus();
    by('search').select();
  } else if (event.key === '?') {
    by('help').showModal();
  } else if (open && parts[event.key - 1]) {
    showPart(parts[event.key - 1]);
    by(`${parts[event.key - 1]}-list`).focus();
  } else {
    return;
  }
  event.preventDefault();
}

addEventListener('hashchange', show);
addEventListener('keydown', pressed);
addEventListener('online', () => open?.live.now());
by('search').addEventListener('input', search);
by('connection').addEventListener('click', () => (open ? open.live.now() : showPools()));
by('help-open').addEventListener('click', () => by('help').showModal());
by('help-close').addEventListener('click', () => by('help').close());
by('details-close').addEventListener('click', () => go(open.pool));
by('details-body').addEventListener('click', ({target}) => {
  if (target.dataset.search === undefined) return;
  by('search').value = target.dataset.search;
  search();
});
by('forget-token').hidden = !token.get();
by('forget-token').addEventListener('click', () => {
  token.forget();
  location.reload();
});
for (const tab of by('tabs').children)
  tab.addEventListener('click', () => {
    showPart(tab.dataset.part);
    if (details.what) go(open.pool);
  });

showPart('timeline');
show();
