// An object in a real browser: each view of it by its address, what is said when it changes or goes, and that it can be read by all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { barriers, noBrowser, openConsole } from './chromium.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };

describe('an object in the console', { skip: noBrowser }, () => {
  let env;
  let client;
  let opened;
  let tab;

  before(async () => {
    env = await start();
    ({ client } = env);
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await makeShop(client);
    opened = await openConsole(env);
    tab = await opened.signIn();
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const web = '/r/apps/v1/deployments/ns/shop/web';

  test('its YAML has managedFields folded, which a click opens', async () => {
    const { page, visit } = tab;
    await visit(web);
    await page.getByText('replicas', { exact: true }).waitFor();
    assert.equal(await page.getByText('fieldsType').count(), 0);
    await page.getByRole('button', { name: '2 managers' }).click();
    await page.getByText('fieldsType').first().waitFor();
  });

  test('b shows who owns each line, and the address says so', async () => {
    const { page, visit } = tab;
    await visit(web);
    await page.getByText('replicas', { exact: true }).waitFor();
    await page.keyboard.press('b');
    await page.waitForURL(/tab=blame/);
    const line = page.locator('.line', { hasText: 'replicas: 3' });
    await line.locator('.blame-cell').getByText('hand').waitFor();
    await page.getByRole('button', { name: /^ci/ }).click();
    assert.equal(await page.locator('.line', { hasText: 'replicas: 3' }).count(), 0);
    await page.keyboard.press('b');
    await page.waitForURL((url) => !url.search.includes('tab='));
  });

  test('the tree goes from the root to the pods, and is walked by keys', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods/ns/shop/web-1-a?tab=tree');
    const items = page.getByRole('treeitem');
    await page.getByRole('treeitem', { name: /web-1-b/ }).waitFor();
    // what nobody owns is read by itself
    await items.first().getByRole('link', { name: 'web' }).waitFor();
    const named = await items.evaluateAll((all) =>
      all.map((item) => `${item.querySelector('.kind').textContent} ${item.querySelector('a').textContent}`),
    );
    assert.deepEqual(named, ['Deployment web', 'ReplicaSet web-1', 'Pod web-1-a', 'Pod web-1-b']);
    await items.nth(2).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => document.querySelectorAll('[role=treeitem]').length === 2);
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.waitForURL(/deployments\/ns\/shop\/web/);
  });

  test('an owner that was not read yet is not said to be missing, and is read also of a server that was away', async () => {
    const { page, visit, context } = await opened.signIn();
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    let asked = 0;
    await page.route('**/deployments/web?includeObject=*', async (route) => {
      if (++asked === 1) return await route.abort();
      await held;
      await route.continue();
    });
    await visit('/r/core/v1/pods/ns/shop/web-1-a?tab=tree');
    const owner = page.getByRole('treeitem').first();
    await page.getByRole('treeitem', { name: /web-1-b/ }).waitFor();
    await env.eventually(() => asked > 1);
    assert.equal(await owner.getByText('missing').count(), 0);
    answer();
    await owner.getByRole('link', { name: 'web' }).waitFor();
    await context.close();
  });

  test('an owner that is not there is said to be missing', async () => {
    const { page, visit } = tab;
    const lost = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'lost',
      uid: '00000000-0000-4000-8000-000000000000',
    };
    await client.create(pod('lone', [lost]));
    await visit('/r/core/v1/pods/ns/shop/lone?tab=tree');
    await page.getByRole('treeitem', { name: /lost/ }).getByText('missing').waitFor();
  });

  test('a pod that comes is in the tree at once', async () => {
    const { page, visit } = tab;
    await visit(`${web}?tab=tree`);
    await page.getByText('3 objects below').waitFor();
    const rs = await client.get({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, { name: 'web-1', namespace: 'shop' });
    await client.create(pod('web-1-c', [ownerOf(rs)]));
    await page.getByText('4 objects below').waitFor();
    await page.getByRole('treeitem', { name: /web-1-c/ }).waitFor();
  });

  test('what is related is not said to be nothing where the server does not answer', async () => {
    const { page, visit, context } = await opened.signIn();
    await page.route('**/k8s/api/v1/namespaces/shop/services?*', (route) => route.abort());
    await visit('/r/core/v1/pods/ns/shop/web-1-a?tab=related');
    await page.getByRole('tabpanel').getByRole('alert').waitFor();
    await context.close();
  });

  test('what it names and what names it is related, and what is missing is said', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods/ns/shop/web-1-a?tab=related');
    await page.locator('tr', { hasText: 'settings' }).getByRole('link').waitFor();
    await page.locator('tr', { hasText: 'nowhere' }).getByText('missing').waitFor();
    await page.locator('section', { hasText: 'It is selected by' }).getByRole('link', { name: 'web' }).waitFor();
    await page.getByRole('link', { name: 'settings' }).click();
    await page.getByRole('tab', { name: 'Related' }).click();
    await page.locator('section', { hasText: 'It is named by' }).getByRole('link', { name: 'web-1-a' }).waitFor();
  });

  test('custom objects that mention it are found by their fields, when one asks for that, and said to be a guess', async () => {
    const group = 'example.com';
    const names = { kind: 'Database', listKind: 'DatabaseList', plural: 'databases', singular: 'database' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await env.install({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `databases.${group}` },
      spec: { group, scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] },
    });
    const database = (name, spec) =>
      client.create({ apiVersion: `${group}/v1`, kind: 'Database', metadata: { name, namespace: 'shop' }, spec });
    await database('orders', { tuning: { extraConfigMapRef: { name: 'settings' } } });
    await database('others', { tuning: { extraConfigMapRef: { name: 'elsewhere' } } });
    const { page, visit } = tab;
    await visit('/r/core/v1/configmaps/ns/shop/settings?tab=related');
    const part = page.locator('section.mentions');
    await part.getByText('only its operator knows').waitFor();
    const look = part.getByRole('button', { name: /^Look in \d+ custom kinds?$/ });
    const asked = [];
    const lists = /\/databases\?limit=/;
    await page.route(lists, async (route) => {
      asked.push(route.request().url());
      // of a server that is away, and then back
      await (asked.length === 1 ? route.abort() : route.continue());
    });
    await look.click();
    await part.getByRole('alert').waitFor();
    // twice before it is drawn that it reads
    await look.evaluate((button) => {
      button.click();
      button.click();
    });
    await part.getByRole('link', { name: 'orders' }).waitFor();
    assert.equal(asked.length, 2);
    await page.unroute(lists);
    await part.getByText('spec.tuning.extraConfigMapRef').waitFor();
    assert.equal(await part.getByRole('link').count(), 1);
  });

  test('events that say the same are one line, and new ones come in', async () => {
    const { page, visit } = tab;
    const about = await client.get({ apiVersion: 'v1', kind: 'Pod' }, { name: 'web-1-a', namespace: 'shop' });
    await client.create(event(about, 'Pulled', 2));
    await client.create(event(about, 'Pulled', 3));
    await visit('/r/core/v1/pods/ns/shop/web-1-a?tab=events');
    const row = page.locator('tr', { hasText: 'Pulled' });
    await row.getByRole('cell', { name: '5', exact: true }).waitFor();
    assert.equal(await row.count(), 1);
    await client.create(event(about, 'BackOff', 1));
    await page.locator('tr', { hasText: 'BackOff' }).waitFor();
  });

  test('it follows the object, says when it was deleted, shows it as it was, and when another one is there', async () => {
    const { page, visit } = tab;
    const key = { name: 'short-lived', namespace: 'shop' };
    await client.create({ ...CONFIG_MAP, metadata: key, data: { a: 'one' } });
    await visit('/r/core/v1/configmaps/ns/shop/short-lived');
    await page.getByText('one', { exact: false }).first().waitFor();
    await client.patch(CONFIG_MAP, key, { merge: { data: { a: 'two' } } });
    await page.locator('.line', { hasText: 'a: two' }).waitFor();
    await client.delete(CONFIG_MAP, key);
    await page.getByRole('alert').getByText('was deleted').waitFor();
    await page.locator('.line', { hasText: 'a: two' }).waitFor();
    await client.create({ ...CONFIG_MAP, metadata: key, data: { a: 'three' } });
    await page.getByText('another one of the same name').waitFor();
    await page.locator('.line', { hasText: 'a: three' }).waitFor();
  });

  test('it is shown as it was at a revision, and cannot be edited there', async () => {
    const { page, visit } = tab;
    const key = { name: 'past', namespace: 'shop' };
    const { metadata } = await client.create({ ...CONFIG_MAP, metadata: key, data: { a: 'before' } });
    await client.patch(CONFIG_MAP, key, { merge: { data: { a: 'after' } } });
    await visit(`/r/core/v1/configmaps/ns/shop/past?at=${metadata.resourceVersion}`);
    await page.locator('.line', { hasText: 'a: before' }).waitFor();
    await page.getByText('This is how it was').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Edit/ }).count(), 0);
    await page.keyboard.press('e');
    assert.ok(!page.url().includes('tab=edit'));
  });

  test('values of a secret are masked until they are asked for', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/secrets/ns/shop/creds');
    await page.locator('.line', { hasText: 'token: ' }).waitFor();
    const value = Buffer.from('hunter2').toString('base64');
    assert.equal(await page.getByText(value).count(), 0);
    await page.getByRole('button', { name: 'Show secret values' }).click();
    await page.getByText(value).waitFor();
  });

  test('an integer that a browser would round is shown to its last digit', async () => {
    const { page, visit } = tab;
    await client.create(definition());
    const thing = { apiVersion: 'e.test/v1', kind: 'Thing', metadata: { name: 'big', namespace: 'shop' } };
    await env.eventually(() => client.create({ ...thing, spec: { n: 9007199254740993n } }));
    await visit('/r/e.test/v1/things/ns/shop/big');
    await page.locator('.line', { hasText: '9007199254740993' }).waitFor();
  });

  test('a kind that vanishes while one of its objects is shown is told, and the object stays in sight', async () => {
    const { page } = tab;
    await client.delete(
      { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
      { name: 'things.e.test' },
    );
    await page.getByRole('alert').getByText('was deleted').waitFor();
    // the page learns a moment later that the kind is gone, too
    await page.waitForFunction(() => fetch('/k8s/apis/e.test/v1').then(({ ok }) => !ok));
    await page.waitForResponse((answer) => answer.url().endsWith('/k8s/apis'), { timeout: 5000 }).catch(() => {});
    await page.getByRole('alert').getByText('was deleted').waitFor();
    await page.locator('.line', { hasText: '9007199254740993' }).waitFor();
  });

  test('an object of a megabyte opens, is folded, and is searched', async () => {
    const { page, visit } = tab;
    const data = Object.fromEntries(
      Array.from({ length: 900 }, (_, i) => [`key-${i}`, `${'text '.repeat(220)}\nline\n`]),
    );
    await client.create({ ...CONFIG_MAP, metadata: { name: 'large', namespace: 'shop' }, data });
    await visit('/r/core/v1/configmaps/ns/shop/large');
    await page.locator('.line', { hasText: 'apiVersion' }).waitFor();
    assert.ok((await page.locator('.line').count()) < 200);
    await page.keyboard.press('/');
    await page.keyboard.type('key-899');
    await page.keyboard.press('Enter');
    await page.locator('.line.found', { hasText: 'key-899' }).waitFor();
  });

  test('a role opens from its list whatever it is called', async () => {
    const { page, visit, problems } = tab;
    const kind = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
    const names = ['a\\b', 'a b?c#d&e', 'a:b+c;d,e=f', `a'b"c<d>`, 'a..b', '日本 🚀', '[{a}]|^`'].map(
      (name) => `odd-${name}`,
    );
    for (const name of names) await client.create({ ...kind, metadata: { name }, rules: [] });
    await visit('/r/rbac.authorization.k8s.io/v1/clusterroles?filter=odd-');
    const links = page.locator('.grid-row a').filter({ hasText: 'odd-' });
    await links.nth(names.length - 1).waitFor();
    const hrefs = await links.evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute('href')]));
    assert.deepEqual(hrefs.map(([name]) => name).sort(), [...names].sort());
    for (const [name, path] of hrefs)
      for (const view of ['yaml', 'blame']) {
        await visit(`${path}?tab=${view}`);
        await page.getByRole('heading', { name, exact: true }).waitFor();
        await page.locator('.line').filter({ hasText: 'kind: ClusterRole' }).waitFor();
        assert.equal(await page.getByRole('alert').count(), 0, `${name} ${view}`);
      }
    assert.deepEqual(problems, []);
  });

  test('what there is not, or may not be read, is said', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/configmaps/ns/shop/none');
    await page.getByText('There is no ConfigMap none').waitFor();
    await visit('/r/none/v1/nothings/none');
    await page.getByText('does not serve this kind').waitFor();
    const other = await opened.signIn({ as: { user: 'nobody', groups: ['none'] } });
    await other.visit('/r/core/v1/secrets/ns/shop/creds');
    await other.page.getByText('You may not read it').waitFor();
    assert.deepEqual(other.problems, []);
    await other.context.close();
  });

  for (const [theme, language] of [
    ['light', 'en'],
    ['dark', 'ja'],
  ])
    test(`every view can be read by all, in ${language} and ${theme}`, async () => {
      const other = await opened.signIn({ theme, language });
      for (const view of ['yaml', 'blame', 'events', 'tree', 'related', 'conditions']) {
        await other.visit(`${web}?tab=${view}&lang=${language}`);
        await other.page.getByRole('tabpanel').waitFor();
        await other.page.waitForFunction(() => document.querySelector('.pending') === null);
        assert.deepEqual(await barriers(other.page), [], view);
      }
      if (language === 'ja') await other.page.getByRole('tab', { name: '所有ツリー' }).waitFor();
      assert.deepEqual(other.problems, []);
      await other.context.close();
    });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });
});

const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }) => ({ apiVersion, kind, name, uid, controller: true });

function pod(name, ownerReferences) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: 'web' }, ownerReferences },
    spec: podSpec(),
  };
}

function podSpec() {
  return {
    containers: [{ name: 'web', image: 'web:1', envFrom: [{ configMapRef: { name: 'settings' } }] }],
    volumes: [{ name: 'v', secret: { secretName: 'nowhere' } }],
  };
}

function event({ kind, metadata: { name, namespace, uid } }, reason, count) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: 'e-', namespace },
    involvedObject: { apiVersion: 'v1', kind, name, namespace, uid },
    reason,
    message: `${reason} it`,
    type: 'Normal',
    count,
    source: { component: 'kubelet' },
  };
}

function definition() {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.e.test' },
    spec: {
      group: 'e.test',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { n: { type: 'integer', format: 'int64' } } } },
            },
          },
        },
      ],
    },
  };
}

async function makeShop(client) {
  const selector = { matchLabels: { app: 'web' } };
  const template = { metadata: { labels: { app: 'web' } }, spec: podSpec() };
  const metadata = { name: 'web', namespace: 'shop' };
  const web = await client.apply({ ...DEPLOYMENT, metadata, spec: { selector, template } }, { fieldManager: 'ci' });
  await client.patch(DEPLOYMENT, metadata, { merge: { spec: { replicas: 3 } } }, { fieldManager: 'hand' });
  const rs = await client.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-1', namespace: 'shop', ownerReferences: [ownerOf(web)] },
    spec: { selector, template },
  });
  for (const name of ['web-1-a', 'web-1-b']) await client.create(pod(name, [ownerOf(rs)]));
  await client.create({ ...CONFIG_MAP, metadata: { name: 'settings', namespace: 'shop' }, data: { a: '1' } });
  await client.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'creds', namespace: 'shop' },
    stringData: { token: 'hunter2' },
  });
  await client.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
}
