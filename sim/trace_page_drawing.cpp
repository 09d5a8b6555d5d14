// The page of to_html: drawing, moving, zooming.
#include "sim/trace_page.hpp"

namespace agentpool::sim {

const std::string_view page_drawing = R"page(
const svgNames = 'http://www.w3.org/2000/svg';
const view = byId('view');
const headHeight = 34, timeWidth = 128, laneWidth = 190, rowHeight = 24;
// Arrows that are drawn at most; one sees no more on a screen.
const arrowsMax = 3000;
let zoom = 1, left = 0, top_ = 0;

const laneX = (actor) => timeWidth + (actor + 0.5) * laneWidth * laneZoom() - left;
const laneZoom = () => Math.min(Math.max(zoom, 0.35), 2);
const rowY = (row) => headHeight + (row + 0.8) * rowHeight * zoom - top_;

function svg(parent, name, attributes, text) {
  const made = document.createElementNS(svgNames, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function limits() {
  const {width, height} = view.getBoundingClientRect();
  const wide = timeWidth + actors.length * laneWidth * laneZoom() - width + 20;
  const high = (shown.length + 2) * rowHeight * zoom - height + headHeight;
  left = Math.min(Math.max(left, 0), Math.max(wide, 0));
  top_ = Math.min(Math.max(top_, 0), Math.max(high, 0));
  return {width, height};
}

function moveTo(row) {
  const {height} = view.getBoundingClientRect();
  top_ = (row + 0.8) * rowHeight * zoom + headHeight - height / 2;
  limits();
}

function tip(parent, x, y, fromX, fromY) {
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const dx = (x - fromX) / length, dy = (y - fromY) / length;
  const points = [[x, y], [x - 8 * dx + 3.5 * dy, y - 8 * dy - 3.5 * dx],
    [x - 8 * dx - 3.5 * dy, y - 8 * dy + 3.5 * dx]];
  svg(parent, 'polygon', {class: 'tip', points: points.map((each) => each.join(',')).join(' ')});
}

// What can be clicked begins a little later than the arrow: there the one that led to it ends.
function hitPath(fromX, fromY, x, y) {
  const part = Math.min(16 / (Math.hypot(x - fromX, y - fromY) || 1), 0.5);
  return `M${fromX + part * (x - fromX)},${fromY + part * (y - fromY)} L${x},${y}`;
}

// From where its sender was, or from just above when that is not shown.
function drawArrow(parent, line, row) {
  const y = rowY(row), x = laneX(line.to), fromX = laneX(line.from);
  const causeRow = line.cause >= 0 ? rowOf[line.cause] : -1;
  const fromY = causeRow >= 0 ? rowY(causeRow) : y - 0.6 * rowHeight * zoom;
  const item = svg(parent, 'g', {class: 'item ' + (marks.get(line.i) || ''), 'data-line': line.i});
  const self = line.from === line.to;
  const path = self ? `M${x},${fromY} C${x + 40},${fromY} ${x + 40},${y} ${x},${y}`
    : `M${fromX},${fromY} L${x},${y}`;
  svg(item, 'path', {class: 'arrow', d: path});
  svg(item, 'path', {class: 'hit', d: self ? path : hitPath(fromX, fromY, x, y)});
  if (self) tip(item, x, y, x + 30, y); else tip(item, x, y, fromX, fromY);
  svg(item, 'title', {}, line.text);
  if (rowHeight * zoom < 11) return;
  const toRight = self || fromX <= x;
  svg(item, 'text', {x: x + (toRight ? 7 : -7), y: y + 4,
    'text-anchor': toRight ? 'start' : 'end'}, line.name);
}

function drawTimes(parent, first, last) {
  svg(parent, 'rect', {class: 'head', x: 0, y: 0, width: timeWidth - 8, height: '100%'});
  if (rowHeight * zoom < 11) return;
  for (let row = first; row <= last; ++row) {
    const told = lines[shown[row]].told;
    svg(parent, 'text', {class: 'faint', x: 8, y: rowY(row) + 4},
      '#' + told.step + '  ' + seconds(told.at));
  }
}

function drawHeads(parent, width) {
  svg(parent, 'rect', {class: 'head', x: 0, y: 0, width, height: headHeight - 8});
  actors.forEach((actor, i) => {
    const x = laneX(i);
    if (x < timeWidth - laneWidth || x > width + laneWidth) return;
    const head = svg(parent, 'text', {x, y: 18, 'text-anchor': 'middle'});
    const letters = Math.floor(laneWidth * laneZoom() / 7.5);
    head.textContent = actor.length > letters ? actor.slice(0, letters - 1) + '\u2026' : actor;
    svg(head, 'title', {}, actor);
  });
}

function draw() {
  const {width, height} = limits();
  view.textContent = '';
  const lanes = svg(view, 'g', {});
  actors.forEach((actor, i) => {
    const x = laneX(i);
    if (x < 0 || x > width) return;
    svg(lanes, 'line', {class: 'lane', x1: x, x2: x, y1: headHeight, y2: height});
  });
  const perRow = rowHeight * zoom;
  const first = Math.max(0, Math.floor(top_ / perRow) - 2);
  const last = Math.min(shown.length - 1, Math.ceil((top_ + height) / perRow) + 1);
  const arrows = svg(view, 'g', {id: 'arrows'});
  let drawn = 0;
  for (let row = first; row < shown.length && drawn < arrowsMax; ++row) {
    const line = lines[shown[row]];
    // Those that end below are seen only if they begin above.
    const begins = line.cause >= 0 && rowOf[line.cause] >= 0 ? rowOf[line.cause] : row;
    if (row > last && begins > last) continue;
    drawArrow(arrows, line, row);
    ++drawn;
  }
  drawTimes(svg(view, 'g', {}), first, last);
  drawHeads(svg(view, 'g', {id: 'heads'}), width);
}

function zoomBy(factor, atX, atY) {
  const before = zoom, lanesBefore = laneZoom();
  zoom = Math.min(Math.max(zoom * factor, 0.08), 4);
  top_ = (top_ + atY - headHeight) * zoom / before - (atY - headHeight);
  left = (left + atX - timeWidth) * laneZoom() / lanesBefore - (atX - timeWidth);
  draw();
}

function zoomMiddle(factor) {
  const {width, height} = view.getBoundingClientRect();
  zoomBy(factor, width / 2, height / 2);
}

function beginAgain() {
  zoom = 1;
  left = top_ = 0;
  draw();
}

byId('nearer').onclick = () => zoomMiddle(1.4);
byId('farther').onclick = () => zoomMiddle(1 / 1.4);
byId('whole').onclick = beginAgain;
byId('filter').oninput = () => { applyFilter(); draw(); };
window.onresize = draw;
window.onhashchange = followHash;
window.onkeydown = (event) => {
  if (event.target === byId('filter') || event.ctrlKey || event.metaKey) return;
  if (event.key === '+') zoomMiddle(1.4);
  if (event.key === '-') zoomMiddle(1 / 1.4);
  if (event.key === '0') beginAgain();
};
view.addEventListener('wheel', (event) => {
  event.preventDefault();
  const box = view.getBoundingClientRect();
  if (event.ctrlKey)
    return zoomBy(Math.exp(-event.deltaY / 300), event.clientX - box.x, event.clientY - box.y);
  top_ += event.shiftKey ? 0 : event.deltaY;
  left += event.shiftKey ? event.deltaY : event.deltaX;
  draw();
}, {passive: false});

// A pull that hardly moved is a click.
let pull = null;
view.onpointerdown = (event) => {
  if (event.button !== 0) return;
  pull = {x: event.clientX, y: event.clientY, left, top: top_, moved: false};
};
view.onpointermove = (event) => {
  if (!pull || pull.done) return;
  const dx = event.clientX - pull.x, dy = event.clientY - pull.y;
  if (!pull.moved && Math.hypot(dx, dy) < 4) return;
  if (!pull.moved) {
    try {
      view.setPointerCapture(event.pointerId);
    } catch (gone) { /* let go already */ }
  }
  pull.moved = true;
  view.classList.add('pulled');
  left = pull.left - dx;
  top_ = pull.top - dy;
  draw();
};
const released = () => {
  view.classList.remove('pulled');
  if (pull) pull.done = true;
};
view.onpointerup = released;
view.onpointercancel = released;
view.onclick = (event) => {
  const moved = pull && pull.moved;
  pull = null;
  const item = event.target.closest('[data-line]');
  if (item && !moved) choose(Number(item.dataset.line), false);
};
byId('details').onclick = (event) => {
  const button = event.target.closest('[data-go]');
  if (button) choose(Number(button.dataset.go), true);
};
followHash();
)page";

}  // namespace agentpool::sim
