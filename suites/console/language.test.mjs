// Both languages, whole: on a Japanese page there is no English but what comes from the cluster, which is marked as such.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { noBrowser, openConsole } from './chromium.mjs';
import { makePods } from './cluster.mjs';

/** What is called so in Japanese, too. */
const ALIKE = new Set(['IP', 'CIDR', 'CPU', 'PV', 'YAML', 'UID', 'Pod', 'English', 'nekube', 'KEP', 'SIG']);

describe('the languages of the console', { skip: noBrowser }, () => {
  let env;
  let opened;
  let tab;

  before(async () => {
    env = await start();
    await env.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await makePods(env.client, 'shop', 4);
    await makeDeployment(env.client);
    opened = await openConsole(env);
    tab = await opened.signIn({ language: 'ja' });
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const VIEWS = [
    ['the overview', '/'],
    ['a list', '/r/core/v1/pods'],
    ['a list that is filtered wrongly', '/r/core/v1/pods?filter="x restarts>'],
    ['a list of nothing', '/r/core/v1/pods/ns/none'],
    ['events', '/r/core/v1/events'],
    ['nodes', '/r/core/v1/nodes'],
    ['a kind that is not served', '/r/none/v1/nothings'],
    ['no page', '/nowhere'],
    ['a moment that never was', '/r/core/v1/pods?at=99999999'],
    ['the keys', '/r/core/v1/pods', '?'],
    ['the palette', '/r/core/v1/pods', 'Control+k'],
  ];
  const WEB = '/r/apps/v1/deployments/ns/shop/web';
  for (const view of ['yaml', 'blame', 'events', 'tree', 'related', 'conditions', 'history', 'edit'])
    VIEWS.push([`the ${view} of an object`, `${WEB}?tab=${view}`]);
  VIEWS.push(
    ['what is to be deleted', WEB, 'Shift+Delete'],
    ['an object of before', `${WEB}?at=1`],
    ['an object that is not there', '/r/core/v1/pods/ns/shop/nobody'],
    ['a new object', '/create'],
    ['conflicts', '/ownership/conflicts?kind=apps/v1/deployments'],
    ['the history of fields', '/ownership/history?kind=apps/v1/deployments'],
    ['policies', '/ownership/policies'],
    ['ownership without a choice', '/ownership'],
  );
  for (const [name, path, key] of VIEWS)
    test(`${name} is in Japanese`, async () => {
      const { page, visit } = tab;
      await visit(path);
      await page.getByText('概要').first().waitFor();
      await page.waitForLoadState('networkidle');
      if (key) await page.keyboard.press(key);
      await page.waitForTimeout(150);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'ja');
      assert.deepEqual((await textsOf(page)).filter(isEnglish), []);
    });

  test('a panel of the top bar is in Japanese', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods');
    for (const name of ['設定', '別の時点を表示', '列']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor();
      assert.deepEqual((await textsOf(page)).filter(isEnglish), []);
      await page.keyboard.press('Escape');
    }
  });

  test('the language is switched without loading the page, and kept in this browser', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods');
    await page.getByRole('columnheader', { name: '名前', exact: true }).waitFor();
    await page.getByRole('button', { name: '設定' }).click();
    await page.getByLabel('言語').selectOption('en');
    await page.getByRole('columnheader', { name: 'Name', exact: true }).waitFor();
    await visit('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await visit('/?lang=ja');
    await page.getByRole('heading', { name: '概要' }).waitFor();
  });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });
});

/** With all that its views can show: two managers, conditions, an event, and what is related and missing. */
async function makeDeployment(client) {
  const kind = { apiVersion: 'apps/v1', kind: 'Deployment' };
  const metadata = { name: 'web', namespace: 'shop', labels: { app: 'web' } };
  const selector = { matchLabels: { app: 'web' } };
  const containers = [{ name: 'web', image: 'web:1', envFrom: [{ configMapRef: { name: 'missing' } }] }];
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers } };
  const made = await client.apply({ ...kind, metadata, spec: { selector, template } }, { fieldManager: 'ci' });
  await client.patch(kind, metadata, { merge: { spec: { replicas: 3 } } }, { fieldManager: 'hand' });
  const conditions = [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'too few' }];
  await client.patch(kind, metadata, { merge: { status: { conditions } } }, { subresource: 'status' });
  await client.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'scaled', namespace: 'shop' },
    involvedObject: { ...kind, name: 'web', namespace: 'shop', uid: made.metadata.uid },
    reason: 'ScalingReplicaSet',
    message: 'scaled up the set',
    type: 'Normal',
    source: { component: 'controller' },
  });
}

/** All that is read or said on a page and is ours: texts, labels, placeholders, titles. */
function textsOf(page) {
  return page.evaluate(() => {
    const found = [];
    const ours = (element) => !element.closest('[translate="no"], kbd, pre, script, style, [lang]:not(html)');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      if (ours(parentElement) && parentElement.checkVisibility()) found.push(data.trim());
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'aria-valuetext', 'aria-description'])
      for (const element of document.querySelectorAll(`[${name}]`))
        if (ours(element)) found.push(element.getAttribute(name));
    return [...new Set(found)];
  });
}

/** Words of Latin letters without a Japanese one beside them. */
function isEnglish(text) {
  const words = text.match(/[A-Za-z]{2,}/g) ?? [];
  return !/[\u3040-\u30ff\u4e00-\u9fff]/.test(text) && words.some((word) => !ALIKE.has(word));
}
