const kSvg = 'http://www.w3.org/2000/svg';

// Runs of a COCO compressed mask: column by column, the first of zeros.
function runsOf(text) {
  const runs = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && at < text.length) {
      const digit = text.charCodeAt(at++) - 48;
      value |= (digit & 31) << shift;
      shift += 5;
      more = (digit & 32) !== 0;
      if (!more && digit & 16 && shift < 32) value |= -1 << shift;
    }
    if (runs.length > 2) value += runs[runs.length - 2];
    runs.push(value);
  }
  return runs;
}
// The mask sampled to width x height: 1 set, 2 set and at the border.
function bitmapOf(mask, width, height) {
  const [rows, columns] = mask.size;
  const full = new Uint8Array(rows * columns);  // column-major
  let at = 0;
  runsOf(mask.counts).forEach((run, index) => {
    if (index % 2) full.fill(1, at, at + run);
    at += run;
  });
  const bits = new Uint8Array(width * height);
  for (let x = 0; x < width; x++) {
    const column = Math.min(columns - 1, Math.floor(((x + 0.5) * columns) / width)) * rows;
    for (let y = 0; y < height; y++) bits[y * width + x] = full[column + Math.min(rows - 1, Math.floor(((y + 0.5) * rows) / height))];
  }
  const set = (x, y) => x >= 0 && y >= 0 && x < width && y < height && bits[y * width + x] > 0;
  let area = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!set(x, y)) continue;
      area++;
      if (!set(x - 1, y) || !set(x + 1, y) || !set(x, y - 1) || !set(x, y + 1) || !set(x - 2, y) || !set(x + 2, y) || !set(x, y - 2) || !set(x, y + 2)) bits[y * width + x] = 2;
    }
  }
  return { bits, area };
}
function rgbOf(hue) {
  const channel = (n) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.43 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
// Masks over a picture: [{id, hue, bits}] onto the canvas.
function paintMasks(canvas, masks) {
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  const out = image.data;
  for (const { id, hue, bits } of masks) {
    const strength = lit.size === 0 ? [70, 235] : lit.has(id) ? [115, 255] : [18, 90];
    const [red, green, blue] = rgbOf(hue);
    for (let i = 0; i < bits.length; i++) {
      if (!bits[i]) continue;
      const alpha = strength[bits[i] - 1];
      if (alpha < out[4 * i + 3] && bits[i] === 1) continue;
      out[4 * i] = red;
      out[4 * i + 1] = green;
      out[4 * i + 2] = blue;
      out[4 * i + 3] = alpha;
    }
  }
  context.putImageData(image, 0, 0);
}
function maskCanvas(width, height) {
  const scale = Math.min(1, 1000 / Math.max(width, height));
  return el('canvas', { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)), 'aria-hidden': 'true' });
}
function entityPlaces(medium) {
  const found = [];
  for (const entity of result.entities) {
    for (const place of entity.groundings) if (place.medium === medium) found.push({ id: entity.id, hue: hueOf(entity.type), entity, place });
  }
  return found;
}
function blobUrl(file) {
  const text = atob(file.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return URL.createObjectURL(new Blob([bytes], { type: file.type }));
}
const sureness = (place) => (place.score === undefined ? '' : ` (${percent(place.score)})`);
const caption = (medium, file, facts) => el('figcaption', { class: 'facts' }, [medium.name, file?.name, facts].filter(Boolean).join(' · '));

function imageCard(medium, file) {
  const stage = el('div', { class: 'stage' });
  if (file?.data) {
    const names = entityPlaces(medium.name).map((p) => p.entity.mention).join(', ');
    stage.append(el('img', { src: `data:${file.type};base64,${file.data}`, width: medium.width, height: medium.height, alt: names ? `Picture with ${names}` : 'Picture' }));
  } else {
    stage.append(el('div', { class: 'missing', style: { aspectRatio: `${medium.width} / ${medium.height}` } }, 'The picture is not part of this page.'));
  }
  const canvas = maskCanvas(medium.width, medium.height);
  stage.append(canvas);
  const masks = entityPlaces(medium.name).map((p) => ({ ...p, ...bitmapOf(p.place.mask, canvas.width, canvas.height) }));
  for (const { id, hue, entity, place, area } of masks) {
    // An entity seen several times has one tag until it is lit.
    const more = masks.some((m) => m.id === id && (m.area > area || (m.area === area && masks.indexOf(m) < masks.findIndex((n) => n.place === place))));
    const [x, y, width] = place.box;
    const onRight = x + width / 2 > medium.width / 2;
    const side = onRight ? { right: `${(100 * Math.max(0, medium.width - x - width)) / medium.width}%` } : { left: `${(100 * x) / medium.width}%` };
    const top = `min(${(100 * y) / medium.height}%, calc(100% - 1.4rem))`;
    stage.append(link(el('button', { class: `tag place${more ? ' more' : ''}`, type: 'button', hue, style: { ...side, top }, title: entity.type + sureness(place), 'aria-pressed': 'false' }, cut(entity.mention, 28)), id));
  }
  const under = (event) => {
    const frame = stage.getBoundingClientRect();
    const x = Math.floor(((event.clientX - frame.left) / frame.width) * canvas.width);
    const y = Math.floor(((event.clientY - frame.top) / frame.height) * canvas.height);
    const hits = masks.filter((m) => m.bits[y * canvas.width + x]).sort((a, b) => a.area - b.area);
    return hits.length ? hits[0].id : null;
  };
  stage.addEventListener('pointermove', (event) => {
    if (event.target.closest('.tag')) return;
    const id = under(event);
    stage.style.cursor = id ? 'pointer' : '';
    point(id);
  });
  stage.addEventListener('pointerleave', () => point(null));
  stage.addEventListener('click', (event) => {
    const id = under(event);
    if (id) choose(id);
  });
  painters.push(() => paintMasks(canvas, masks));
  visits.set(medium.name, () => stage.scrollIntoView({ block: 'center' }));
  return el('figure', { class: 'card', id: medium.name }, el('h2', {}, 'Picture'), stage, caption(medium, file, `${medium.width} × ${medium.height}`));
}

// A player's clock is the file's own time less `offset`.
function makePlayer(element, offset) {
  let until = null;
  const listeners = [];
  const tell = () => {
    const time = element.currentTime + offset;
    if (until !== null && time >= until) {
      element.pause();
      until = null;
    }
    for (const listener of listeners) listener(time);
  };
  const loop = () => {
    tell();
    if (!element.paused) requestAnimationFrame(loop);
  };
  element.addEventListener('play', loop);
  for (const name of ['seeked', 'timeupdate', 'loadeddata']) element.addEventListener(name, tell);
  return {
    element,
    onTime: (listener) => listeners.push(listener),
    play(from, to) {
      until = to ?? null;
      element.currentTime = Math.max(0, from - offset);
      element.play().catch(() => {});
    },
    seek(time) {
      until = null;
      element.currentTime = Math.max(0, time - offset);
    },
    toggle() {
      until = null;
      if (element.paused) element.play().catch(() => {});
      else element.pause();
    },
  };
}

// Rows of bars over time. groups: [{id, hue, label, bars: [{start, end, guessed, title}]}].
function lanes(groups, start, end, player) {
  const box = el('div', { class: 'lanes' });
  const length = Math.max(1e-6, end - start);
  for (const group of groups) {
    const track = el('div', { class: 'track' });
    for (const bar of group.bars) {
      const style = { left: `${(100 * (bar.start - start)) / length}%`, width: `${(100 * (bar.end - bar.start)) / length}%` };
      const name = `${group.label}: ${seconds(bar.start)} to ${seconds(bar.end)}${bar.title ?? ''}`;
      track.append(link(el('button', { class: `bar place${bar.guessed ? ' guessed' : ''}`, type: 'button', hue: group.hue, style, title: name, 'aria-label': name }),
        group.id, () => player?.play(bar.start, bar.end)));
    }
    addHead(track, start, length, player);
    box.append(el('div', { class: 'lane' }, el('span', { class: 'label', title: group.label }, group.label), track));
  }
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => el('span', {}, seconds(start + share * length)));
  box.append(el('div', { class: 'lane bare', 'aria-hidden': 'true' }, el('span', { class: 'label' }), el('div', { class: 'axis' }, ...ticks)));
  return box;
}
function addHead(track, start, length, player) {
  if (!player) return;
  const head = el('div', { class: 'head', style: { left: '0' } });
  track.append(head);
  player.onTime((time) => { head.style.left = `${Math.min(100, Math.max(0, (100 * (time - start)) / length))}%`; });
}

// Waveform with segments, and the transcript, of one sound medium.
function soundPart(medium, file, player) {
  const { start, end } = medium;
  const length = Math.max(1e-6, end - start);
  const part = el('div');
  const groups = [];
  for (const [id, item] of items) {
    const bars = placesOf(item).filter((p) => p.medium === medium.name)
      .map((p) => ({ start: p.start, end: p.end, title: sureness(p) }));
    if (bars.length) groups.push({ id, hue: item.hue, label: item.kind === 'event' ? item.value.trigger.mention : item.value.mention, bars });
  }
  if (file?.peaks?.length) {
    const peaks = file.peaks;
    const columns = peaks.length / 2;
    const path = [];
    for (let i = 0; i < columns; i++) path.push(`M${i + 0.5} ${50 - 48 * peaks[2 * i + 1]}V${50.6 - 48 * peaks[2 * i]}`);
    const svg = document.createElementNS(kSvg, 'svg');
    svg.setAttribute('viewBox', `0 0 ${columns} 100`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(kSvg, 'path');
    line.setAttribute('d', path.join(''));
    line.setAttribute('stroke', 'currentColor');
    line.setAttribute('stroke-width', '.7');
    svg.append(line);
    const track = el('div', { class: 'track wave' }, svg);
    for (const group of groups) {
      for (const bar of group.bars) {
        const style = { left: `${(100 * (bar.start - start)) / length}%`, width: `${(100 * (bar.end - bar.start)) / length}%` };
        track.append(link(el('button', { class: 'bar place', type: 'button', tabindex: '-1', 'aria-hidden': 'true', hue: group.hue, style, title: group.label }), group.id, () => player?.play(bar.start, bar.end)));
      }
    }
    track.addEventListener('click', (event) => {
      const frame = track.getBoundingClientRect();
      player?.seek(start + ((event.clientX - frame.left) / frame.width) * length);
    });
    addHead(track, start, length, player);
    part.append(el('div', { class: 'lane bare' }, el('span', { class: 'label' }, 'sound'), track));
  }
  part.append(lanes(groups, start, end, player));
  const transcript = result.transcripts?.[medium.name];
  if (transcript) {
    const words = el('p', { class: 'transcript', dir: 'auto' });
    const shown = [];
    transcript.words.forEach((word, index) => {
      const span = el('span', { class: 'word', title: `${seconds(word.start)} to ${seconds(word.end)}` }, word.word);
      const holder = groups.find((g) => g.bars.some((b) => word.start < b.end - 1e-3 && word.end > b.start + 1e-3));
      if (holder) {
        span.classList.add('place');
        span.style.setProperty('--h', holder.hue);
        span.style.borderBottom = '2px solid hsl(var(--h) var(--edge-s) var(--edge-l))';
        link(span, holder.id, () => player?.play(word.start, word.end));
      } else {
        span.addEventListener('click', () => player?.play(word.start));
      }
      shown.push([word, span]);
      words.append(index ? ' ' : '', span);
    });
    if (!transcript.words.length) words.append(transcript.text);
    player?.onTime((time) => {
      for (const [word, span] of shown) span.classList.toggle('now', !player.element.paused && time >= word.start && time < word.end);
    });
    part.append(words);
  }
  visits.set(medium.name, (place) => {
    part.scrollIntoView({ block: 'center' });
    player?.play(place.start, place.end);
  });
  return part;
}

function audioCard(medium, file) {
  const card = el('section', { class: 'card', id: medium.name }, el('h2', {}, 'Sound'));
  let player = null;
  if (file?.data) {
    const audio = el('audio', { preload: 'auto', src: blobUrl(file) });
    player = makePlayer(audio, file.offset);
    const button = el('button', { class: 'play', type: 'button', 'aria-label': `Play ${medium.name}` }, '▶');
    const time = el('time', {}, `0:00 / ${clock(medium.end - medium.start)}`);
    button.addEventListener('click', () => player.toggle());
    for (const name of ['play', 'pause']) {
      audio.addEventListener(name, () => {
        button.textContent = audio.paused ? '▶' : '❚❚';
        button.setAttribute('aria-label', `${audio.paused ? 'Play' : 'Pause'} ${medium.name}`);
      });
    }
    player.onTime((now) => { time.textContent = `${clock(Math.max(0, now - medium.start))} / ${clock(medium.end - medium.start)}`; });
    card.append(audio, el('div', { class: 'player' }, button, time));
  }
  card.append(soundPart(medium, file, player), el('p', { class: 'facts' },
    [medium.name, file?.name, seconds(medium.end - medium.start), file?.data ? null : 'cannot be played from this page'].filter(Boolean).join(' · ')));
  return card;
}

function videoCard(medium, file, sound, soundFile) {
  const times = medium.frame_times;
  const step = times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : 0.04;
  const start = times.length ? times[0] : 0;
  const end = times.length ? times[times.length - 1] + step : 1;
  const stage = el('div', { class: 'stage' });
  let player = null;
  if (file?.data) {
    const video = el('video', { controls: true, playsinline: true, preload: 'auto', src: blobUrl(file), width: medium.width, height: medium.height, 'aria-label': medium.name });
    player = makePlayer(video, file.offset);
    stage.append(video);
  } else {
    stage.append(el('div', { class: 'missing', style: { aspectRatio: `${medium.width} / ${medium.height}` } }, 'The film is not part of this page.'));
  }
  const canvas = maskCanvas(medium.width, medium.height);
  stage.append(canvas);
  const places = entityPlaces(medium.name);
  const indices = new Map(times.map((time, index) => [Math.round(time * 1000), index]));
  const frameOf = (time) => indices.get(Math.round(time * 1000)) ?? times.filter((t) => t <= time + 1e-3).length - 1;
  let now = start;
  const paint = () => {
    const masks = [];
    for (const { id, hue, place } of places) {
      const frames = place.tracklet;
      let index = -1;
      while (index + 1 < frames.length && frames[index + 1].time <= now + 1e-3) index++;
      if (index < 0) continue;
      // Between the frame it is seen in and the next of the film; a frame that the tracklet leaves out hides it.
      const next = frameOf(frames[index].time) + 1;
      if (next < times.length ? times[next] <= now + 1e-3 : now > end) continue;
      masks.push({ id, hue, ...bitmapOf(frames[index].mask, canvas.width, canvas.height) });
    }
    paintMasks(canvas, masks);
  };
  painters.push(paint);
  player?.onTime((time) => {
    now = time;
    paint();
  });
  const groups = places.map(({ id, hue, entity, place }) => {
    const bars = [];
    for (const frame of place.tracklet) {
      const last = bars[bars.length - 1];
      const index = frameOf(frame.time);
      const until = times[index + 1] ?? end;
      const guessed = Boolean(frame.interpolated);
      if (last && last.index + 1 === index && last.guessed === guessed) Object.assign(last, { index, end: until });
      else bars.push({ start: frame.time, end: until, index, guessed, title: guessed ? ' (between seen frames)' : '' });
    }
    return { id, hue, label: entity.mention, bars };
  });
  visits.set(medium.name, (place) => {
    stage.scrollIntoView({ block: 'center' });
    if (place.tracklet.length) player?.play(place.tracklet[0].time, place.tracklet[place.tracklet.length - 1].time + step);
  });
  const card = el('section', { class: 'card', id: medium.name }, el('h2', {}, 'Film'), stage, lanes(groups, start, end, player));
  if (sound) card.append(el('div', { style: { marginTop: '.8rem' } }, soundPart(sound, soundFile, player)));
  card.append(caption(medium, file, `${medium.width} × ${medium.height} · ${times.length} frames · ${seconds(end - start)}`));
  return card;
}
