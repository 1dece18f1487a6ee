// A static site of KEPs (`nekube kep site`) in a browser: what works without scripts and with them, by its policy, for everybody.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { builtAssets, checkoutContent, writeSite } from 'nekube/kep';
import { barriers, launchBrowser, noBrowser } from '../console/chromium.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const README =
  '# Naps\n\n## Summary\n\nPods sleep.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done\n\n```yaml\na: 1\n```\n';

describe('a static site of KEPs in a browser', { skip: noBrowser }, () => {
  let root;
  let server;
  let browser;
  let url;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nekube-kep-site-'));
    for (const [number, status, stage] of [
      [1, 'implemented', 'stable'],
      [2, 'implementable', 'alpha'],
      [3, 'imlpemented', 'beta'],
    ]) {
      const kep = `title: KEP ${number}\nkep-number: ${number}\nowning-sig: sig-node\nstatus: ${status}\nstage: ${stage}\nauthors: ["@a"]\nmilestone: {alpha: v1.30}\n`;
      const folder = join(root, `checkout/keps/sig-node/${number}-kep`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'kep.yaml'), kep);
      writeFileSync(join(folder, 'README.md'), number === 2 ? README : '# Other\n');
    }
    await writeSite(checkoutContent(join(root, 'checkout')), join(root, 'site'), { assets: builtAssets() });
    server = createServer(({ url: path }, answer) => {
      const file = join(root, 'site', normalize(new URL(path, 'http://x').pathname));
      try {
        answer.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
      } catch {
        answer.writeHead(404).end();
      }
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${server.address().port}/`;
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    rmSync(root, { recursive: true });
  });

  /** A tab in a browser of its own; `problems` are what no page may have. */
  async function open(path, options = {}) {
    const context = await browser.newContext({ colorScheme: 'light', ...options });
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => !request.url().startsWith(url) && problems.push(request.url()));
    await page.goto(url + path);
    return { page, context, problems };
  }
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const LIGHT = 'rgb(255, 255, 255)';
  const DARK = 'rgb(16, 17, 19)';

  test('is light or dark as one chooses, on every page and the next time', async () => {
    const { page, context, problems } = await open('index.html');
    assert.equal(await background(page), LIGHT);
    await page.getByLabel('Theme').selectOption('Dark');
    assert.equal(await background(page), DARK);
    const other = await context.newPage();
    await other.goto(`${url}keps/2-kep.ja.html`);
    assert.equal(await background(other), DARK);
    assert.equal(await other.getByLabel('テーマ').inputValue(), 'dark');
    await other.getByLabel('テーマ').selectOption('');
    assert.equal(await background(other), LIGHT);
    // the first page hears of it
    await page.waitForFunction(() => document.documentElement.dataset.theme === undefined);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await background(page), DARK);
    assert.deepEqual(problems, []);
    await context.close();
  });

  test('is as the system has it, and offers no choice, where scripts do not run', async () => {
    const { page, context } = await open('keps/2-kep.html', { javaScriptEnabled: false, colorScheme: 'dark' });
    assert.equal(await page.getByLabel('Theme').isVisible(), false);
    assert.ok(await page.getByRole('heading', { name: 'Summary' }).isVisible());
    await context.close();
  });

  test('offers the choice where a browser keeps nothing, for as long as the page is there', async () => {
    const context = await browser.newContext({ colorScheme: 'light' });
    await context.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new Error('denied');
        },
      });
    });
    const page = await context.newPage();
    await page.goto(`${url}sigs.html`);
    await page.getByLabel('Theme').selectOption('Dark');
    assert.equal(await background(page), DARK);
    await context.close();
  });

  test('filters as one types, and finds what texts have', async () => {
    const { page, context, problems } = await open('index.html?q=stage:alpha');
    const shown = page.locator('table.keps tbody tr:visible');
    await page.locator('#count').filter({ hasText: '1 of 3' }).waitFor();
    assert.equal(await shown.count(), 1);
    await page.locator('#words').fill('sleep');
    await page.locator('#count').filter({ hasText: '1 of 3' }).waitFor();
    assert.match(await shown.first().innerText(), /KEP 2/);
    assert.deepEqual(problems, []);
    await context.close();
  });

  for (const theme of ['light', 'dark'])
    test(`is for everybody: axe finds nothing serious on its pages (${theme})`, async () => {
      // axe is put into the page, which the page's policy does not allow
      const context = await browser.newContext({ colorScheme: theme, bypassCSP: true });
      const page = await context.newPage();
      for (const path of [
        'index.html',
        'keps/2-kep.html',
        'keps/3-kep.ja.html',
        'sigs.html',
        'sigs/sig-node.html',
        'releases.html',
        'releases/v1.30.html',
        'gates.html',
        'changes.html',
      ]) {
        await page.goto(url + path);
        assert.deepEqual(await barriers(page), [], path);
      }
      await context.close();
    });
});
