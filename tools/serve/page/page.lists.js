// The lists of pools, of members, and of messages under way.
import {List} from './page.list.js';
import {by, make, marked, setText} from './page.dom.js';
import {counted, hasAll} from './page.words.js';

// A list with a search and a count. of(item): the text that the search looks in. most: so many
// items are told although there may be more.
class Searched {
  constructor(name, noun, {of, row, most = Infinity, ...list}) {
    Object.assign(this, {name, noun, of, most, words: [], items: []});
    this.list = new List(by(`${name}-list`), {
      ...list,
      render: (item) => row(item, this.words),
      empty: () => this.items.length > 0 ? `None of ${counted(this.items.length, noun)} fits.`
        : list.empty(),
    });
  }

  show(items) {
    this.items = items;
    this.draw();
  }

  search(words) {
    this.words = words;
    this.draw();
  }

  draw() {
    const {items, words} = this;
    const shown = words.length === 0 ? items : items.filter((item) => hasAll(this.of(item), words));
    const all = counted(items.length, this.noun) + (items.length < this.most ? '' : ' or more');
    setText(by(`${this.name}-count`),
      shown.length === items.length ? all : `${shown.length.toLocaleString()} of ${all}`);
    this.list.show(shown, {changed: true});
  }
}

export const poolList = (open) => new Searched('pools', 'pool', {
  label: 'Pools',
  key: (pool) => pool,
  of: (pool) => pool.toLowerCase(),
  row: (pool, words) => [
    make('span.mark', {'data-group': 'members', 'aria-hidden': 'true'}),
    make('span.first', {}, make('b.id', {}, ...marked(pool, words))),
  ],
  open,
  empty: () => 'There is no pool yet.',
});

// `runs`: what is known of a run beside its membership.
export const memberList = (open, runs) => new Searched('members', 'member', {
  label: 'Members',
  key: (member) => member.run_id,
  of: (member) => runs(member.run_id)?.text ?? '',
  row: (member, words) => {
    const run = runs(member.run_id);
    const waiting = run?.waits.length > 0;
    return [
      make('span.mark', {'data-group': waiting ? 'wakes' : 'members', 'data-bad': run?.cycle,
        'aria-hidden': 'true'}),
      make('span.first', {}, make('b.id', {}, ...marked(member.run_id, words)),
        run?.cycle ? make('span.badge.bad', {}, 'cycle') : waiting && make('span.badge', {}, 'waits')),
      make('span.second.muted', {}, make('span.id.keep', {}, ...marked(member.agent_id, words)),
        member.topics?.length > 0 && make('span.id', {}, ...marked(member.topics.join(' '), words)),
        run?.unread > 0 && make('span.end', {}, `${run.unread.toLocaleString()} unread`)),
    ];
  },
  open,
  empty: () => 'Nobody has joined.',
});

// "topic topic.news" is "topic.news", and a run needs no word for what it is.
const shortened = (to) => to.replace(/^run |^(agent|topic|pool) (?=\1\.)/, '');

export const messageList = (open) => new Searched('messages', 'message', {
  most: 1_000,
  label: 'Messages under way',
  key: (message) => message.message_id,
  of: (message) => [message.message_id, message.from, message.to, message.status]
    .join('\n').toLowerCase(),
  row: (message, words) => [
    make('span.mark', {'data-group': 'messages', 'aria-hidden': 'true'}),
    make('span.first', {}, make('b.id', {}, ...marked(message.message_id, words)),
      message.replies_wanted !== undefined &&
        make('span.badge', {}, `wants ${counted(message.replies_wanted, 'reply', 'replies')}`),
      make('span.muted.end', {}, ...marked(message.status, words))),
    make('span.second', {}, make('span.id', {}, ...marked(message.from, words), ' → ',
      ...marked(shortened(message.to), words)),
    message.recipients !== 1 &&
      make('span.muted.end', {}, counted(message.recipients, 'recipient'))),
  ],
  open,
  empty: () => 'No message is under way.',
});
