// Everybody can use every view: axe finds nothing serious, in both themes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { barriers, noBrowser, openConsole } from './chromium.mjs';
import { makePods } from './cluster.mjs';

const VIEWS = [
  ['the overview', '/'],
  ['a list', '/r/core/v1/pods?sel=shop/web-1'],
  ['a list with a wrong filter', '/r/core/v1/pods?filter="x restarts>'],
  ['a list of nothing', '/r/core/v1/pods/ns/none'],
  ['an address that names nothing', '/r/core/v1/configmaps/ns/%2e%2e/a%2fb'],
  ['a kind that is not served', '/r/none/v1/nothings'],
  ['no page', '/nowhere'],
  ['a moment that never was', '/r/core/v1/pods?at=99999999'],
  ['the keys', '/r/core/v1/pods', (page) => page.keyboard.press('?')],
  ['the palette', '/r/core/v1/pods', (page) => page.keyboard.press('Control+k')],
  ['the columns', '/r/core/v1/pods', (page) => page.getByRole('button', { name: 'Columns' }).click()],
  ['the settings', '/', (page) => page.getByRole('button', { name: 'Settings' }).click()],
  ['the time', '/', (page) => page.getByRole('button', { name: 'Show another moment' }).click()],
];

describe('the console is for all', { skip: noBrowser }, () => {
  let env;
  let opened;

  before(async () => {
    env = await start();
    await env.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await makePods(env.client, 'shop', 40);
    opened = await openConsole(env);
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  for (const theme of ['light', 'dark'])
    describe(`in the ${theme} theme`, () => {
      let tab;
      before(async () => {
        tab = await opened.signIn({ theme });
      });
      after(() => tab?.context.close());

      for (const [name, path, act] of VIEWS)
        test(`${name} has nothing serious`, async () => {
          const { page, visit } = tab;
          await visit(path);
          await page.getByRole('link', { name: 'Pod', exact: true }).first().waitFor();
          await page.waitForLoadState('networkidle');
          await act?.(page);
          assert.deepEqual(await barriers(page), []);
        });

      test('no page asked another host, broke the policy or failed', () => {
        assert.deepEqual(tab.problems, []);
      });
    });

  describe('in a narrow window, as one that is magnified', () => {
    let tab;
    before(async () => {
      tab = await opened.signIn({ viewport: { width: 360, height: 700 } });
    });
    after(() => tab?.context.close());

    for (const path of [
      '/',
      '/r/core/v1/pods',
      '/r/core/v1/pods/ns/shop/web-1',
      '/create',
      '/ownership',
      '/keps',
      '/weekly',
    ])
      test(`${path} does not run out of the page`, async () => {
        const { page, visit } = tab;
        await visit(path);
        await page.locator('.top-bar').waitFor();
        await page.waitForLoadState('networkidle');
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      });

    for (const path of ['/r/core/v1/pods/ns/shop/web-1?tab=edit', '/create'])
      test(`${path} has nothing serious`, async () => {
        const { page, visit } = tab;
        await visit(path);
        await page.locator('.cm-content').waitFor();
        await page.waitForLoadState('networkidle');
        assert.deepEqual(await barriers(page), []);
      });
  });

  test('who is not signed in is told how, in both themes', async () => {
    for (const colorScheme of ['light', 'dark']) {
      const context = await opened.browser.newContext({ colorScheme });
      const page = await context.newPage();
      await page.goto(`${opened.console.url}/r/core/v1/pods`);
      await page.getByText('You are not signed in').waitFor();
      assert.deepEqual(await barriers(page), []);
      await context.close();
    }
  });
});
