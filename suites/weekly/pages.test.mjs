// Pages and mails of issues in a real browser: who cannot see or use a mouse reads them too, and nothing leaves them.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
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
});
