// The console under quick hands: what a key means is what it means after all keys before it, drawn or not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from 'nekube/envtest';
import { syncKeps } from 'nekube/kep';
import { installWeekly, STORY, VOTE } from 'nekube/weekly';
import { noBrowser, openConsole } from './chromium.mjs';
import { makePods, pod } from './cluster.mjs';
import { madeUpKeps } from './made-up-keps.mjs';
import { strike, strikeAtOnce } from './quick-hands.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };

describe('the console under quick hands', { skip: noBrowser }, () => {
  let env;
  let client;
  let opened;
  let tab;
  let page;

  before(async () => {
    env = await start();
    ({ client } = env);
    for (const name of ['shop', 'payments'])
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await makePods(client, 'shop', 40);
    await makeWeb(client);
    opened = await openConsole(env);
    tab = await opened.signIn();
    ({ page } = tab);
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  const pathname = () => new URL(page.url()).pathname;
  /** All that keys asked for is done: frames are drawn, timers that follow what is typed have run. */
  const settled = () =>
    page.evaluate(async () => {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    });
  const pods = async (query = '') => {
    await tab.visit(`/r/core/v1/pods/ns/shop${query}`);
    await page.locator('.grid-row a').first().waitFor();
    await page.getByRole('img', { name: 'Live' }).waitFor();
  };
  const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className);

  describe('in a tree', () => {
    const open = async () => {
      await tab.visit('/r/core/v1/pods/ns/payments/web-1-a?tab=tree');
      await page.getByRole('treeitem', { name: /web-1-b/ }).waitFor();
      await page.getByRole('treeitem').first().getByRole('link', { name: 'web' }).waitFor();
      await page.getByRole('treeitem').nth(2).focus();
    };

    for (const [how, hands] of [
      ['drawn', strike],
      ['not drawn', strikeAtOnce],
    ])
      test(`enter opens what the keys before it went to, ${how}`, async () => {
        await open();
        await hands(page, 'ArrowLeft', 'ArrowLeft', 'Home', 'Enter');
        assert.equal(pathname(), '/r/apps/v1/deployments/ns/payments/web');
      });

    test('the focus is at the line that one went to before any frame, also where its own was folded away', async () => {
      await open();
      await strike(page, 'ArrowLeft', 'ArrowLeft', 'ArrowRight', 'End');
      const line = () => page.evaluate(() => document.activeElement?.querySelector('a')?.textContent);
      assert.equal(await line(), 'web-1-b');
      await settled();
      assert.equal(await line(), 'web-1-b');
    });
  });

  describe('in a list', () => {
    test('enter opens the first row that the filter leaves', async () => {
      await pods();
      await strikeAtOnce(page, '/', { text: 'web-11' }, 'Enter', 'Enter');
      assert.equal(pathname(), '/r/core/v1/pods/ns/shop/web-11');
    });

    test('all that is selected is what the filter leaves', async () => {
      await pods();
      await strikeAtOnce(page, '/', { text: 'web-1' }, 'Enter', 'Control+a');
      await page.getByText('6 selected').waitFor();
    });

    test('a row that the filter hides is neither opened nor selected, though the cursor was there', async () => {
      await pods();
      await strike(page, 'j', '/', { text: 'web-11' }, { focus: '.grid' }, 'x', 'Enter');
      assert.equal(pathname(), '/r/core/v1/pods/ns/shop');
      assert.equal(await page.locator('[aria-selected=true]').count(), 0);
    });

    test('a key that is held down selects once, and one that moves goes on', async () => {
      await pods();
      for (const [key, times] of [
        ['j', 3],
        ['x', 4],
      ]) {
        for (let i = 0; i < times; i++) await page.keyboard.down(key);
        await page.keyboard.up(key);
      }
      await page.getByText('1 selected').waitFor();
      await page.waitForURL(/sel=db-4$/);
    });

    test('a letter that comes as the address follows the filter stays', async () => {
      await pods();
      await page.evaluate(() => {
        const replaceState = history.replaceState.bind(history);
        history.replaceState = (...args) => {
          replaceState(...args);
          history.replaceState = replaceState;
          const field = document.querySelector('.filter-field input');
          // after what is drawn for it, and before the next frame
          Promise.resolve().then(() => {
            field.setRangeText('-11', 3, 3, 'end');
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
          });
        };
      });
      await strike(page, '/', { text: 'web' });
      await page.waitForURL(/filter=web-11$/);
      assert.equal(await page.getByRole('combobox', { name: 'Filter' }).inputValue(), 'web-11');
    });

    test('what was offered for other letters is not taken', async () => {
      await pods();
      const field = page.getByRole('combobox', { name: 'Filter' });
      await field.pressSequentially('ap');
      await page.getByRole('option', { name: /^app/ }).waitFor();
      await page.keyboard.press('ArrowDown');
      await strikeAtOnce(page, { text: 'x' }, 'Enter');
      assert.equal(await field.inputValue(), 'apx');
    });

    test('the namespace that enter takes is the one that is typed', async () => {
      await pods();
      await page.keyboard.press('n');
      await page.getByRole('option', { name: 'payments' }).waitFor();
      await strikeAtOnce(page, 'ArrowDown', { text: 'pay' }, 'Enter');
      assert.equal(pathname(), '/r/core/v1/pods/ns/payments');
    });

    test('each arrow at the end of a head makes its column narrower', async () => {
      await pods();
      const head = page.getByRole('columnheader', { name: 'Status' });
      const width = async () => Math.round((await head.boundingBox()).width);
      const wide = await width();
      await page.getByRole('slider', { name: 'Width of the column Status' }).focus();
      await strikeAtOnce(page, 'ArrowLeft', 'ArrowLeft');
      await settled();
      assert.equal(await width(), wide - 32);
    });

    test('a panel that is opened and closed at once is closed, and has what comes right after its key', async () => {
      await pods();
      const columns = { click: '[aria-label=Columns]' };
      await strikeAtOnce(page, columns, columns);
      await settled();
      assert.equal(await page.locator('.column-panel').count(), 0);
      await strike(page, 'n', { text: 'pay' }, 'Escape');
      assert.equal(await page.getByRole('combobox', { name: 'Namespace' }).count(), 0);
      await strike(page, 'n', { text: 'pay' }, 'Enter');
      assert.equal(pathname(), '/r/core/v1/pods/ns/payments');
    });

    test('two columns that are hidden one right after the other are both hidden', async () => {
      await pods();
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.locator('.column-panel').waitFor();
      await strikeAtOnce(
        page,
        { click: '.column-panel li:nth-child(2) input' },
        { click: '.column-panel li:nth-child(3) input' },
      );
      await settled();
      assert.equal(await page.locator('.column-panel input:checked').count(), 3);
    });
  });

  describe('in a dialog', () => {
    const requests = (method) => {
      const seen = [];
      const note = (request) => {
        if (request.method() === method) seen.push(new URL(request.url()).pathname);
      };
      page.on('request', note);
      return { seen, stop: () => page.off('request', note) };
    };

    test('the palette has the keys that come right after it was asked for', async () => {
      await pods();
      await strike(page, 'Control+k', { text: 'sts' }, 'Enter');
      assert.match(pathname(), /statefulsets/);
    });

    test('the palette takes the best of what is typed, wherever the arrows were before', async () => {
      await pods();
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
      await strikeAtOnce(page, 'ArrowDown', 'ArrowDown', 'ArrowDown', { text: 'sts' }, 'Enter');
      assert.match(pathname(), /statefulsets/);
    });

    test('a palette that is closed and opened again is open', async () => {
      await pods();
      await strike(page, 'Control+k', 'Escape', 'Control+k');
      await settled();
      assert.equal(await page.locator('dialog.palette:modal').count(), 1);
    });

    test('a key that comes right after the question whether to delete is not for what is below', async () => {
      await tab.visit('/r/apps/v1/deployments/ns/payments/web');
      await page.locator('.line').first().waitFor();
      await strike(page, 'Shift+Delete', '3', 'e', 'c');
      await page.getByRole('dialog', { name: /Delete Deployment/ }).waitFor();
      assert.equal(new URL(page.url()).search, '');
      assert.equal(pathname(), '/r/apps/v1/deployments/ns/payments/web');
      // enter is no
      await strike(page, 'Enter');
      assert.equal(await page.getByRole('dialog').count(), 0);
      await client.get(DEPLOYMENT, { name: 'web', namespace: 'payments' });
    });

    test('what is deleted is deleted once, however often enter is struck', async () => {
      for (const name of ['gone-1', 'gone-2', 'gone-3']) await client.create(pod('payments', name));
      await tab.visit('/r/core/v1/pods/ns/payments?filter=gone-');
      await page.getByRole('row', { name: /gone-3/ }).waitFor();
      await page.keyboard.press('Control+a');
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('dialog', { name: 'Delete 3 objects?' }).waitFor();
      const { seen, stop } = requests('DELETE');
      await strike(page, { text: '3' });
      await strikeAtOnce(page, 'Enter', 'Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await settled();
      stop();
      assert.deepEqual(seen.map((path) => path.split('/').at(-1)).sort(), ['gone-1', 'gone-2', 'gone-3']);
    });

    test('a restart that is answered twice is one', async () => {
      await tab.visit('/r/apps/v1/deployments/ns/payments/web');
      await page.getByRole('button', { name: 'Restart…' }).click();
      await page.getByRole('dialog').waitFor();
      const { seen, stop } = requests('PATCH');
      await strikeAtOnce(page, { click: 'dialog [type=submit]' }, { click: 'dialog [type=submit]' });
      await page.getByText('web restarts').waitFor();
      await settled();
      stop();
      assert.equal(seen.length, 1);
    });
  });

  describe('at an object', () => {
    const open = async () => {
      await tab.visit('/r/apps/v1/deployments/ns/payments/web');
      await page.locator('.line').first().waitFor();
    };

    test('each arrow goes on by a tab, and the focus goes along', async () => {
      await open();
      await page.locator('#tab-yaml').focus();
      await strikeAtOnce(page, 'ArrowRight', 'ArrowRight');
      assert.match(page.url(), /tab=events/);
      await settled();
      assert.equal(await focused(), 'tab-events');
    });

    test('enter goes through the lines that have what is typed, from the first', async () => {
      await open();
      await strikeAtOnce(page, '/', { text: 'web' }, 'Enter', 'Enter');
      await page.getByText(/^3 of/).waitFor();
    });

    test('a tree that one leaves before it is drawn asks for nothing any more', async () => {
      await open();
      const asked = [];
      const note = (request) => asked.push(request.url());
      page.on('request', note);
      const answered = page.waitForResponse('**/console/owned');
      await strike(page, '4', '1');
      await (await answered).finished();
      await settled();
      page.off('request', note);
      assert.equal(asked.filter((url) => url.endsWith('/console/owned')).length, 1);
    });

    test('of two parts that are folded both are', async () => {
      await open();
      await page.evaluate(() => {
        for (const line of document.querySelectorAll('.line'))
          if (/^(metadata|spec):/.test(line.querySelector('code').textContent)) line.querySelector('button').id = 'top';
      });
      await strikeAtOnce(page, { click: '#top' }, { click: '.line:nth-child(n + 4) #top' });
      await settled();
      for (const text of ['creationTimestamp', 'replicas'])
        assert.equal(await page.locator('.line code', { hasText: new RegExp(`^ +${text}`) }).count(), 0, text);
    });
  });

  describe('in an edit', () => {
    /** The plan of an edit that is in conflict with `ci` on two fields. */
    const conflict = async (name) => {
      const metadata = { name, namespace: 'payments' };
      await client.apply({ ...CONFIG_MAP, metadata, data: { a: 'one', b: 'one' } }, { fieldManager: 'ci' });
      await tab.visit(`/r/core/v1/configmaps/ns/payments/${name}?tab=edit`);
      for (const line of ['a: one', 'b: one']) {
        await page.locator('.cm-line', { hasText: line }).click();
        await page.keyboard.press('End');
        await page.keyboard.type('s');
      }
      await page.keyboard.press('Control+Enter');
      await page.getByText('2 conflicts to decide').waitFor();
    };
    const decision = (path, label) => page.locator('fieldset', { hasText: path }).getByRole('radio', { name: label });

    test('of two decisions both stand', async () => {
      await conflict('decided');
      const radio = (at, nth) => ({ click: `fieldset:nth-of-type(${at}) label:nth-of-type(${nth}) input` });
      await strikeAtOnce(page, radio(1, 1), radio(2, 3));
      await settled();
      assert.equal(await decision('.data.a', 'Leave it').isChecked(), true);
      assert.equal(await decision('.data.b', 'Take it').isChecked(), true);
    });

    test('keys that are held down from before the plan do not apply it', async () => {
      await conflict('held');
      await decision('.data.a', 'Take it').check();
      await decision('.data.b', 'Take it').check();
      await page.locator('.cm-line', { hasText: 'a: ones' }).click();
      await page.keyboard.press('End');
      await page.keyboard.press('s');
      await page.keyboard.down('Control');
      await page.keyboard.down('Enter');
      await page
        .getByRole('button', { name: /^Apply/ })
        .and(page.locator(':enabled'))
        .waitFor();
      await page.keyboard.down('Enter');
      await page.keyboard.up('Enter');
      await page.keyboard.up('Control');
      await settled();
      await page
        .getByRole('button', { name: /^Apply/ })
        .and(page.locator(':enabled'))
        .waitFor();
      const { data } = await client.get(CONFIG_MAP, { name: 'held', namespace: 'payments' });
      assert.deepEqual(data, { a: 'one', b: 'one' });
    });

    test('what is decided while the server is asked stands, and nothing is taken that was left', async () => {
      await conflict('decided-late');
      await decision('.data.a', 'Take it').check();
      await decision('.data.b', 'Take it').check();
      let answer;
      const held = new Promise((resolve) => (answer = resolve));
      await page.route('**/console/edit/plan', async (route) => {
        await held;
        await route.continue();
      });
      await page.getByRole('button', { name: 'Plan again' }).click();
      await page.getByRole('button', { name: 'Planning' }).waitFor();
      await decision('.data.b', 'Leave it').check();
      answer();
      await page.getByRole('button', { name: 'Plan again' }).waitFor();
      await page.unroute('**/console/edit/plan');
      assert.equal(await decision('.data.b', 'Leave it').isChecked(), true);
      await page.keyboard.press('Control+Enter');
      await page.getByText('decided-late is applied').waitFor();
      const { data } = await client.get(CONFIG_MAP, { name: 'decided-late', namespace: 'payments' });
      assert.deepEqual(data, { a: 'ones', b: 'one' });
    });
  });

  describe('on the board of the weekly', () => {
    const namespace = 'default';
    const make = (kind, name, spec) =>
      client.create(
        { apiVersion: 'weekly.nekube.dev/v1alpha1', kind, metadata: { name, namespace }, spec },
        { fieldManager: 'nekube-weekly' },
      );
    const specOf = async (name) => (await client.get(STORY, { namespace, name })).spec;
    const chosen = () => new URL(page.url()).searchParams.get('story');
    const open = async (query = '') => {
      await tab.visit(`/weekly?issue=12${query}`);
      await page.locator('#story-third').waitFor();
    };
    const told = async (name, holds) => {
      for (const end = Date.now() + 60_000; !holds(await specOf(name)); await sleep(50))
        assert.ok(Date.now() < end, JSON.stringify(await specOf(name)));
    };

    before(async () => {
      await installWeekly(client);
      const sections = [{ id: 'articles', title: 'Articles' }];
      await make('Issue', 'issue-12', { number: 12, title: 'Twelve', language: 'en', sections });
      for (const [i, name] of ['first', 'second', 'third'].entries())
        await make('Story', name, {
          title: name,
          url: `https://example.org/${name}`,
          state: 'Accepted',
          issueRef: { name: 'issue-12' },
          section: 'articles',
          order: (i + 1) * 10,
        });
    });

    test('what one types is about the story that the keys before it went to', async () => {
      await open('&story=first');
      await strikeAtOnce(page, 'j', 'j', 'p');
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Presenter: third');
    });

    test('a story that was clicked stays the chosen one', async () => {
      await open('&story=first');
      await strike(page, 'j', { focus: '#story-third' });
      await settled();
      assert.equal(chosen(), 'third');
    });

    test('the story that is declined is the one that the keys before it went to', async () => {
      await open('&story=first');
      await strikeAtOnce(page, 'j', 'x');
      await told('second', ({ state }) => state === 'Declined');
      assert.equal((await specOf('first')).state, 'Accepted');
    });

    test('a story is taken, carried and put where the keys say', async () => {
      await open('&story=third');
      await strikeAtOnce(page, 'Space', 'ArrowUp', 'Space');
      // it was the last, at 30
      await told('third', ({ order }) => order < 30);
    });

    test('a second vote for the same takes the first back, also before the server has told of it', async () => {
      await open('&story=first');
      const gone = page.waitForResponse((response) => response.request().method() === 'DELETE');
      await strike(page, 'v', 'v');
      await gone;
      assert.deepEqual((await client.list(VOTE)).items, []);
    });

    test('a vote is taken back also before the server has told that there is one', async () => {
      const votes = async () => (await client.list(VOTE)).items.map(({ spec }) => spec.value);
      await open('&story=first');
      await strike(page, 'v');
      await env.eventually(async () => assert.deepEqual(await votes(), ['For']));
      let tell;
      const told = new Promise((resolve) => (tell = resolve));
      const listed = /\/votes\?limit=/;
      await page.route(listed, async (route) => {
        await told;
        await route.continue();
      });
      await open('&story=first');
      await strike(page, 'v');
      await settled();
      tell();
      await env.eventually(async () => assert.deepEqual(await votes(), []));
      await page.unroute(listed);
    });

    test('of two votes the later one stands, also where the earlier one takes longer', async () => {
      await open('&story=first');
      let votes = 0;
      await page.route('**/votes/**', async (route) => {
        if (++votes === 1) await sleep(500);
        await route.continue();
      });
      let answers = 0;
      const both = page.waitForResponse((response) => response.url().includes('/votes/') && ++answers === 2);
      await strike(page, 'v', 'V');
      await both;
      await page.unroute('**/votes/**');
      assert.deepEqual(
        (await client.list(VOTE)).items.map(({ spec }) => spec.value),
        ['Against'],
      );
    });

    test('a decision does not take back one that was made a moment before', async () => {
      await open('&story=third');
      // the server tells of it when both are made
      await page.route('**/stories/third?**', async (route) => {
        await sleep(200);
        await route.continue();
      });
      await page.evaluate(() => {
        const field = document.querySelector('#story-third input');
        field.value = 'dan';
        for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
      });
      await strike(page, { focus: '#story-third' }, 'x');
      await told('third', ({ state }) => state === 'Declined');
      await page.unroute('**/stories/third?**');
      assert.equal((await specOf('third')).presenter, 'dan');
    });
  });

  describe('among KEPs', () => {
    before(() => syncKeps(client, madeUpKeps(), { source: 'test' }));

    test('enter opens the first KEP that the filter leaves', async () => {
      await tab.visit('/keps');
      await page.getByText('5 KEPs', { exact: true }).waitFor();
      await strikeAtOnce(page, '/', { text: 'stage:beta' }, 'Enter', 'Enter');
      assert.match(pathname(), /^\/keps\/12-/);
    });

    test('enter does not open what was found for other words', async () => {
      await tab.visit('/keps?in=texts&filter=marmots');
      await page.getByText('2 found').waitFor();
      await strike(page, '/', { text: 'nap' }, 'Enter', 'Enter');
      assert.equal(pathname(), '/keps');
    });

    test('the cursor stays at its KEP when others come before it', async () => {
      await tab.visit('/keps');
      await page.getByText('5 KEPs', { exact: true }).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.getByRole('columnheader', { name: 'Title' }).getByRole('button').click();
      await page.waitForURL(/sort=title/);
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/keps\/12-/);
    });

    test('a view below a dialog gets no keys when its own become others', async () => {
      await tab.visit('/keps');
      await page.getByText('5 KEPs', { exact: true }).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
      // who comes back to the tab sees what is there by now
      const again = page.waitForResponse(/kep\/index/);
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await (await again).finished();
      await settled();
      await page.evaluate(() => document.activeElement.blur());
      await strike(page, 'Enter');
      assert.equal(pathname(), '/keps');
    });
  });

  test('no page asked another host, broke the policy or failed', () => {
    assert.deepEqual(tab.problems, []);
  });
});

/** A deployment, its replica set and two pods. */
async function makeWeb(client) {
  const namespace = 'payments';
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'app:1' }] } };
  const spec = { selector: { matchLabels: labels }, template };
  const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }) => [
    { apiVersion, kind, name, uid, controller: true },
  ];
  const web = await client.create({ ...DEPLOYMENT, metadata: { name: 'web', namespace }, spec });
  const metadata = { name: 'web-1', namespace, ownerReferences: ownerOf(web) };
  const set = await client.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec });
  for (const name of ['web-1-a', 'web-1-b']) {
    const { metadata: own, ...rest } = pod(namespace, name);
    await client.create({ ...rest, metadata: { ...own, ownerReferences: ownerOf(set) } });
  }
}
