// The page in a headless browser: node page.test.mjs PAGE_SAMPLE OUT.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import assert from 'node:assert/strict';
import { checks, launch, lowContrast, open as openPage } from './browser.mjs';

const [sample, out] = process.argv.slice(2);
const browser = await launch();
const { check, end } = checks(browser);
mkdirSync(out, { recursive: true });
const made = spawnSync(sample, [join(out, 'sample')], { encoding: 'utf8' });
assert.equal(made.status, 0, made.stderr);
const address = pathToFileURL(join(out, 'sample', 'index.html')).href;
const problems = [];
const open = (options) => openPage(browser, address, problems, options);

// Pixels of a canvas that are covered, and the greatest opacity.
const cover = (page, selector) => page.$eval(selector, (canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let covered = 0;
  let most = 0;
  for (let i = 3; i < data.length; i += 4) {
    if (data[i]) covered++;
    most = Math.max(most, data[i]);
  }
  return { covered, most };
});
const litMarks = (page) => page.$$eval('mark.lit', (marks) => marks.map((mark) => mark.textContent));
const item = (page, name) => page.locator('nav .item', { has: page.locator('.name', { hasText: name }) }).first();

const page = await open({ viewport: { width: 1280, height: 900 } });
await check('the text stands as given, nothing of it is markup', async () => {
  assert.equal(await page.title(), 'sample <b>1</b> – reamo');
  assert.match(await page.textContent('p.text'), /Nobody wrote <\/script><img src=x onerror="document\.title='broken'"> here\./);
  assert.equal(await page.locator('main img').count(), 1);
});
await check('nested mentions are nested marks', async () => {
  assert.equal(await page.locator('mark mark', { hasText: /^Harbor$/ }).count(), 2);
});
await check('the picture is whole and has its masks', async () => {
  await page.waitForFunction(() => document.querySelector('main img').complete);
  assert.ok(await page.$eval('main img', (img) => img.naturalWidth > 100));
  assert.ok((await cover(page, '#image-0 canvas')).covered > 500);
});
await check('choosing an entity lights its words and its mask', async () => {
  await item(page, 'horses').click();
  assert.deepEqual(await litMarks(page), ['horses']);
  assert.equal((await cover(page, '#image-0 canvas')).most, 255);
  assert.ok(await page.locator('#image-0 .tag.lit').count() >= 1);
  assert.equal(await item(page, 'horses').getAttribute('aria-pressed'), 'true');
  assert.match(await page.textContent('#detail'), /horses.*image-0/s);
  assert.match(await page.textContent('#live'), /horses, animal/);
});
await check('Escape lets go', async () => {
  await page.keyboard.press('Escape');
  await page.mouse.move(1, 1);
  assert.deepEqual(await litMarks(page), []);
  assert.ok(await page.locator('#detail').isHidden());
});
await check('choosing an entity lights its segment and words of the transcript', async () => {
  await item(page, 'John Dashwood').click();
  assert.ok(await page.locator('#audio-0 .bar.lit').count() >= 1);
  assert.deepEqual(await page.$$eval('#audio-0 .word.lit', (words) => words.map((w) => w.textContent)), ['john', 'dashwood']);
  assert.match(await page.textContent('#detail'), /not found in image-0, video-0/);
  await page.keyboard.press('Escape');
});
await check('a segment plays and stops at its end', async () => {
  await page.waitForFunction(() => document.querySelector('audio').readyState >= 2);
  await page.locator('#audio-0 .lanes .bar').first().click();
  await page.waitForFunction(() => !document.querySelector('audio').paused);
  await page.waitForFunction(() => document.querySelector('audio').paused, null, { timeout: 10000 });
  const time = await page.$eval('audio', (audio) => audio.currentTime);
  assert.ok(time > 1.3 && time < 2.2, `stopped at ${time}`);
  await page.keyboard.press('Escape');
});
await check('the film plays in the browser and its masks move', async () => {
  await page.waitForFunction(() => document.querySelector('video').readyState >= 2);
  const at = async (time) => {
    await page.$eval('video', (video, t) => new Promise((done) => {
      video.addEventListener('seeked', done, { once: true });
      video.currentTime = t;
    }), time);
    return page.$eval('#video-0 canvas', (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      let count = 0;
      for (let i = 0; i < data.length / 4; i++) if (data[4 * i + 3]) sum += i % canvas.width, count++;
      return { count, x: sum / count };
    });
  };
  const early = await at(0.02);
  const late = await at(1.6);
  assert.ok(early.count > 50 && late.count > 50, JSON.stringify([early, late]));
  assert.ok(Math.abs(early.x - late.x) > 20, JSON.stringify([early, late]));
  assert.equal((await at(0.95)).count, 0);  // hidden there
  await at(0.3);
});
await check('pointing at the film\'s timeline lights the mention', async () => {
  await page.locator('#video-0 .lanes .bar').first().hover();
  assert.deepEqual(await litMarks(page), ['man in a suit']);
  await page.mouse.move(1, 1);
});
await check('a relation lights both its ends, an event its arguments', async () => {
  await item(page, 'rides').click();
  assert.deepEqual((await litMarks(page)).sort(), ['man in a suit', 'scooter']);
  await item(page, 'rode').click();
  assert.deepEqual((await litMarks(page)).sort(), ['horses', 'man in a suit', 'rode', 'scooter']);
  await page.keyboard.press('Escape');
});
await check('pointing at pixels of a mask lights its entity', async () => {
  const spot = await page.$eval('#image-0 canvas', (canvas) => {
    canvas.scrollIntoView({ block: 'center', behavior: 'instant' });
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const box = canvas.getBoundingClientRect();
    for (let i = Math.floor(data.length / 8); i < data.length / 4; i++) {
      const x = box.left + ((i % canvas.width) + 0.5) * box.width / canvas.width;
      const y = box.top + (Math.floor(i / canvas.width) + 0.5) * box.height / canvas.height;
      if (data[4 * i + 3] === 70 && document.elementFromPoint(x, y)?.closest('.stage') && !document.elementFromPoint(x, y).closest('.tag')) return [x, y];
    }
    return null;
  });
  assert.ok(spot);
  await page.mouse.move(...spot);
  assert.deepEqual(await litMarks(page), ['horses']);
  await page.mouse.move(1, 1);
});
await check('the keyboard reaches and chooses items', async () => {
  await item(page, 'lake').focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await litMarks(page), ['lake']);
  await page.keyboard.press('Escape');
  await page.mouse.move(1, 1);
});
await check('every control has a name and text has contrast', async () => {
  const faults = await page.evaluate(() => {
    const found = [];
    for (const button of document.querySelectorAll('button, a')) {
      if (!(button.getAttribute('aria-label') || button.textContent.trim() || button.title)) found.push(button.outerHTML.slice(0, 80));
    }
    return found;
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(await lowContrast(page, 'mark, .item .name, .item .kind, .item .score, .facts, th, td, h2, .chip, .tag, .role, .button, #summary, .brand, .label'), []);
});
await item(page, 'horses').click();
await page.mouse.move(1, 1);
await page.screenshot({ path: join(out, 'desktop.png'), fullPage: true });

const phone = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' });
await check('on a phone nothing is wider than the screen', async () => {
  await phone.waitForFunction(() => document.querySelector('video').readyState >= 2);
  const width = await phone.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `${width} pixels`);
});
await phone.screenshot({ path: join(out, 'phone.png'), fullPage: true });
await item(phone, 'John Dashwood').tap();
await check('choosing works by touch', async () => {
  assert.deepEqual(await litMarks(phone), ['John Dashwood']);
  assert.ok(await phone.locator('#detail').isVisible());
});
await phone.screenshot({ path: join(out, 'phone-chosen.png') });
await check('nothing was fetched and nothing failed', async () => assert.deepEqual(problems, []));
await end();
