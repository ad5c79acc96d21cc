// The browser of these tests, and how they report: a test ends with 77 (skipped) where the browser or playwright-core
// (`npm install` in this folder) is missing. CHROMIUM names another browser program.
import { existsSync } from 'node:fs';

export function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}

export async function launch() {
  const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const { chromium } = await import('playwright-core').catch(() => skip('playwright-core is not installed (npm install in tests/web)'));
  if (!existsSync(browserPath)) skip(`${browserPath} is missing`);
  return chromium.launch({ executablePath: browserPath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
}

// Opens `address`; what the page asks for beyond itself, its errors and what it complains of go to `problems`.
export async function open(browser, address, problems, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('request', (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith('data:') && !url.startsWith('blob:')) problems.push(`asked for ${url.slice(0, 80)}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(`console: ${message.text()}`); });
  await page.goto(address);
  return page;
}

// check(name, body) runs and reports one check; end() closes the browser and gives the exit code.
export function checks(browser) {
  let failed = 0;
  return {
    async check(name, body) {
      try {
        await body();
        console.log(`ok   ${name}`);
      } catch (error) {
        failed++;
        console.log(`FAIL ${name}\n${error.stack}`);
      }
    },
    async end() {
      await browser.close();
      process.exit(failed ? 1 : 0);
    },
  };
}

// Relative luminance contrast of two CSS colours and every text of `selector` under 4.5, run inside the page.
export const lowContrast = (page, selector) => page.evaluate((selector) => {
  const found = [];
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0.85) return color;
    }
    return [255, 255, 255];
  };
  for (const element of document.querySelectorAll(selector)) {
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(element instanceof SVGElement ? style.fill : style.color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${element.getAttribute('class') || element.tagName} ${element.textContent.slice(0, 20)} ${ratio.toFixed(2)}`);
  }
  return found;
}, selector);
