// A list of any length that holds elements only for the rows in sight. All rows are equally high,
// which is what makes their places known without measuring. To a reader of the screen it is a
// listbox: the focus stays on it, and one row is active.
import {make} from './page.dom.js';

const beyondSight = 4;  // rows above and below those in sight
let lists = 0;

export class List {
  // label: what it lists. key(item): a text that stays when the item changes. render(item): the
  // children of its row. open(item): it was chosen. empty(): what to say when there is nothing.
  constructor(root, {label, key, render, open, empty}) {
    Object.assign(this, {root, key, render, open, empty});
    this.id = `list${++lists}`;
    this.items = {length: 0, at: () => undefined};
    this.rows = new Map();  // by key: {element, item}
    this.active = {index: -1, key: null};
    this.selected = null;
    this.version = 0;
    this.space = make('div.space', {role: 'presentation'});
    this.nothing = make('p.nothing', {hidden: ''});
    root.append(this.space, this.nothing);
    root.setAttribute('role', 'listbox');
    root.setAttribute('aria-label', label);
    root.tabIndex = 0;
    root.addEventListener('scroll', () => this.draw(), {passive: true});
    root.addEventListener('keydown', (event) => this.pressed(event));
    root.addEventListener('focus', () => {
      if (this.active.index < 0 && this.items.length > 0) this.activate(this.firstInSight());
    });
    this.space.addEventListener('click', (event) => this.clicked(event));
    new ResizeObserver(() => this.draw()).observe(root);
  }

  // items: {length, at(index)}. With `changed`, items that are the same objects look different.
  // `before`: so many rows were put before those that there were; what is in sight stays there.
  show(items, {changed = false, before = 0} = {}) {
    this.items = items;
    if (changed) this.version++;
    this.space.style.height = `${items.length * this.height()}px`;
    if (before > 0 && this.root.scrollTop > 0) this.root.scrollTop += before * this.height();
    this.followActive(before);
    this.nothing.hidden = items.length > 0;
    if (items.length === 0) this.nothing.textContent = this.empty();
    this.draw();
  }

  height() {
    this.rowHeight ||= parseFloat(getComputedStyle(this.root).getPropertyValue('--row'));
    return this.rowHeight;
  }

  firstInSight() {
    return Math.min(Math.ceil(this.root.scrollTop / this.height()), this.items.length - 1);
  }

  // The active row is the same item, wherever it is now; when it is gone, the one in its place.
  followActive(before) {
    const {index, key} = this.active;
    if (index < 0) return;
    const is = (at) => at >= 0 && at < this.items.length && this.key(this.items.at(at)) === key;
    let now = [index, index + before].find(is) ?? -1;
    for (let at = 0; now < 0 && at < this.items.length; ++at) if (is(at)) now = at;
    if (now < 0) now = Math.min(index, this.items.length - 1);
    this.active = {index: now, key: now < 0 ? null : this.key(this.items.at(now))};
  }

  draw() {
    const height = this.height();
    const top = this.root.scrollTop;
    const first = Math.max(0, Math.floor(top / height) - beyondSight);
    const last = Math.min(this.items.length,
      Math.ceil((top + this.root.clientHeight) / height) + beyondSight);
    const wanted = new Map();
    for (let index = first; index < last; ++index) {
      const item = this.items.at(index);
      wanted.set(this.key(item), {item, index});
    }
    for (const [key, row] of this.rows)
      if (!wanted.has(key)) {
        row.element.remove();
        this.rows.delete(key);
      }
    for (const [key, {item, index}] of wanted) this.place(key, item, index);
    this.tellActive();
  }

  place(key, item, index) {
    let row = this.rows.get(key);
    if (!row) {
      row = {element: make('div.row', {role: 'option'})};
      this.space.append(row.element);
      this.rows.set(key, row);
    }
    const {element} = row;
    if (row.item !== item || row.version !== this.version) {
      element.replaceChildren(...this.render(item));
      Object.assign(row, {item, version: this.version});
    }
    if (row.index !== index) {
      row.index = index;
      element.id = `${this.id}-${index}`;
      element.style.transform = `translateY(${index * this.height()}px)`;
      element.setAttribute('aria-posinset', index + 1);
    }
    element.setAttribute('aria-setsize', this.items.length);
    element.setAttribute('aria-selected', key === this.selected);
    element.classList.toggle('active', index === this.active.index);
  }

  tellActive() {
    const row = this.rows.get(this.active.key);
    if (row) this.root.setAttribute('aria-activedescendant', row.element.id);
    else this.root.removeAttribute('aria-activedescendant');
  }

  // Which item is open elsewhere on the page; null: none.
  select(key) {
    if (this.selected === key) return;
    this.selected = key;
    this.draw();
  }

  activate(index) {
    const to = Math.max(0, Math.min(index, this.items.length - 1));
    if (this.items.length === 0) return;
    this.active = {index: to, key: this.key(this.items.at(to))};
    const top = to * this.height();
    const most = this.root.clientHeight - this.height();
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (top > this.root.scrollTop + most) this.root.scrollTop = top - most;
    this.draw();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.root.clientHeight / this.height()) - 1);
    const at = this.active.index;
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page,
      Home: 0, End: this.items.length - 1}[event.key];
    if (to !== undefined) this.activate(to);
    else if ((event.key === 'Enter' || event.key === ' ') && at >= 0) this.open(this.items.at(at));
    else return;
    event.preventDefault();
  }

  clicked(event) {
    const element = event.target.closest('.row');
    for (const row of this.rows.values())
      if (row.element === element) {
        this.activate(row.index);
        return this.open(row.item);
      }
  }
}
