// Puts the page together.
(() => {
  const counts = [[result.entities.length, 'entit', 'y', 'ies'], [result.relations.length, 'relation', '', 's'], [result.events.length, 'event', '', 's']];
  document.getElementById('title').textContent = result.document;
  document.getElementById('summary').textContent =
    `${counts.map(([n, stem, one, many]) => `${n} ${stem}${n === 1 ? one : many}`).join(', ')} · ${result.model.name}`;

  document.getElementById('items').append(...[
    listSection('Entities', result.entities, 'entity', (e) => e.mention, (e) => [e.type, mediaOf(e.groundings)].filter(Boolean).join(' · ')),
    listSection('Relations', result.relations, 'relation', (r) => r.type, (r) => `${entityName(r.head)} → ${entityName(r.tail)}`),
    listSection('Events', result.events, 'event', (v) => v.trigger.mention, (v) => v.type),
  ].filter(Boolean));
  if (!items.size) document.getElementById('items').append(el('p', { class: 'empty' }, 'Nothing was found.'));

  const main = document.getElementById('media');
  const media = new Map(result.media.map((medium) => [medium.name, medium]));
  if (data.text !== null) main.append(textCard(data.text));
  const pictures = [];
  for (const medium of result.media) {
    const file = data.media[medium.name];
    if (medium.name.startsWith('image-')) pictures.push(imageCard(medium, file));
  }
  if (pictures.length) main.append(el('div', { class: 'gallery' }, ...pictures));
  for (const medium of result.media) {
    const file = data.media[medium.name];
    if (medium.name.startsWith('audio-')) main.append(audioCard(medium, file));
    if (medium.name.startsWith('video-') && !medium.name.endsWith('/audio')) {
      const sound = medium.name + '/audio';
      main.append(videoCard(medium, file, media.get(sound), data.media[sound]));
    }
  }
  if (result.relations.length) {
    main.append(tableCard('Relations', ['Head', 'Relation', 'Tail', 'Score'], result.relations.map((r) => [chip(r.head), chipNamed(r.id, r.type), chip(r.tail), scoreCell(r)])));
  }
  if (result.events.length) {
    main.append(tableCard('Events', ['Trigger', 'Type', 'Arguments', 'Score'], result.events.map((v) => [chip(v.id), v.type,
      v.arguments.map((a) => el('div', {}, el('span', { class: 'role' }, a.role + ' '), chip(a.entity))), scoreCell(v)])));
  }
  if (result.entities.length) {
    main.append(tableCard('Entities', ['Mention', 'Type', 'Found in', 'Not in', 'Score'],
      result.entities.map((e) => [chip(e.id), e.type, mediaOf(e.groundings), (e.absent ?? []).join(', '), scoreCell(e)])));
  }
  const notes = [...(result.warnings ?? []), ...data.notes];
  if (notes.length) {
    main.append(el('section', { class: 'card' }, el('h2', {}, 'Warnings'), el('ul', { class: 'warnings' },
      ...notes.map((w) => el('li', {}, w.message, ' ', el('code', {}, [w.code, w.where].filter(Boolean).join(', ')))))));
  }
  if (result.meta_response !== undefined) {
    main.append(el('details', { class: 'card' }, el('summary', {}, 'What the model said'), el('pre', {}, result.meta_response)));
  }

  function chipNamed(id, name) {
    return link(el('button', { class: 'chip', type: 'button', hue: items.get(id).hue, 'aria-pressed': 'false' }, name), id);
  }

  const save = document.getElementById('save');
  save.href = URL.createObjectURL(new Blob([JSON.stringify(result) + '\n'], { type: 'application/json' }));
  document.getElementById('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
  refresh();
})();
