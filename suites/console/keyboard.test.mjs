// The console without a pointer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { noBrowser, openConsole } from './chromium.mjs';
import { makePods } from './cluster.mjs';

describe('the console by keys alone', { skip: noBrowser }, () => {
  let env;
  let opened;
  let tab;

  before(async () => {
    env = await start();
    for (const name of ['shop', 'payments'])
      await env.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await makePods(env.client, 'shop', 120);
    opened = await openConsole(env);
    tab = await opened.signIn();
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const press = async (...keys) => {
    for (const key of keys) await tab.page.keyboard.press(key);
  };
  /** One key after the other without a wait between them: a sequence has its time. */
  const strike = (...keys) => Promise.all(keys.map((key) => tab.page.keyboard.press(key)));
  const cursor = () => tab.page.locator('.grid-row.cursor a').textContent();
  const at = (pattern) => tab.page.waitForURL(pattern);

  test('g and a letter go to a kind, and home', async () => {
    const { page, visit } = tab;
    await visit('/');
    await page.getByRole('link', { name: 'Pod', exact: true }).first().waitFor();
    await strike('g', 'p');
    await at(/\/r\/core\/v1\/pods$/);
    await page.getByText('120 objects').waitFor();
    await strike('g', 'h');
    await at(/\/$/);
    await strike('g', 'p');
    await page.getByText('120 objects').waitFor();
  });

  test('arrows, letters and pages walk the rows, and the grid tells which it is', async () => {
    const { page } = tab;
    await press('j', 'j', 'ArrowDown', 'k');
    assert.equal(await cursor(), 'db-4');
    await press('End');
    assert.equal(await cursor(), 'web-119');
    await press('Home', 'PageDown', 'PageUp');
    assert.equal(await cursor(), 'db-0');
    const active = await page.getByRole('grid').getAttribute('aria-activedescendant');
    assert.match(await page.locator(`[id="${active}"]`).textContent(), /db-0/);
  });

  test('/ filters, enter goes on to the rows, x selects, enter opens, and back is as it was', async () => {
    const { page } = tab;
    await press('/');
    await page.keyboard.type('web-11');
    await press('Enter', 'x', 'ArrowDown');
    assert.equal(await cursor(), 'web-111');
    await page.getByText('1 selected').waitFor();
    await press('Shift+ArrowDown');
    await page.getByText('3 selected').waitFor();
    await at(/sel=shop\/web-11/);
    await press('Enter');
    await at(/\/ns\/shop\/web-113/);
    await page.goBack();
    await page.getByText('3 selected').waitFor();
    await press('Escape');
    await page.getByText('6 of 120').waitFor();
    await press('Escape');
    await page.getByText('120 objects').waitFor();
  });

  test('what a dialog covers gets no key, and esc gives the focus back', async () => {
    const { page } = tab;
    await press('?');
    const map = page.getByRole('dialog', { name: 'Keyboard' });
    await map.getByText('Go to Deployment').waitFor();
    assert.equal(await map.evaluate((one) => one.scrollTop), 0, 'the keys of this view stand first');
    await press('g', 'd', 'Escape');
    await map.waitFor({ state: 'detached' });
    assert.match(page.url(), /pods/);
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'grid');
  });

  test('the palette goes to kinds by their short names, to namespaces and to objects, and switches the theme', async () => {
    const { page } = tab;
    const field = page.getByRole('dialog').getByRole('combobox');
    const choose = async (text, option) => {
      await press('Control+k');
      await field.fill(text);
      await page.getByRole('option', { name: option }).first().waitFor();
      await press('Enter');
      await field.waitFor({ state: 'detached' });
    };
    await choose('web-77', /web-77/);
    await at(/\/web-77$/);
    await choose('sts', /StatefulSet/);
    await at(/statefulsets/);
    await choose('payments', /payments/);
    await at(/statefulsets\/ns\/payments/);
    await choose('theme: dark', /Dark/);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.equal(await page.evaluate(() => localStorage.getItem('theme')), 'dark');
  });

  test('the palette finds an object of a kind whose list was never opened', async () => {
    const { page } = tab;
    const metadata = { name: 'far-settings', namespace: 'payments' };
    await env.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await tab.visit('/r/core/v1/nodes');
    await page.getByRole('heading', { name: 'Node', exact: true }).waitFor();
    await press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('far-set');
    await page.getByRole('option', { name: 'far-settings ConfigMap · payments' }).waitFor();
    await press('Enter');
    await at(/configmaps\/ns\/payments\/far-settings$/);
  });

  test('the palette finds a language by its English name, too', async () => {
    const { page } = tab;
    await press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('japan');
    await page.getByRole('option', { name: '日本語' }).waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('the namespace is chosen by n, and links keep it', async () => {
    const { page } = tab;
    await tab.visit('/r/core/v1/pods');
    await page.getByText('120 objects').waitFor();
    await press('n');
    await page.keyboard.type('shop');
    await page.getByRole('option', { name: 'shop' }).waitFor();
    await press('Enter');
    await at(/pods\/ns\/shop/);
    await page.getByText('120 objects').waitFor();
    await strike('g', 'd');
    await at(/deployments\/ns\/shop/);
  });

  test('tab begins with a link past the sidebar', async () => {
    const { page, visit } = tab;
    await visit('/r/core/v1/pods');
    await page.getByText('120 objects').waitFor();
    await press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
    await press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });
});
