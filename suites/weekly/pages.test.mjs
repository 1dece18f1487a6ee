// Pages and mails of issues in a real browser: who cannot see or use a mouse reads them too, and nothing leaves them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { readIssue, writeEmailHtml, writeHtml } from 'nekube/weekly';
import { chromium } from 'playwright-core';
import { barriers, noBrowser } from '../console/chromium.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** All kinds of blocks, and HTML that would run something or load something. */
const TEXT = `---
title: Everything
---
Hello, **all** of \`you\`. <script>document.title = 'run'</script>

- a
  1. b
- c

| a | b |
|---|--:|
| 1 | 2 |

\`\`\`go:main.go
${'x'.repeat(300)}
\`\`\`

> A quote

:::message
With [a link](https://example.com/)
:::

:::message alert
Take care.
:::

:::details More
of it
:::

![a picture](https://example.com/a.png)
*its caption*

<img src="https://example.com/b.png" onerror="document.title = 'run'">

@[youtube](abc)

## 👀 Articles

### A story

https://example.com/story

Text[^1]

[^1]: A note.

#### More

---

## あとがき

ではまた。
`;

describe('pages and mails of issues', { skip: noBrowser }, () => {
  let browser;
  before(async () => {
    const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  after(() => browser?.close());

  const { issue } = readIssue(TEXT);
  const shown = {
    page: writeHtml(issue),
    translation: writeHtml(issue, { language: 'en' }),
    mail: writeEmailHtml(issue),
  };
  for (const [name, html] of Object.entries(shown)) {
    for (const colorScheme of ['light', 'dark']) {
      test(`a ${name} in ${colorScheme} keeps nobody out, runs nothing, and asks for nothing`, async () => {
        const context = await browser.newContext({ colorScheme, bypassCSP: true });
        const page = await context.newPage();
        const requests = [];
        page.on('request', (request) => requests.push(request.url()));
        await page.setContent(html);
        assert.equal(await page.title(), 'Everything');
        assert.equal(await page.evaluate(() => document.scripts.length + document.images.length), 0);
        assert.deepEqual(await barriers(page), []);
        assert.deepEqual(requests, []);
        await context.close();
      });
    }
  }

  test("a page's own policy lets its looks through", async () => {
    const page = await browser.newPage();
    const problems = [];
    page.on('console', (message) => problems.push(message.text()));
    await page.setContent(shown.page);
    const width = await page.evaluate(() => getComputedStyle(document.querySelector('main')).maxWidth);
    assert.notEqual(width, 'none');
    assert.deepEqual(problems, []);
    await page.close();
  });

  test('what pages are attacked with runs nothing and asks for nothing, in a browser that would', async () => {
    const hostile = JSON.parse(
      readFileSync(new URL('../../src/weekly/testdata/hostile.json', import.meta.url), 'utf8'),
    );
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.setContent('<img src=x onerror="document.title=\'run\'">');
    await page.waitForFunction(() => document.title === 'run');
    requests.length = 0;
    for (const text of Object.values(hostile).flat()) {
      const block = { kind: 'paragraph', text };
      const { issue: read } = readIssue(`# T\n\n${text}\n\n## ${text}\n\n### ${text}\n\n[${text}](${text})\n`);
      const introduction = [...read.introduction, { ...block, id: 'x' }, { ...block, id: 'y', kind: 'raw' }];
      for (const html of [writeHtml, writeEmailHtml].map((write) => write({ ...read, title: 'T', introduction }))) {
        await page.setContent(html);
        const found = await page.evaluate(() => ({
          title: document.title,
          loads: document.querySelectorAll('script,img,iframe,object,embed,link,base,form,svg,video').length,
          links: [...document.links]
            .map(({ protocol }) => protocol)
            .filter((one) => !/^(?:https?|mailto|about):$/.test(one)),
          handlers: [...document.querySelectorAll('*')].flatMap((one) =>
            one.getAttributeNames().filter((name) => name.startsWith('on')),
          ),
        }));
        assert.deepEqual(found, { title: 'T', loads: 0, links: [], handlers: [] }, text);
      }
    }
    assert.deepEqual(requests, []);
    await context.close();
  });
});
