// What `reamo data export` writes, read by programs that are not ours: node exports.test.mjs REAMO OUT. Masks of Label Studio by
// the package that Label Studio itself uses, WebVTT, PNG and XML by the browser, XML by xmllint and TextGrid by Praat where they are
// installed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { checks, launch, skip } from './browser.mjs';

const [reamo, out] = process.argv.slice(2);
const { decode: decodeBrush } = await import('@thi.ng/rle-pack').catch(() => skip('@thi.ng/rle-pack is not installed (npm install in tests/web)'));
const browser = await launch();
const { check, end } = checks(browser);

// Row-major 0/1 of an oval with a hole, that touches no side.
const [width, height] = [41, 30];
const oval = (cx, cy) => Array.from({ length: width * height }, (_, i) => {
  const far = ((i % width - cx) / 12) ** 2 + ((Math.floor(i / width) - cy) / 9) ** 2;
  return far <= 1 && far > 0.1 ? 1 : 0;
});
// COCO's run lengths, column by column, and the characters for them.
function rleOf(pixels) {
  const counts = [];
  let last = 0;
  let run = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (pixels[y * width + x] !== last) counts.push(run), run = 0, last = 1 - last;
      run++;
    }
  }
  counts.push(run);
  let text = '';
  counts.forEach((count, i) => {
    let value = i > 2 ? count - counts[i - 2] : count;
    for (let more = true; more;) {
      let digit = value & 31;
      value >>= 5;
      more = digit & 16 ? value !== -1 : value !== 0;
      text += String.fromCharCode(48 + (more ? digit | 32 : digit));
    }
  });
  return { size: [height, width], counts: text };
}
const boxOf = (pixels) => {
  const set = pixels.flatMap((value, i) => (value ? [i] : []));
  const [xs, ys] = [set.map((i) => i % width), set.map((i) => Math.floor(i / width))];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
};
const place = (pixels) => ({ box: boxOf(pixels), mask: rleOf(pixels) });

// One document of all that exporters must not stumble over.
const [first, second] = [oval(14, 11), oval(24, 15)];
const name = 'Åse "the <b>" & 猫';
const words = [['"quoted"', 0.5, 0.75], ['a<b>&c', 1, 1.25], ['-->', 1.25, 1.5], ['猫', 3661.5, 3662]].map(([word, start, stop]) => ({ word, start, end: stop }));
const gold = {
  document: 'd/1 & 2', model: { name: 'gold', sha256: '' }, tasks: ['ner'], schema: { entities: { 'cat & dog': '' } },
  media: [{ name: 'image-0', width, height }, { name: 'audio-0', start: 0, end: 4000 }, { name: 'video-0', width, height, frame_times: [0, 0.5, 1] }],
  entities: [
    { id: 'e1', type: 'cat & dog', mention: name, groundings: [
      { medium: 'image-0', ...place(first) },
      { medium: 'video-0', tracklet: [{ time: 0, ...place(first), interpolated: false }, { time: 1, ...place(second), interpolated: false }] }] },
    { id: 'e2', type: 'cat & dog', mention: 'other', groundings: [{ medium: 'image-0', ...place(second) }] }],
  relations: [], events: [],
  transcripts: { 'audio-0': { text: words.map((word) => word.word).join(' '), words } },
};
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'gold.jsonl'), JSON.stringify(gold) + '\n');
writeFileSync(join(out, 'documents.jsonl'), JSON.stringify({ id: gold.document, images: ['a & b.png'], audios: ['a.wav'], videos: ['a.mp4'] }) + '\n');

// The files of one export, by name.
function exported(format) {
  const folder = join(out, format);
  const made = spawnSync(reamo, ['data', 'export', format, '--gold', join(out, 'gold.jsonl'), '-o', folder, '--strict'], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  return Object.fromEntries(readdirSync(folder, { recursive: true }).sort().map((file) => [file, join(folder, file)]));
}
const only = (files, ending) => {
  const found = Object.keys(files).filter((file) => file.endsWith(ending));
  assert.equal(found.length, 1, Object.keys(files).join(' '));
  return files[found[0]];
};

await check('the package of Label Studio unpacks the brush masks', async () => {
  const [task] = JSON.parse(readFileSync(only(exported('label-studio'), 'tasks.json'), 'utf8'));
  const brushes = task.annotations[0].result.filter((item) => item.type === 'brushlabels');
  assert.equal(brushes.length, 2);
  brushes.forEach((brush, i) => {
    const rgba = decodeBrush(Uint8Array.from(brush.value.rle));
    assert.equal(rgba.length, 4 * width * height);
    assert.deepEqual(Array.from({ length: width * height }, (_, at) => (rgba[4 * at + 3] ? 1 : 0)), [first, second][i]);
  });
});

const page = await browser.newPage();

await check('the browser reads the XML of CVAT, its runs are the masks', async () => {
  const file = only(exported('cvat'), '.xml');
  const lint = spawnSync('xmllint', ['--noout', file], { encoding: 'utf8' });
  if (lint.error) console.log('     (xmllint is not installed)');
  else assert.equal(lint.status, 0, lint.stderr);
  const masks = await page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, 'application/xml');
    if (xml.querySelector('parsererror')) throw new Error(xml.querySelector('parsererror').textContent);
    return [...xml.querySelectorAll('image > mask')].map((mask) => ({
      label: mask.getAttribute('label'), mention: mask.querySelector('attribute').textContent, image: mask.parentElement.getAttribute('name'),
      ...Object.fromEntries(['left', 'top', 'width', 'height'].map((side) => [side, Number(mask.getAttribute(side))])),
      runs: mask.getAttribute('rle').split(',').map(Number),
    }));
  }, readFileSync(file, 'utf8'));
  assert.deepEqual(masks.map((mask) => mask.mention), [name, 'other']);
  assert.deepEqual(masks.map((mask) => mask.label), ['cat & dog', 'cat & dog']);
  assert.match(masks[0].image, /a & b\.png$/);
  masks.forEach((mask, i) => {
    const inside = mask.runs.flatMap((run, at) => Array(run).fill(at % 2));  // rows of the box, zeros first
    assert.equal(inside.length, mask.width * mask.height);
    const pixels = Array(width * height).fill(0);
    inside.forEach((value, at) => { pixels[(mask.top + Math.floor(at / mask.width)) * width + mask.left + at % mask.width] = value; });
    assert.deepEqual(pixels, [first, second][i]);
  });
});

await check('the browser shows the PNG of DAVIS in the colours of DAVIS', async () => {
  const files = Object.entries(exported('davis')).filter(([file]) => file.endsWith('.png'));
  assert.equal(files.length, 3);
  const expected = [first, Array(width * height).fill(0), second];
  for (const [i, [, file]] of files.entries()) {
    const colours = await page.evaluate(async (address) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return Array.from({ length: data.length / 4 }, (_, at) => [...data.slice(4 * at, 4 * at + 4)].join());
    }, `data:image/png;base64,${readFileSync(file).toString('base64')}`);
    assert.deepEqual(colours, expected[i].map((value) => (value ? '128,0,0,255' : '0,0,0,255')));
  }
});

await check('the browser shows the WebVTT with its words and times', async () => {
  const text = readFileSync(only(exported('webvtt'), '.vtt'), 'utf8');
  const cues = await page.evaluate((text) => new Promise((done, fail) => {
    const track = document.createElement('track');
    track.onload = () => done([...track.track.cues].map((cue) => ({ start: cue.startTime, end: cue.endTime, word: cue.getCueAsHTML().textContent })));
    track.onerror = () => fail(new Error('the track is refused'));
    const video = document.createElement('video');
    video.append(track);
    document.body.append(video);
    track.src = `data:text/vtt;base64,${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;
    track.track.mode = 'hidden';
  }), text);
  // Words close to each other may share a cue.
  assert.deepEqual(cues.flatMap((cue) => cue.word.split(/\s+/)), words.map((word) => word.word));
  for (const cue of cues) {
    const spoken = cue.word.split(/\s+/);
    const at = words.findIndex((word) => word.word === spoken[0]);
    assert.equal(cue.start, words[at].start);
    assert.equal(cue.end, words[at + spoken.length - 1].end);
  }
});

if (spawnSync('praat', ['--version']).error) {
  console.log('     (praat is not installed: TextGrid is not read)');
} else {
  await check('Praat reads the TextGrid', async () => {
    const script = join(out, 'read.praat');
    writeFileSync(script, `form: "x"\n  infile: "grid", ""\nendform\nRead from file: grid$\nn = Get number of intervals: 1\nfor i to n\n  word$ = Get label of interval: 1, i\n`
      + `  if word$ <> ""\n    start = Get start time of interval: 1, i\n    stop = Get end time of interval: 1, i\n    appendInfoLine: start, tab$, stop, tab$, word$\n  endif\nendfor\n`);
    const read = spawnSync('praat', ['--utf8', '--run', script, only(exported('textgrid'), '.TextGrid')], { encoding: 'utf8' });
    assert.equal(read.status, 0, read.stderr);
    assert.deepEqual(read.stdout.trim().split('\n').map((line) => line.split('\t')), words.map(({ word, start, end: stop }) => [String(start), String(stop), word]));
  });
}
await end();
