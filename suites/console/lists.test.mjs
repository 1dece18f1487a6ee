// Lists and the overview in a real browser: by address, live, filtered, of the past, and through what happens to servers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { freePort } from '../../tools/free-ports.mjs';
import { barriers, noBrowser, openConsole } from './chromium.mjs';
import { breakable, definition, makePods, pod } from './cluster.mjs';

const VIEWER = { user: 'victor', groups: ['nobodies'] };

describe('lists in the console', { skip: noBrowser }, () => {
  let env;
  let client;
  let opened;
  let tab;
  let server;

  before(async () => {
    env = await start();
    ({ client } = env);
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await makePods(client, 'shop', 1200);
    server = breakable(client.transport);
    opened = await openConsole({ client: { transport: server.transport } });
    tab = await opened.signIn();
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const count = (page, text) => page.locator('.count').getByText(text, { exact: true }).waitFor();

  test('the overview tells what there is, and follows', async () => {
    const { page, visit } = tab;
    await visit('/');
    const pods = page.locator('.counts a', { has: page.getByText('Pod', { exact: true }) });
    await pods.getByText('1,200').waitFor();
    await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'fresh', namespace: 'shop' } });
    await page.getByRole('link', { name: 'fresh' }).waitFor();
  });

  test('a list comes in pages, and only rows that are seen are drawn', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods');
    await count(page, '1,200 objects');
    const grid = page.getByRole('grid', { name: 'List of Pod' });
    assert.equal(await grid.getAttribute('aria-rowcount'), '1201');
    assert.ok((await page.getByRole('row').count()) < 100);
  });

  test('a change is seen at once', async () => {
    const { page } = tab;
    await client.create(pod('shop', 'aaa-new'));
    await row(page, 'aaa-new').waitFor();
    await count(page, '1,201 objects');
    await client.delete(
      { apiVersion: 'v1', kind: 'Pod' },
      { name: 'aaa-new', namespace: 'shop' },
      { gracePeriodSeconds: 0 },
    );
    await row(page, 'aaa-new').waitFor({ state: 'detached' });
    await count(page, '1,200 objects');
  });

  test('a filter is in the address, and an address is a filter', async () => {
    const { page, visit } = tab;
    await page.getByRole('combobox', { name: 'Filter' }).fill('app=web web-11');
    await count(page, '56 of 1,200');
    await page.waitForURL(/filter=app/);
    await visit('/r/core/v1/pods?filter=app=web web-11');
    await count(page, '56 of 1,200');
    await visit('/r/core/v1/pods?filter=spec.nodeName=node-3 name=web-*3');
    await count(page, '120 of 1,200');
  });

  test('what is typed is completed: names, labels, values and fields, by keys alone', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods');
    await count(page, '1,200 objects');
    const field = page.getByRole('combobox', { name: 'Filter' });
    const offered = page.getByRole('option');
    const active = () =>
      field.evaluate((input) => document.getElementById(input.getAttribute('aria-activedescendant'))?.textContent);
    await field.pressSequentially('ap');
    await offered.first().waitFor();
    assert.deepEqual(await offered.allTextContents(), ['app1200']);
    assert.equal(await active(), undefined);
    await page.keyboard.press('ArrowDown');
    assert.equal(await active(), 'app1200');
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'web' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.press('Tab');
    assert.equal(await field.inputValue(), 'app=web');
    await count(page, '600 of 1,200');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    await field.pressSequentially(' -spec.node');
    await page.getByRole('option', { name: 'spec.nodeName' }).click();
    assert.equal(await field.inputValue(), 'app=web -spec.nodeName=');
    // esc closes what is offered, then clears the field
    await field.fill('app=web sta');
    await page.getByRole('option', { name: 'status' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
    assert.equal(await field.inputValue(), 'app=web sta');
    await page.keyboard.press('Escape');
    assert.equal(await field.inputValue(), '');
  });

  test('what is wrong in a filter is said below it, and the rest holds', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods');
    await count(page, '1,200 objects');
    await page.getByRole('combobox', { name: 'Filter' }).fill('restarts>many web-119');
    await page.getByRole('alert').getByText('many cannot be compared').waitFor();
    await count(page, '6 of 1,200');
  });

  test('order, columns and selection are in the address; back and forward go through views', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods/ns/shop?sort=-name&cols=name,label:app,.spec.nodeName&sel=web-1199');
    const first = page.getByRole('row').nth(1);
    await first.getByText('web-1199').waitFor();
    await page.locator('[aria-selected=true]', { hasText: 'web-1199' }).waitFor();
    await first.getByText('node-9').waitFor();
    await page.getByRole('columnheader', { name: 'app' }).waitFor();
    await page.getByRole('link', { name: 'web-1199', exact: true }).click();
    await page.waitForURL(/\/web-1199$/);
    await page.goBack();
    await page.getByRole('row').nth(1).getByText('web-1199').waitFor();
    await page.getByRole('button', { name: 'app', exact: true }).click();
    await page.waitForURL(/sort=label:app/);
    await page.getByRole('row').nth(1).getByText('db-0').waitFor();
  });

  test('a column is made wider by mouse and by keys, stays so, and gets its own width back', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods/ns/shop');
    const head = page.getByRole('columnheader', { name: 'Status' });
    const handle = page.getByRole('slider', { name: 'Width of the column Status' });
    const width = async () => Math.round((await head.boundingBox()).width);
    const before = await width();
    const { x, y, width: own, height } = await handle.boundingBox();
    await page.mouse.move(x + own / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + own / 2 + 60, y + height / 2, { steps: 3 });
    await page.mouse.up();
    assert.equal(await width(), before + 60);
    await handle.focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await width(), before + 44);
    await page.reload();
    await head.waitFor();
    assert.equal(await width(), before + 44);
    await handle.focus();
    await page.keyboard.press('Delete');
    await page.waitForFunction(
      (px) =>
        Math.round(
          document.querySelector('[role=columnheader]:has([aria-label$=Status])').getBoundingClientRect().width,
        ) === px,
      before,
    );
  });

  test('a state of before is shown, and nothing of it changes', async () => {
    const { page, visit } = tab;
    const { revision } = await historyOf(page);
    await client.create(pod('shop', 'aab-later'));
    await visit(`/r/core/v1/pods?at=${revision}&filter=aab`);
    await page.getByText(`revision ${revision}`).first().waitFor();
    await count(page, '0 of 1,200');
    await page.getByRole('button', { name: 'Back to now' }).first().click();
    await count(page, '1 of 1,201');
  });

  test('a list that was empty then says so, and leads to what is there now', async () => {
    const { page, visit } = tab;
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'late' } });
    const { revision } = await historyOf(page);
    await client.create(pod('late', 'aad-later'));
    await visit(`/r/core/v1/pods/ns/late?at=${revision}`);
    await page.getByText('There was no Pod in late').waitFor();
    assert.equal(await page.getByText('appears here at once').count(), 0);
    await page.locator('.notice').getByRole('button', { name: 'Back to now' }).click();
    await row(page, 'aad-later').waitFor();
    await client.delete(
      { apiVersion: 'v1', kind: 'Pod' },
      { name: 'aad-later', namespace: 'late' },
      { gracePeriodSeconds: 0 },
    );
  });

  test('what is too old, may not be seen, or is not served is said, with what to do', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods?at=999999999');
    await page.getByRole('alert').getByText('There is no state of that moment').waitFor();
    await visit('/r/none.test/v1/nothings');
    await page.getByText('The server does not serve nothings').waitFor();
    await visit('/nowhere');
    await page.getByText('There is no such page').waitFor();
    const other = await opened.signIn({ as: VIEWER });
    await other.visit('/r/core/v1/pods/ns/shop');
    await other.page.getByText('You may not list Pod').waitFor();
    await other.page.getByText('kubectl auth can-i list pods -n shop').waitFor();
    assert.deepEqual(other.problems, []);
    await other.context.close();
  });

  test('a moment that the history lost is said for a list and for an object, with the way to the oldest and to now', async () => {
    const { page, visit } = tab;
    const { revision } = await historyOf(page);
    const gone = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 410,
      reason: 'Expired',
      message: 'compacted',
    };
    const lost = (url) => url.searchParams.get('resourceVersion') === revision && url.pathname.includes('pods');
    await page.route(lost, (route) => route.fulfill({ status: 410, json: gone }));
    for (const path of ['/r/core/v1/pods?filter=name=web-1&', '/r/core/v1/pods/ns/shop/web-1?']) {
      await visit(`${path}at=${revision}`);
      await page.getByRole('alert').getByText('The history does not reach back so far').waitFor();
      await page.getByRole('button', { name: 'Show the oldest state' }).waitFor();
      await page.locator('.notice').getByRole('button', { name: 'Back to now' }).click();
      await page.getByText('web-1', { exact: true }).first().waitFor();
    }
    await page.unroute(lost);
  });

  test('who may list and not watch sees the list, and that it is not followed', async () => {
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    const group = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'listers' };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'lister' };
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'lister' } };
    await client.create({ ...rbac, kind: 'ClusterRole', rules });
    await client.create({ ...rbac, kind: 'ClusterRoleBinding', roleRef, subjects: [group] });
    const other = await opened.signIn({ as: { user: 'lisa', groups: ['listers'] } });
    await other.visit('/r/core/v1/configmaps/ns/shop');
    await row(other.page, 'fresh').waitFor();
    await other.page.getByRole('img', { name: 'Not followed' }).waitFor();
    await other.context.close();
  });

  test('a kind that is defined can be listed at once, and one that goes is said where it is shown', async () => {
    const { page, visit } = tab;
    await visit('/r/e.test/v1/gizmos');
    await page.getByText('The server does not serve').waitFor();
    await client.create(definition('gizmos', 'Gizmo'));
    await page.getByText('There is no Gizmo').waitFor();
    await client.create({ apiVersion: 'e.test/v1', kind: 'Gizmo', metadata: { name: 'one', namespace: 'shop' } });
    await row(page, 'one').waitFor();
    const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    await client.delete(kind, { name: 'gizmos.e.test' });
    await page.getByText('The server does not serve').waitFor();
  });

  test('a kind that a busy server serves long after it was defined can be listed, too', async () => {
    const { page, visit } = tab;
    await visit('/r/e.test/v1/snails');
    await page.getByText('The server does not serve').waitFor();
    let isServed = false;
    await page.route('**/k8s/apis', async (route) => {
      const response = await route.fetch();
      const { items, ...list } = await response.json();
      const served = items.filter(({ metadata: { name } }) => isServed || name !== 'e.test');
      await route.fulfill({ response, json: { ...list, items: served } });
    });
    await client.create(definition('snails', 'Snail'));
    const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    await env.eventually(async () => {
      const { status } = await client.get(kind, { name: 'snails.e.test' });
      assert.ok(status.conditions.some(({ type, status: is }) => type === 'Established' && is === 'True'));
    });
    await sleep(3000);
    isServed = true;
    await page.getByText('There is no Snail').waitFor();
    await page.unroute('**/k8s/apis');
    await client.delete(kind, { name: 'snails.e.test' });
  });

  test('a cluster that goes away and comes back is waited for, and what was missed is there', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods?filter=aac');
    await page.getByRole('img', { name: 'Live' }).waitFor();
    server.breakDown();
    await page.getByRole('img', { name: 'Waiting for the server' }).waitFor();
    await client.create(pod('shop', 'aac-missed'));
    server.mend();
    await row(page, 'aac-missed').waitFor();
    await page.getByRole('img', { name: 'Live' }).waitFor();
  });

  test('the overview waits for a cluster that is away, says so, and then shows what was missed', async () => {
    const { page, visit } = tab;
    await visit('/');
    await page.getByRole('link', { name: 'fresh' }).waitFor();
    server.breakDown();
    await page.getByRole('status').getByText('may be old').waitFor();
    await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'missed-here', namespace: 'shop' } });
    server.mend();
    await page.getByRole('link', { name: 'missed-here' }).waitFor();
    await page.getByText('may be old').waitFor({ state: 'detached' });
  });

  test('a cluster of many kinds leaves watches for other views', async () => {
    for (let i = 0; i < 120; i++) await client.create(definition(`many${i}s`, `Many${i}`));
    const page = await tab.context.newPage();
    const open = new Set();
    let refused = 0;
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        const { id, cancel } = JSON.parse(payload);
        if (cancel) open.delete(cancel);
        else open.add(id);
      });
      socket.on('framereceived', ({ payload }) => {
        if (/"code":429/.test(payload)) refused++;
      });
    });
    await page.goto(`${opened.console.url}/`);
    await page.locator('section[aria-labelledby=counts][aria-busy=false]').waitFor();
    assert.ok(open.size > 50 && open.size <= 120, `${open.size} watches`);
    assert.equal(refused, 0);
    await page.close();
    const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    for (let i = 0; i < 120; i++) await client.delete(kind, { name: `many${i}s.e.test` });
  });

  test('a kind that is defined after the cluster was away can be listed', async () => {
    const { page, visit } = tab;
    const watches = page.waitForEvent('websocket');
    await visit('/r/e.test/v1/laters');
    await page.getByText('The server does not serve').waitFor();
    const lost = (await watches).waitForEvent('framereceived', ({ payload }) => /"end":/.test(payload));
    server.breakDown();
    await lost;
    server.mend();
    await client.create(definition('laters', 'Later'));
    await page.getByText('There is no Later').waitFor();
  });

  test('a console that restarts is said, and the page goes on when one has signed in again', async () => {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const own = await startConsole({ transport: client.transport, listen });
    const context = await opened.browser.newContext();
    const page = await context.newPage();
    await page.goto(own.link());
    await page.waitForURL(`${own.url}/`);
    await page.goto(`${own.url}/r/core/v1/pods?filter=aac`);
    await row(page, 'aac-missed').waitFor();
    await own.close();
    await page.getByText(/The connection to the console was lost|You are not signed in/).waitFor();
    const next = await startConsole({ transport: client.transport, listen });
    await page.getByText('You are not signed in').waitFor();
    const second = await context.newPage();
    await second.goto(next.link());
    await second.waitForURL(`${next.url}/`);
    await second.close();
    await row(page, 'aac-missed').waitFor();
    assert.match(page.url(), /filter=aac/);
    await context.close();
    await next.close();
  });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });

  const historyOf = async (page) => {
    const history = await page.evaluate(async () => (await fetch('/console/history')).json());
    return history.newest;
  };
});
