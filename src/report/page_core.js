'use strict';
// Everything shown is made with textContent and attributes, never parsed as markup: the document's words stay words.
const data = JSON.parse(document.getElementById('data').textContent);
const result = data.result;

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'hue') element.style.setProperty('--h', value);
    else if (key === 'style') Object.assign(element.style, value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const seconds = (value) => value.toFixed(2).replace(/\.?0+$/, '') + ' s';
const clock = (value) => `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, '0')}`;
const percent = (value) => `${Math.round(value * 100)}\u00a0%`;
const cut = (text, length) => (Array.from(text).length > length ? Array.from(text).slice(0, length - 1).join('') + '…' : text);

// One hue a type, far apart for types that follow each other.
const hues = new Map();
function hueOf(type) {
  if (!hues.has(type)) hues.set(type, Math.round((215 + hues.size * 137.508) % 360));
  return hues.get(type);
}

// Items by id: what is lit when one is pointed at.
const items = new Map();
for (const entity of result.entities) items.set(entity.id, { kind: 'entity', value: entity, lights: [entity.id], hue: hueOf(entity.type) });
for (const relation of result.relations) {
  items.set(relation.id, { kind: 'relation', value: relation, lights: [relation.id, relation.head, relation.tail], hue: hueOf(relation.type) });
}
for (const event of result.events) {
  items.set(event.id, { kind: 'event', value: event, lights: [event.id, ...event.arguments.map((a) => a.entity)], hue: hueOf(event.type) });
}
const entityName = (id) => (items.has(id) ? items.get(id).value.mention : id);

// What is pointed at for the moment, and what was chosen.
const elements = new Map();
const painters = [];
let pointed = null;
let chosen = null;
let lit = new Set();
function refresh() {
  const active = pointed ?? chosen;
  lit = new Set(active ? items.get(active).lights : []);
  document.body.classList.toggle('focused', lit.size > 0);
  for (const [id, list] of elements) {
    for (const element of list) {
      element.classList.toggle('lit', lit.has(id));
      if (element.hasAttribute('aria-pressed')) element.setAttribute('aria-pressed', String(id === chosen));
    }
  }
  for (const paint of painters) paint();
}
function point(id) {
  if (pointed === id) return;
  pointed = id;
  refresh();
}
function choose(id) {
  chosen = id === chosen ? null : id;
  pointed = null;
  refresh();
  showDetail();
}
// Makes an element a place of an item: it lights up with it and chooses it.
function link(element, id, onChoose) {
  if (!elements.has(id)) elements.set(id, []);
  elements.get(id).push(element);
  element.dataset.item = id;
  element.addEventListener('pointerenter', () => point(id));
  element.addEventListener('pointerleave', () => point(null));
  element.addEventListener('click', (event) => {
    event.stopPropagation();
    if (onChoose) {
      if (chosen !== id) choose(id);
      onChoose();
    } else {
      choose(id);
    }
  });
  return element;
}
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || chosen === null) return;
  const list = elements.get(chosen);
  choose(chosen);
  if (list && document.activeElement === document.body) list[0].focus();
});

// Places of an item, each a button that goes there.
const visits = new Map();  // medium name -> function(place)
function placesOf(item) {
  if (item.kind === 'event') return item.value.trigger.groundings;
  return item.kind === 'entity' ? item.value.groundings : [];
}
function placeName(place) {
  if (place.tracklet) {
    const frames = place.tracklet;
    return frames.length ? `${place.medium}: ${seconds(frames[0].time)} to ${seconds(frames[frames.length - 1].time)}` : place.medium;
  }
  if (place.box) return place.medium;
  if (place.medium === 'text') return `text: ${place.start}–${place.end}`;
  return `${place.medium}: ${seconds(place.start)} to ${seconds(place.end)}`;
}
function showDetail() {
  const panel = document.getElementById('detail');
  panel.replaceChildren();
  panel.hidden = chosen === null;
  if (chosen === null) return;
  const { kind, value, hue } = items.get(chosen);
  panel.style.setProperty('--h', hue);
  const title = kind === 'relation' ? `${entityName(value.head)} — ${value.type} — ${entityName(value.tail)}`
    : kind === 'event' ? value.trigger.mention : value.mention;
  const score = value.score === undefined ? '' : `, score ${percent(value.score)}`;
  panel.append(el('div', { class: 'top' }, el('strong', {}, title), el('span', { class: 'role' }, `${kind === 'entity' ? '' : kind + ' '}${value.type}${score}`)));
  const close = el('button', { class: 'close', type: 'button', 'aria-label': 'Close' }, '×');
  close.addEventListener('click', () => choose(chosen));
  panel.append(close);
  const places = el('div', { class: 'places' });
  const all = placesOf(items.get(chosen));
  for (const place of all) {
    const same = all.filter((other) => placeName(other) === placeName(place));
    const which = same.length > 1 ? ` (${same.indexOf(place) + 1} of ${same.length})` : '';
    const button = el('button', { class: 'button', type: 'button' }, placeName(place) + which);
    button.addEventListener('click', () => visits.get(place.medium)?.(place));
    places.append(button);
  }
  if (kind === 'relation') for (const id of [value.head, value.tail]) places.append(chip(id));
  if (kind === 'event') for (const argument of value.arguments) places.append(el('span', {}, el('span', { class: 'role' }, argument.role + ' '), chip(argument.entity)));
  if (!places.childElementCount) places.append(el('span', { class: 'role' }, 'No place was found for it.'));
  panel.append(places);
  if (value.absent?.length) panel.append(el('p', { class: 'facts' }, `Looked for and not found in ${value.absent.join(', ')}.`));
  document.getElementById('live').textContent =
    `${title}, ${value.type}. ${placesOf(items.get(chosen)).map(placeName).join('; ') || 'No place.'}`;
}

function chip(id) {
  const item = items.get(id);
  if (!item) return el('span', {}, id);
  return link(el('button', { class: 'chip', type: 'button', hue: item.hue, 'aria-pressed': 'false' }, item.kind === 'event' ? item.value.trigger.mention : item.value.mention), id);
}

// The list of everything found.
function listSection(title, values, kind, name, describe) {
  if (!values.length) return null;
  const list = el('ul');
  for (const value of values) {
    const button = el('button', { class: `item ${kind}`, type: 'button', hue: items.get(value.id).hue, 'aria-pressed': 'false' },
      el('span', { class: 'dot', 'aria-hidden': 'true' }), el('span', { class: 'name' }, name(value)),
      el('span', { class: 'kind' }, describe(value)), value.score === undefined ? null : el('span', { class: 'score', title: 'score' }, percent(value.score)));
    list.append(el('li', {}, link(button, value.id)));
    button.addEventListener('focus', () => { if (button.matches(':focus-visible')) point(value.id); });
    button.addEventListener('blur', () => point(null));
  }
  return el('section', {}, el('h2', {}, `${title} (${values.length})`), list);
}
const mediaOf = (groundings) => [...new Set(groundings.map((g) => g.medium))].join(', ');

// Text with nested marks. Spans that cross are cut where the outer one ends.
function textCard(text) {
  const points = Array.from(text);
  const spans = [];
  for (const [id, item] of items) {
    for (const place of placesOf(item)) {
      if (place.medium === 'text' && place.start < place.end) spans.push({ start: place.start, end: Math.min(place.end, points.length), id, item });
    }
  }
  const order = (a, b) => a.start - b.start || b.end - a.end || (a.item.kind === 'event') - (b.item.kind === 'event');
  const build = (from, to, list) => {
    const nodes = [];
    let at = from;
    let rest = [...list].sort(order);
    while (rest.length) {
      const span = rest.shift();
      if (span.start > at) nodes.push(points.slice(at, span.start).join(''));
      const inner = [];
      const later = [];
      for (const other of rest) {
        if (other.start >= span.end) later.push(other);
        else if (other.end <= span.end) inner.push(other);
        else {
          inner.push({ ...other, end: span.end });
          later.push({ ...other, start: span.end });
        }
      }
      const isEvent = span.item.kind === 'event';
      const mark = el('mark', { class: isEvent ? 'place trigger' : 'place', hue: span.item.hue,
        title: `${span.item.value.type}${isEvent ? ' (what happens)' : ''}` }, ...build(span.start, span.end, inner));
      nodes.push(link(mark, span.id));
      at = span.end;
      rest = later.sort(order);
    }
    if (at < to) nodes.push(points.slice(at, to).join(''));
    return nodes;
  };
  const paragraph = el('p', { class: 'text', dir: 'auto' }, ...build(0, points.length, spans));
  visits.set('text', (place) => {
    const active = elements.get(chosen)?.filter((e) => e.tagName === 'MARK') ?? [];
    const mark = active[placesOf(items.get(chosen)).filter((p) => p.medium === 'text').indexOf(place)] ?? active[0];
    (mark ?? paragraph).scrollIntoView({ block: 'center' });
  });
  return el('section', { class: 'card' }, el('h2', {}, 'Text'), paragraph);
}

function tableCard(title, head, rows) {
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...head.map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...rows.map((cells) => el('tr', {}, ...cells.map((cell) => el('td', {}, ...[cell].flat()))))));
  return el('section', { class: 'card' }, el('h2', {}, title), el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title }, table));
}
const scoreCell = (value) => el('span', { class: 'score' }, value.score === undefined ? '' : percent(value.score));
