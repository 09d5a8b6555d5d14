// The page of to_html: how it looks, what it holds, and what it does but for drawing.
#include "sim/trace_page.hpp"

namespace agentpool::sim {

const std::string_view page_style = R"page(
:root {
  color-scheme: light dark;
  --back: #fff; --text: #1b1f24; --faint: #6b7480; --rule: #d5dae0; --arrow: #7d8894;
  --mark: #c2410c; --effect: #1d4ed8; --panel: #f5f7f9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171b; --text: #e4e8ec; --faint: #8a939d; --rule: #30363d; --arrow: #77828d;
    --mark: #fb923c; --effect: #7aa2ff; --panel: #1c2127;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; height: 100vh; display: grid; grid-template: auto auto 1fr / 1fr 22rem;
  background: var(--back); color: var(--text); font: 13px/1.4 system-ui, sans-serif;
}
h1 { grid-column: 1 / 3; margin: 0; padding: .5rem .8rem 0; font-size: 1rem; }
#bar { grid-column: 1 / 3; padding: .4rem .8rem; border-bottom: 1px solid var(--rule); }
#bar input { width: 20rem; max-width: 40vw; }
#bar button { min-width: 2.2rem; }
#count, #bar small { color: var(--faint); margin-left: .6rem; }
#view { overflow: hidden; cursor: grab; touch-action: none; display: block; width: 100%;
  height: 100%; min-height: 0; }
#view.pulled { cursor: grabbing; }
#view text { fill: var(--text); font-size: 12px; paint-order: stroke; stroke: var(--back);
  stroke-width: 3px; }
#view #heads text, #view .faint { stroke: none; }
#view .faint { fill: var(--faint); font-size: 11px; }
#view .lane { stroke: var(--rule); }
#view .head { fill: var(--panel); }
#view .arrow { stroke: var(--arrow); fill: none; stroke-width: 1.2; pointer-events: none; }
#view .tip { fill: var(--arrow); }
#view .item { cursor: pointer; }
#view .item:hover .arrow { stroke-width: 2.4; }
#view .hit { stroke: transparent; fill: none; stroke-width: 9; }
#view .cause .arrow, #view .chosen .arrow { stroke: var(--mark); stroke-width: 2.2; }
#view .cause .tip, #view .chosen .tip { fill: var(--mark); }
#view .effect .arrow { stroke: var(--effect); stroke-width: 2.2; }
#view .effect .tip { fill: var(--effect); }
#view .chosen text { font-weight: 600; }
#details { overflow: auto; padding: .6rem .8rem; background: var(--panel);
  border-left: 1px solid var(--rule); overflow-wrap: anywhere; }
#details h2 { font-size: .95rem; margin: .2rem 0 .5rem; }
#details h3 { font-size: .8rem; margin: .8rem 0 .2rem; color: var(--faint); }
#details dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .6rem; margin: 0; }
#details dt { color: var(--faint); }
#details dd { margin: 0; font-family: ui-monospace, monospace; white-space: pre-wrap; }
#details ol { margin: 0; padding: 0; list-style: none; }
#details li button { all: unset; cursor: pointer; display: block; padding: .1rem 0; width: 100%; }
#details li button:hover, #details li button:focus-visible { text-decoration: underline; }
)page";

const std::string_view page_body = R"page(
<div id="bar">
  <input id="filter" type="search" placeholder="filter: words that a message must hold"
    aria-label="filter" autocomplete="off" spellcheck="false">
  <button id="nearer" title="larger (+)">+</button>
  <button id="farther" title="smaller (-)">&minus;</button>
  <button id="whole" title="begin again (0)">0</button>
  <span id="count"></span>
  <small>click: details, causes. drag or wheel: move. ctrl and wheel: zoom</small>
</div>
<svg id="view" role="img" aria-label="lanes are actors, arrows are messages"></svg>
<aside id="details"><p>Click a message.</p></aside>
)page";

const std::string_view page_script = R"page(
const byId = (id) => document.getElementById(id);
const actors = JSON.parse(byId('actors').textContent);
const lines = JSON.parse(byId('lines').textContent).map(([from, to, cause, told], i) =>
  ({i, from, to, cause, told, effects: []}));
for (const line of lines) {
  const told = line.told;
  const ids = Object.entries(told.ids || {});
  line.ids = ids.map(([name, value]) => name + '=' + [].concat(value).join(',')).join(' ');
  // What a request or an answer carries says more than that it is one.
  line.name = told.ids && (told.ids.ask || told.ids.answer) || told.name;
  line.text = ['#' + told.step, told.from || '', told.to || '', told.name, line.ids].join(' ')
    .toLowerCase();
  if (line.cause >= 0) lines[line.cause].effects.push(line.i);
}
const seconds = (at) => (at / 1e6).toFixed(6);

// What is shown: indices of lines, and for each line its row or -1.
let shown = [];
const rowOf = new Int32Array(lines.length);
let chosen = -1;
let marks = new Map();

function applyFilter() {
  const words = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = [];
  rowOf.fill(-1);
  for (const line of lines) {
    if (!words.every((word) => line.text.includes(word))) continue;
    rowOf[line.i] = shown.length;
    shown.push(line.i);
  }
  byId('count').textContent = shown.length + ' of ' + lines.length + ' messages';
}

function causesOf(i) {
  const found = [];
  for (let at = lines[i].cause; at >= 0; at = lines[at].cause) found.push(at);
  return found;
}

function element(parent, name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function listLines(parent, heading, indices) {
  element(parent, 'h3', heading);
  const list = element(parent, 'ol');
  if (indices.length === 0) element(list, 'li', 'none in this trace');
  for (const i of indices.slice(0, 200)) {
    const line = lines[i];
    const button = element(element(list, 'li'), 'button',
      '#' + line.told.step + ' ' + line.name + '  ' + actors[line.from] + ' \u2192 ' +
      actors[line.to]);
    button.dataset.go = i;
  }
  if (indices.length > 200) element(list, 'li', 'and ' + (indices.length - 200) + ' more');
}

function showDetails(i) {
  const panel = byId('details');
  panel.textContent = '';
  const {told, from, to, effects} = lines[i];
  element(panel, 'h2', '#' + told.step + ' ' + told.name);
  const facts = element(panel, 'dl');
  const row = (name, value) => {
    element(facts, 'dt', name);
    element(facts, 'dd', typeof value === 'string' ? value : JSON.stringify(value));
  };
  row('at', seconds(told.at) + ' s');
  row('from', actors[from]);
  row('to', actors[to]);
  for (const [name, value] of Object.entries(told.ids || {}))
    row(name, [].concat(value).join('\n'));
  for (const [name, value] of Object.entries(told))
    if (!['at', 'step', 'from', 'to', 'name', 'ids', 'cause'].includes(name)) row(name, value);
  listLines(panel, 'Caused by, the nearest first', causesOf(i));
  listLines(panel, 'Made its receiver send', effects);
}

function choose(i, scroll) {
  chosen = i;
  marks = new Map();
  for (const cause of causesOf(i)) marks.set(cause, 'cause');
  for (const effect of lines[i].effects) marks.set(effect, 'effect');
  marks.set(i, 'chosen');
  showDetails(i);
  if (scroll && rowOf[i] < 0) {
    byId('filter').value = '';
    applyFilter();
  }
  if (scroll) moveTo(rowOf[i]);
  draw();
  try {
    history.replaceState(null, '', '#step=' + lines[i].told.step);
  } catch (refused) { /* a page without an address of its own */ }
}

// "#step=12" and "#filter=words" open the page there.
function followHash() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.has('filter')) byId('filter').value = asked.get('filter');
  applyFilter();
  const step = Number(asked.get('step'));
  const found = asked.has('step') ? lines.findIndex((line) => line.told.step === step) : -1;
  if (found >= 0) return choose(found, true);
  draw();
}
)page";

}  // namespace agentpool::sim
