// An object is edited in a real browser: planned, decided field by field, applied; and whatever goes wrong loses no text.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { readOwnership } from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { barriers, noBrowser, openConsole } from './chromium.mjs';
import { definition } from './cluster.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };

describe('an edit in the console', { skip: noBrowser }, () => {
  let env;
  let client;
  let opened;
  let tab;
  let page;
  let count = 0;

  before(async () => {
    env = await start();
    ({ client } = env);
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    opened = await openConsole(env);
    tab = await opened.signIn();
    ({ page } = tab);
    page.on('dialog', (dialog) => dialog.accept());
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const hrefOf = ({ metadata: { name } }) => `/r/core/v1/configmaps/ns/shop/${name}`;
  const read = ({ metadata: { name } }) => client.get(CONFIG_MAP, { name, namespace: 'shop' });
  const made = async (data, metadata = {}) =>
    await client.apply(
      { ...CONFIG_MAP, metadata: { name: `made-${count++}`, namespace: 'shop', ...metadata }, data },
      { fieldManager: 'ci' },
    );
  const ownedBy = (object, manager) =>
    readOwnership(object)
      .owners.filter((owner) => owner.manager === manager)
      .flatMap(({ fields }) => [...fields.paths()].map(formatPath))
      .filter((path) => path !== '.data' && path !== '.metadata.labels')
      .sort();

  /** Opens the editor, as a person does, with the cursor at its beginning. */
  const edit = async (object) => {
    await tab.visit(hrefOf(object));
    await page.locator('.line').first().waitFor();
    await page.keyboard.press('e');
    await page.locator('.cm-content').waitFor();
    await page.waitForFunction(() => Boolean(document.activeElement?.shadowRoot?.activeElement));
  };
  /** Goes to the end of a line, from 1. */
  const goTo = async (line) => {
    await page.keyboard.press('Control+Home');
    for (let i = 1; i < line; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
  };
  /** Writes something else in place of the last characters of a line. */
  const rewrite = async (line, characters, text) => {
    await goTo(line);
    for (let i = 0; i < characters; i++) await page.keyboard.press('Backspace');
    await page.keyboard.type(text);
  };
  const plan = () => page.getByRole('region', { name: 'Plan' });

  test('a conflict is decided by field, with the keyboard alone, and the server has it so', async () => {
    const object = await made({ a: 'one', b: 'one', c: 'one' });
    await edit(object);
    await rewrite(3, 3, 'two');
    await rewrite(4, 3, 'two');
    await rewrite(5, 3, 'two');
    await page.keyboard.press('Control+Enter');
    await page.getByText('3 conflicts to decide').waitFor();
    // a choice a field: leave, share, take
    for (const steps of [0, 1, 2]) {
      const chosen = () => page.evaluate(() => document.activeElement?.type === 'radio');
      do await page.keyboard.press('Tab');
      while (!(await chosen()));
      await page.keyboard.press('Space');
      for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowRight');
    }
    await page.keyboard.press('Control+Enter');
    await page.getByText(`${object.metadata.name} is applied`).waitFor();
    const after = await read(object);
    assert.deepEqual(after.data, { a: 'one', b: 'one', c: 'two' });
    assert.deepEqual(ownedBy(after, 'nekube-console'), ['.data.b', '.data.c']);
    assert.deepEqual(ownedBy(after, 'ci'), ['.data.a', '.data.b']);
    await page.waitForURL(/tab=blame/);
    await page.locator('.line', { hasText: 'c: two' }).getByText('nekube-console').waitFor();
  });

  test('who adds a field comes to own that field alone', async () => {
    const object = await made({ a: 'one' });
    await edit(object);
    await goTo(3);
    await page.keyboard.press('Enter');
    await page.keyboard.type('b: two');
    await page.keyboard.press('Control+Enter');
    await plan().getByText('.data.b').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('is applied').waitFor();
    assert.deepEqual(ownedBy(await read(object), 'nekube-console'), ['.data.b']);
  });

  test('what is left out and belongs to others stays, until it is taken away from them', async () => {
    const object = await made({ a: 'one', b: 'one' });
    await edit(object);
    await goTo(3);
    await page.keyboard.press('Control+Shift+K');
    await page.keyboard.press('Control+Enter');
    await plan().getByText('Left out, kept by others').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Apply/ }).isDisabled(), true);
    await plan().getByLabel('Remove it all the same').check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('is applied').waitFor();
    assert.deepEqual((await read(object)).data, { b: 'one' });
  });

  test('an object that changes between plan and apply is planned for anew, and nothing is written before', async () => {
    const object = await made({ a: 'one' });
    await edit(object);
    await goTo(3);
    await page.keyboard.press('Enter');
    await page.keyboard.type('b: mine');
    await page.keyboard.press('Control+Enter');
    await plan().getByText('.data.b').waitFor();
    await client.apply(
      { ...CONFIG_MAP, metadata: { name: object.metadata.name, namespace: 'shop' }, data: { b: 'theirs' } },
      { fieldManager: 'other' },
    );
    await page.keyboard.press('Control+Enter');
    await page.getByRole('alert').getByText('changed after the plan').waitFor();
    await page.getByText('1 conflict to decide').waitFor();
    assert.equal((await read(object)).data.b, 'theirs');
    await plan().getByLabel('Take it').check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('is applied').waitFor();
    assert.equal((await read(object)).data.b, 'mine');
  });

  test('a newer version is told while one edits, and merged where it is about other lines', async () => {
    const object = await made({ a: 'one', z: 'one' });
    await edit(object);
    await rewrite(3, 3, 'mine');
    await client.patch(
      CONFIG_MAP,
      { name: object.metadata.name, namespace: 'shop' },
      { merge: { metadata: { labels: { x: 'new' } } } },
    );
    await page.getByText('The object has changed since you began').waitFor();
    await page.getByRole('button', { name: 'Load the newer one' }).click();
    await page.locator('.cm-line', { hasText: 'x: new' }).waitFor();
    await page.locator('.cm-line', { hasText: 'a: mine' }).waitFor();
  });

  test('what is no YAML, and what the schema does not have, is at its line', async () => {
    const object = await made({ a: 'one' });
    await edit(object);
    await rewrite(3, 3, '[');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('alert').getByText('1 error in the text').waitFor();
    await rewrite(3, 1, 'one');
    await goTo(4);
    await page.keyboard.press('Enter');
    await page.keyboard.type('dat: 1');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('alert').getByRole('button', { name: 'Line 5' }).waitFor();
    await page.locator('.cm-line', { hasText: 'dat: 1' }).waitFor();
  });

  test('fields are completed from the schema', async () => {
    const metadata = { name: 'completed', namespace: 'shop' };
    const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', image: 'x' }] } };
    await client.create({ ...DEPLOYMENT, metadata, spec: { selector: { matchLabels: { app: 'x' } }, template } });
    await tab.visit('/r/apps/v1/deployments/ns/shop/completed?tab=edit');
    await page.locator('.cm-content').waitFor();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('spe');
    await page.keyboard.press('Escape');
    await page.locator('.cm-line', { hasText: 'replicas: 1' }).click();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('minR');
    // asked for by keys, too: the schema may come after the last letter
    const offered = page.locator('.cm-tooltip-autocomplete li', { hasText: 'minReadySeconds' });
    await env.eventually(async () => {
      await page.keyboard.press('Control+Space');
      await offered.waitFor({ timeout: 1000 });
    });
  });

  test('what was typed is there after the page was loaded anew, and goes when it is discarded', async () => {
    const object = await made({ a: 'one' });
    await edit(object);
    await rewrite(3, 3, 'typed before');
    await page.waitForFunction(() => Object.values(sessionStorage).some((kept) => kept.includes('typed before')));
    await page.reload();
    await page.locator('.cm-line', { hasText: 'typed before' }).waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.locator('.line').first().waitFor();
    await page.keyboard.press('e');
    await page.locator('.cm-line', { hasText: 'a: one' }).waitFor();
  });

  test('the tab of what was typed stays when the editor is left, until it is discarded', async () => {
    const object = await made({ a: 'one' });
    await edit(object);
    await rewrite(3, 3, 'typed and left');
    await page.getByRole('tab', { name: 'YAML' }).click();
    await page.locator('.line').first().waitFor();
    await page.getByRole('tab', { name: 'Edit' }).click();
    await page.locator('.cm-line', { hasText: 'typed and left' }).waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.locator('.line').first().waitFor();
    await page.getByRole('tab', { name: 'Edit' }).waitFor({ state: 'detached' });
  });

  test('what was typed is there after back and forward, through the list and the object', async () => {
    const object = await made({ a: 'one' });
    await tab.visit('/r/core/v1/configmaps/ns/shop?filter=made');
    await page.getByRole('link', { name: object.metadata.name, exact: true }).click();
    await page.locator('.line').first().waitFor();
    await page.keyboard.press('e');
    await page.locator('.cm-content').waitFor();
    await page.waitForFunction(() => Boolean(document.activeElement?.shadowRoot?.activeElement));
    await rewrite(3, 3, 'typed before');
    await page.goBack();
    await page.locator('.line').first().waitFor();
    await page.goBack();
    await page.waitForURL(/configmaps\/ns\/shop\?filter=made$/);
    await page.getByRole('grid').waitFor();
    await page.goForward();
    await page.locator('.line').first().waitFor();
    await page.goForward();
    await page.locator('.cm-line', { hasText: 'typed before' }).waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('a secret shows its values only to who asks, and is written down nowhere', async () => {
    const metadata = { name: 'creds', namespace: 'shop' };
    await client.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: 'hunter2' } });
    const value = Buffer.from('hunter2').toString('base64');
    await tab.visit('/r/core/v1/secrets/ns/shop/creds?tab=edit');
    await page.getByText('shows its values').waitFor();
    assert.equal(await page.getByText(value).count(), 0);
    await page.getByRole('button', { name: 'Show them and edit' }).click();
    await page.locator('.cm-line', { hasText: value }).click();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('more: b25l');
    await page.getByRole('tab', { name: 'YAML' }).click();
    await page.locator('.line').first().waitFor();
    assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes('b25l')), false);
    await page.keyboard.press('e');
    await page.getByRole('button', { name: 'Show them and edit' }).click();
    await page.locator('.cm-line', { hasText: 'more: b25l' }).click();
    await page.keyboard.press('Control+Enter');
    await plan().getByText('.data.more').waitFor();
    assert.equal(await plan().getByText('b25l').count(), 0);
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('a server that is away, and one that forbids, say so, and the text stays', async () => {
    const object = await made({ a: 'one' });
    // before the page is opened: one that is open may send what it sends next the way that was before
    await page.route('**/console/edit/*', (route) => route.abort());
    try {
      await edit(object);
      await rewrite(3, 3, 'kept');
      await page.keyboard.press('Control+Enter');
      await page.getByRole('alert').getByText('does not answer').waitFor();
    } finally {
      await page.unroute('**/console/edit/*');
    }
    await page.locator('.cm-line', { hasText: 'a: kept' }).waitFor();

    await client.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
    });
    await client.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'readers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'rita' }],
    });
    const other = await opened.signIn({ as: { user: 'rita', groups: [] } });
    await other.visit(`${hrefOf(object)}?tab=edit`);
    await other.page.locator('.cm-content').waitFor();
    await other.page.keyboard.press('Control+Home');
    await other.page.keyboard.type('# hers\n');
    await other.page.locator('.cm-line', { hasText: 'a: one' }).click();
    await other.page.keyboard.press('End');
    await other.page.keyboard.type('s');
    await other.page.keyboard.press('Control+Enter');
    await other.page.getByRole('alert').getByText('You may not do this').waitFor();
    await other.page.locator('.cm-line', { hasText: '# hers' }).waitFor();
    await other.context.close();
  });

  test('integers that a browser would round come through an edit to their last digit', async () => {
    const thing = { apiVersion: 'e.test/v1', kind: 'Thing', metadata: { name: 'big', namespace: 'shop' } };
    await client.create(definition('things', 'Thing'));
    const spec = { stays: 9007199254740993n, changes: -9223372036854775807n, list: [9007199254740995n] };
    await env.eventually(() => client.apply({ ...thing, spec }, { fieldManager: 'ci' }));
    await tab.visit('/r/e.test/v1/things/ns/shop/big?tab=edit');
    await page.locator('.cm-line', { hasText: 'stays: 9007199254740993' }).waitFor();
    await rewrite(7, 1, '5');
    await page.locator('.cm-line', { hasText: 'changes: -9223372036854775805' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await plan().getByText('-9223372036854775807').waitFor();
    await plan().getByText('-9223372036854775805').waitFor();
    await plan().getByLabel('Take it').first().check();
    await page.keyboard.press('Control+Enter');
    await page.getByText('big is applied').waitFor();
    const after = await client.get(thing, thing.metadata);
    assert.deepEqual(after.spec, { ...spec, changes: -9223372036854775805n });
    await page.locator('.line', { hasText: 'changes: -9223372036854775805' }).getByText('nekube-console').waitFor();
    await tab.visit('/r/e.test/v1/things?cols=name,.spec.stays');
    await page.getByRole('gridcell', { name: '9007199254740993' }).waitFor();
    await client.patch(thing, thing.metadata, { merge: { spec: { stays: 9007199254740997n } } });
    await page.getByRole('gridcell', { name: '9007199254740997' }).waitFor();
  });

  test('an object that is edited in two tabs is not written over unseen', async () => {
    const object = await made({ a: 'one', b: 'one' });
    const other = await tab.context.newPage();
    for (const one of [page, other]) {
      await one.goto(`${opened.console.url}${hrefOf(object)}?tab=edit`);
      await one.locator('.cm-content').waitFor();
      await one.waitForFunction(() => Boolean(document.activeElement?.shadowRoot?.activeElement));
    }
    await other.bringToFront();
    await other.locator('.cm-line', { hasText: 'a: one' }).click();
    await other.keyboard.press('End');
    await other.keyboard.type(' of the second');
    await page.bringToFront();
    await rewrite(3, 3, 'of the first');
    // both have planned before either applies
    for (const one of [page, other]) {
      await one.bringToFront();
      await one.keyboard.press('Control+Enter');
      await one.getByText('1 conflict to decide').waitFor();
      await one.getByLabel('Take it').check();
    }
    await page.bringToFront();
    await page.keyboard.press('Control+Enter');
    await page.getByText('is applied').waitFor();
    await other.bringToFront();
    await other.getByText('The object has changed since you began').waitFor();
    await other.keyboard.press('Control+Enter');
    await other.getByText('Nothing was written').or(other.getByText('so nothing was written')).waitFor();
    assert.equal((await read(object)).data.a, 'of the first');
    await other.getByRole('region', { name: 'Plan' }).getByText('of the first').waitFor();
    await other.close();
  });

  test('a new object is made of a template', async () => {
    await tab.visit('/create?kind=core/v1/configmaps&namespace=shop');
    await page.locator('.cm-content').waitFor();
    await rewrite(4, 2, 'brand-new');
    await page.keyboard.press('Control+Enter');
    await page.getByText('A new object').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(/configmaps\/ns\/shop\/brand-new/);
    assert.deepEqual((await read({ metadata: { name: 'brand-new' } })).data, { key: 'value' });
  });

  test('what changed since it was looked at is not deleted, until that is said', async () => {
    const object = await made({ a: 'one' });
    await tab.visit(hrefOf(object));
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: /Delete ConfigMap/ });
    await dialog.waitFor();
    await client.patch(
      CONFIG_MAP,
      { name: object.metadata.name, namespace: 'shop' },
      { merge: { data: { a: 'two' } } },
    );
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('alert').getByText('changed since you looked').waitFor();
    assert.equal((await read(object)).data.a, 'two');
    await dialog.getByRole('button', { name: 'Delete it as it is now' }).click();
    await page.getByRole('alert').getByText('was deleted').waitFor();
    await assert.rejects(read(object), /not found/);
  });

  test('several are deleted from a list when their number is typed; what changed meanwhile stays, and is named', async () => {
    for (const name of ['many-1', 'many-2', 'many-3'])
      await client.create({ ...CONFIG_MAP, metadata: { name, namespace: 'shop' }, data: {} });
    await tab.visit('/r/core/v1/configmaps/ns/shop?filter=many-');
    await page.getByRole('row', { name: /many-3/ }).waitFor();
    await page
      .getByRole('row', { name: /many-1/ })
      .getByRole('checkbox')
      .click();
    await page
      .getByRole('row', { name: /many-2/ })
      .getByRole('checkbox')
      .click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 2 objects?' });
    const remove = dialog.getByRole('button', { name: 'Delete', exact: true });
    assert.equal(await remove.isDisabled(), true);
    await client.patch(CONFIG_MAP, { name: 'many-2', namespace: 'shop' }, { merge: { data: { a: 'new' } } });
    await page.keyboard.type('2');
    await remove.click();
    await dialog.getByRole('alert').getByText('many-2: It changed').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const { items } = await client.list(CONFIG_MAP, { namespace: 'shop' });
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('many-')),
      ['many-2', 'many-3'],
    );
  });

  test('a deployment is scaled and restarted', async () => {
    const key = { name: 'completed', namespace: 'shop' };
    await tab.visit('/r/apps/v1/deployments/ns/shop/completed');
    await page.getByRole('button', { name: 'Scale…' }).click();
    await page.getByLabel('Replicas').fill('4');
    await page.getByRole('button', { name: 'Scale', exact: true }).click();
    await page.getByText('completed is scaled to 4').waitFor();
    await page.getByRole('button', { name: 'Restart…' }).click();
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByText('completed restarts').waitFor();
    const { spec } = await client.get(DEPLOYMENT, key);
    assert.equal(spec.replicas, 4);
    assert.ok(spec.template.metadata.annotations['kubectl.kubernetes.io/restartedAt']);
  });

  test('an object of a megabyte is edited', async () => {
    const data = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`key-${i}`, `${'text '.repeat(220)}\n`]));
    const object = await made({ a: 'one', ...data });
    await edit(object);
    await rewrite(3, 3, 'two');
    await page.keyboard.press('Control+Enter');
    await page.getByText('1 conflict to decide').waitFor({ timeout: 60_000 });
    await plan().getByLabel('Take it').check();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('is applied').waitFor();
    assert.equal((await read(object)).data.a, 'two');
  });

  for (const [theme, language] of [
    ['light', 'en'],
    ['dark', 'ja'],
  ])
    test(`an edit can be made by all, in ${language} and ${theme}`, async () => {
      const object = await made({ a: 'one' });
      const other = await opened.signIn({ theme, language });
      await other.visit(`${hrefOf(object)}?tab=edit&lang=${language}`);
      await other.page.locator('.cm-line', { hasText: 'a: one' }).click();
      await other.page.keyboard.press('End');
      await other.page.keyboard.type('s');
      await other.page.keyboard.press('Control+Enter');
      await other.page.locator('.contested').waitFor();
      assert.deepEqual(await barriers(other.page), []);
      if (language === 'ja') await other.page.getByLabel('取得する').waitFor();
      assert.deepEqual(other.problems, []);
      await other.context.close();
    });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });
});
