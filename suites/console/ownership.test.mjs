// Who owns what together, who fights over it and what decides, in a real browser.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installDefinitions } from 'nekube/ownership';
import { barriers, noBrowser, openConsole } from './chromium.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

describe('ownership in the console', { skip: noBrowser }, () => {
  let env;
  let client;
  let opened;
  let tab;
  let page;

  before(async () => {
    env = await start();
    ({ client } = env);
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    const apply = (name, data, fieldManager) =>
      client.apply({ ...CONFIG_MAP, metadata: { name, namespace: 'shop' }, data }, { fieldManager });
    for (const name of ['a', 'b']) {
      await apply(name, { x: '1', y: '1' }, 'ci');
      await apply(name, { x: '1' }, 'terraform');
    }
    opened = await openConsole(env);
    tab = await opened.signIn();
    ({ page } = tab);
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const matrix = '/ownership/conflicts?kind=core/v1/configmaps&namespace=shop';

  test('without a choice one is offered: kinds with how many there are, and namespaces', async () => {
    await tab.visit('/ownership');
    await page.getByRole('link', { name: 'shop' }).waitFor();
    await page.getByRole('link', { name: /^ConfigMap ?\d/ }).click();
    await page.waitForURL(/conflicts\?kind=core/);
    await page
      .getByRole('button', { name: /terraform/ })
      .first()
      .waitFor();
  });

  test('what two managers own together is counted, down to the fields, and has an address', async () => {
    await tab.visit(matrix);
    await page.getByRole('button', { name: '2 fields of ci and terraform' }).click();
    await page.waitForURL(/pair=/);
    const row = page.locator('.pair tr', { hasText: '.data.x' });
    await row.getByRole('cell', { name: '2' }).waitFor();
    await page.reload();
    await row.waitFor();
    await page.goBack();
    await page.locator('.pair').waitFor({ state: 'detached' });
  });

  test('a namespace as a whole is counted, too', async () => {
    await tab.visit('/ownership/conflicts?namespace=shop');
    await page.getByRole('button', { name: '2 fields of ci and terraform' }).waitFor();
  });

  test('that nothing has changed is not said before it is known what there was', async () => {
    const other = await opened.signIn();
    const since = new Date().toISOString();
    const asked = '**/console/field-history?*';
    let answers = 0;
    await other.page.route(asked, async (route) => {
      answers++;
      await route.fulfill({ json: { since, synced: false, lines: [], wars: [] } });
    });
    await other.visit('/ownership/history?kind=core/v1/secrets&namespace=shop');
    await env.eventually(() => answers > 1);
    assert.equal(await other.page.getByText('Nothing has changed').count(), 0);
    await other.page.unroute(asked);
    await other.page.getByText('Nothing has changed').waitFor();
    await other.context.close();
  });

  test('the history of fields is live, and finds who takes a field from whom', async () => {
    await tab.visit('/ownership/history?kind=core/v1/configmaps&namespace=shop');
    await page.getByText('watched since').waitFor();
    await page.getByText('Nothing has changed').waitFor();
    await fight(client);
    await page.locator('tr', { hasText: '.data.y' }).first().waitFor();
    const war = page.locator('.war', { hasText: '.data.y' });
    await war.getByText('hand, robot take it from each other').waitFor();
    await war.getByRole('link', { name: 'shop/a' }).click();
    await page.waitForURL(/configmaps\/ns\/shop\/a\?tab=history/);
    await page
      .locator('tr', { hasText: '.data.x' })
      .getByText(/ci, terraform|terraform, ci/)
      .waitFor();
  });

  test("an object's history begins with who set what, and goes on", async () => {
    await tab.visit('/r/core/v1/configmaps/ns/shop/b?tab=history');
    await page.locator('tr', { hasText: '.data.y' }).getByText('ci').waitFor();
    await client.patch(
      CONFIG_MAP,
      { name: 'b', namespace: 'shop' },
      { merge: { data: { y: '7' } } },
      { fieldManager: 'hand' },
    );
    await page.locator('tr', { hasText: '7' }).getByText('hand').waitFor();
  });

  test('policies are listed with what they decide', async () => {
    await tab.visit('/ownership/policies');
    await page.getByText('No policies').waitFor();
    await installDefinitions(client, { clock: systemClock });
    await env.eventually(() =>
      client.create({
        apiVersion: 'ownership.nekube.dev/v1alpha1',
        kind: 'FieldPolicy',
        metadata: { name: 'replicas', namespace: 'shop' },
        spec: {
          priority: 5,
          match: { resources: [{ group: 'apps', kinds: ['Deployment'] }], fields: ['.spec.replicas'] },
          decision: 'Yield',
        },
      }),
    );
    const row = page.locator('tr', { hasText: 'replicas' });
    await row.getByText('Yield').waitFor();
    await row.getByText('Deployment.apps').waitFor();
    await client.apply(deployment(1), { fieldManager: 'hpa' });
    await client.apply(deployment(2), { fieldManager: 'ci' });
    await row.getByText('Yield: 1 field').waitFor();
  });

  test('who may not read objects is told so', async () => {
    const other = await opened.signIn({ as: { user: 'nobody', groups: [] } });
    await other.visit('/ownership/history?kind=core/v1/configmaps&namespace=shop');
    await other.page.getByText('cannot list resource').waitFor();
    await other.visit(matrix);
    await other.page.getByText('cannot list resource').waitFor();
    await other.context.close();
  });

  for (const [theme, language] of [
    ['light', 'en'],
    ['dark', 'ja'],
  ])
    test(`every view can be read by all, in ${language} and ${theme}`, async () => {
      const other = await opened.signIn({ theme, language });
      for (const path of [
        matrix,
        '/ownership/history?kind=core/v1/configmaps&namespace=shop',
        '/ownership/policies',
        '/ownership',
      ]) {
        await other.visit(`${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
        await other.page.locator('table, .begin').first().waitFor();
        assert.deepEqual(await barriers(other.page), [], path);
      }
      assert.deepEqual(other.problems, []);
      await other.context.close();
    });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });
});

function deployment(replicas) {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

/** Two managers set the same field by turns. */
async function fight(client) {
  for (let i = 0; i < 6; i++)
    for (const [fieldManager, y] of [
      ['hand', '2'],
      ['robot', '3'],
    ])
      await client.patch(CONFIG_MAP, { name: 'a', namespace: 'shop' }, { merge: { data: { y } } }, { fieldManager });
}
