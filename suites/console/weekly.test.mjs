// The weekly's board in a real browser: stories are moved by drag and by keys, voted for, presented; two who decide are asked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from 'nekube/envtest';
import { installWeekly, ISSUE, STORY, VOTE } from 'nekube/weekly';
import { barriers, noBrowser, openConsole } from './chromium.mjs';

const API = 'weekly.nekube.dev/v1alpha1';
const namespace = 'default';

describe('the board of the weekly', { skip: noBrowser }, () => {
  let env;
  let opened;
  let tab;

  const make = (kind, name, spec, fieldManager = 'test') =>
    env.client.create({ apiVersion: API, kind, metadata: { name, namespace }, spec }, { fieldManager });
  const story = (name, spec) => make('Story', name, { title: name, url: `https://example.org/${name}`, ...spec });
  const specOf = async (name) => (await env.client.get(STORY, { namespace, name })).spec;
  async function until(name, holds) {
    let spec;
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      spec = await specOf(name);
      if (holds(spec)) return spec;
      await sleep(50);
    }
    assert.fail(`${name} did not come to hold: ${JSON.stringify(spec)}`);
  }

  before(async () => {
    env = await start();
    opened = await openConsole(env);
    tab = await opened.signIn();
  });
  after(async () => {
    await opened?.close();
    await env?.stop();
  });

  test('says what to do where there is no newsroom, and asks for nothing that is not there', async () => {
    const refused = [];
    tab.page.on('response', (response) => response.status() >= 400 && refused.push(response.url()));
    await tab.visit('/weekly');
    await tab.page.getByText('nekube weekly install').waitFor();
    assert.deepEqual(refused, []);
  });

  test('comes by itself when the newsroom is installed', async () => {
    await installWeekly(env.client);
    await tab.page.getByText('nekube weekly new').waitFor();
  });

  test('has what is proposed, each section of the issue, and what is declined', async () => {
    const sections = [
      { id: 'articles', title: 'Articles' },
      { id: 'prs', title: 'PRs' },
    ];
    await make('Issue', 'issue-12', { number: 12, title: 'Twelve', language: 'en', sections });
    const taken = (section, order) => ({ state: 'Accepted', issueRef: { name: 'issue-12' }, section, order });
    await story('ssa', taken('articles', 10));
    await story('operators', taken('articles', 20));
    await story('dsr', taken('prs', 10));
    await story('testing', {});
    await story('no', { state: 'Declined' });
    await tab.visit('/weekly');
    await tab.page.getByText('testing').waitFor();
    const columns = await tab.page
      .locator('.board-column')
      .evaluateAll((all) =>
        all.map((one) => [
          one.querySelector('h2 span').textContent,
          ...[...one.querySelectorAll('.card-title')].map((card) => card.textContent),
        ]),
      );
    assert.deepEqual(columns, [
      ['Proposed', 'testing'],
      ['Articles', 'ssa', 'operators'],
      ['PRs', 'dsr'],
      ['Declined', 'no'],
    ]);
  });

  test('a story is put between two others by keys alone', async () => {
    const { page } = tab;
    await page.keyboard.press('j');
    await page.waitForURL(/story=testing/);
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    const spec = await until('testing', ({ state }) => state === 'Accepted');
    assert.deepEqual([spec.issueRef, spec.section, spec.order], [{ name: 'issue-12' }, 'articles', 15]);
  });

  test('one that is held is put back by escape', async () => {
    const { page } = tab;
    await tab.visit('/weekly?story=dsr');
    await page.getByText('dsr').waitFor();
    await page.keyboard.press('Space');
    await page.locator('.board-card.carried').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    await page.locator('.board-card.carried').waitFor({ state: 'detached' });
    assert.equal((await specOf('dsr')).section, 'prs');
  });

  test('a vote is counted for whoever is signed in, and taken back by a second one', async () => {
    const { page } = tab;
    const button = page.getByRole('button', { name: 'vote for “ssa”' });
    const votes = async () =>
      (await env.client.list(VOTE)).items.map(({ spec }) => `${spec.storyRef.name} ${spec.value}`);
    await button.click();
    await page.locator('#story-ssa button[aria-pressed="true"]').waitFor();
    assert.deepEqual(await votes(), ['ssa For']);
    // no controllers of a newsroom run here, which would count it
    await page.getByRole('button', { name: '1, vote for “ssa”' }).waitFor();
    await button.click();
    await page.locator('#story-ssa button[aria-pressed="true"]').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '0, vote for “ssa”' }).waitFor();
    assert.deepEqual(await votes(), []);
  });

  test('what other issues told is found by the words of its text, and leads to that issue', async () => {
    const { page } = tab;
    await make('Issue', 'issue-11', { number: 11, title: 'Eleven', language: 'en' });
    await story('past', {
      state: 'Accepted',
      issueRef: { name: 'issue-11' },
      blocks: [{ id: 'a', kind: 'paragraph', text: 'It is about etcd.' }],
    });
    await tab.visit('/weekly?issue=12');
    await page.getByRole('searchbox').fill('etcd');
    await page.getByRole('region', { name: 'In other issues' }).getByText('past').waitFor();
    await page.getByRole('button', { name: 'told in #11' }).click();
    await page.waitForURL(/issue=11/);
    await tab.visit('/weekly?issue=12');
  });

  test('what somebody else decided is asked about, and stays if it is left', async () => {
    const { page } = tab;
    const decision = (presenter) => ({
      apiVersion: API,
      kind: 'Story',
      metadata: { name: 'testing', namespace },
      spec: { presenter },
    });
    await env.client.apply(decision('alice'), { fieldManager: 'alice.decisions' });
    const presenter = page.getByLabel('Presenter: testing');
    await page.waitForFunction(() => document.querySelector('#story-testing input')?.value === 'alice');
    await presenter.fill('bob');
    await presenter.press('Tab');
    await page.getByRole('dialog').getByText('conflict with "alice.decisions"').waitFor();
    await page.getByRole('button', { name: 'Leave it' }).click();
    assert.equal((await specOf('testing')).presenter, 'alice');

    await presenter.fill('carol');
    await presenter.press('Tab');
    await page.getByRole('button', { name: 'Decide it all the same' }).click();
    await until('testing', (spec) => spec.presenter === 'carol');
  });

  test('enter keeps who presents a story, and goes back to it, so that the next key is the board’s', async () => {
    const { page } = tab;
    const presenter = page.getByLabel('Presenter: testing');
    await presenter.fill('dora');
    await presenter.press('Enter');
    await page.locator('#story-testing:focus').waitFor();
    await until('testing', (spec) => spec.presenter === 'dora');
    await presenter.fill('carol');
    await presenter.press('Enter');
    await until('testing', (spec) => spec.presenter === 'carol');
  });

  test('what is typed, and a word that is composed, stays while others change the story', async () => {
    const { page } = tab;
    const presenter = page.getByLabel('Presenter: testing');
    const changed = async (number) => {
      await env.client.patch(
        STORY,
        { namespace, name: 'testing' },
        { merge: { spec: { url: `https://example.org/${number}` } } },
      );
      await page.locator(`#story-testing a[href$="/${number}"]`).waitFor();
    };
    await presenter.fill('');
    await presenter.pressSequentially('da');
    await changed(1);
    assert.equal(await presenter.inputValue(), 'da');
    await presenter.fill('');
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Input.imeSetComposition', { text: 'はな', selectionStart: 2, selectionEnd: 2 });
    await changed(2);
    assert.equal(await presenter.inputValue(), 'はな');
    await devtools.send('Input.insertText', { text: '花' });
    assert.equal(await presenter.inputValue(), '花');
    assert.equal((await specOf('testing')).presenter, 'carol');
    await presenter.press('Tab');
    await until('testing', (spec) => spec.presenter === '花');
  });

  test('two questions are asked one after the other, and who goes to another view leaves what others decided', async () => {
    const { page } = tab;
    for (const name of ['ssa', 'operators']) {
      const spec = { presenter: 'alice' };
      const decision = { apiVersion: API, kind: 'Story', metadata: { name, namespace }, spec };
      await env.client.apply(decision, { fieldManager: 'alice.decisions' });
      await page.waitForFunction((id) => document.querySelector(`#story-${id} input`)?.value === 'alice', name);
    }
    const type = (names) =>
      page.evaluate((all) => {
        for (const name of all) {
          const field = document.querySelector(`#story-${name} input`);
          field.value = 'dan';
          field.dispatchEvent(new Event('input', { bubbles: true }));
          field.dispatchEvent(new Event('change', { bubbles: true }));
        }
      }, names);
    const anyway = page.getByRole('button', { name: 'Decide it all the same' });
    await type(['ssa', 'operators']);
    await anyway.click();
    await until('ssa', (spec) => spec.presenter === 'dan');
    await anyway.click();
    await until('operators', (spec) => spec.presenter === 'dan');
    await env.client.apply(
      { apiVersion: API, kind: 'Story', metadata: { name: 'ssa', namespace }, spec: { presenter: 'alice' } },
      { fieldManager: 'alice.decisions', force: true },
    );
    await page.waitForFunction(() => document.querySelector('#story-ssa input')?.value === 'alice');
    await type(['ssa']);
    await anyway.waitFor();
    await page.evaluate(() => history.pushState(null, '', '/r/core/v1/nodes'));
    await page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
    await page.getByRole('heading', { name: 'Node', exact: true }).waitFor();
    await tab.visit('/weekly?issue=12');
    await page.getByText('testing').first().waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.equal((await specOf('ssa')).presenter, 'alice');
  });

  test('a story is declined by dragging it there', async () => {
    const { page } = tab;
    await story('vendor', {});
    await page.locator('#story-vendor').waitFor();
    await page.dragAndDrop('#story-vendor .card-facts', '.board-column.declined');
    await until('vendor', ({ state }) => state === 'Declined');
  });

  test('notes of the session are kept', async () => {
    const { page } = tab;
    await tab.visit('/weekly?view=agenda');
    const notes = page.getByLabel('Notes of the session: ssa');
    await notes.fill('We use it everywhere.');
    await notes.press('Tab');
    await until('ssa', (spec) => spec.notes === 'We use it everywhere.');
    const first = await page.locator('.agenda-time').allTextContents();
    assert.deepEqual(first, ['0 min', '5 min', '10 min', '15 min']);
  });

  test('a story that goes while it is held is said to be gone, and is not made anew', async () => {
    const { page } = tab;
    await story('fleeting', {});
    const watches = page.waitForEvent('websocket');
    await tab.visit('/weekly?issue=12&story=fleeting');
    await page.locator('#story-fleeting').focus();
    await page.keyboard.press('Space');
    await page.locator('.board-card.carried').waitFor();
    // what is held is shown where it is held, so that the board does not tell when it is gone
    const isGone = ({ payload }) => payload.includes('DELETED') && payload.includes('fleeting');
    const gone = (await watches).waitForEvent('framereceived', isGone);
    await env.client.delete(STORY, { namespace, name: 'fleeting' });
    await gone;
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByText('The story is not there any more').waitFor();
    await assert.rejects(specOf('fleeting'), /not found/);
  });

  test('an issue with a long title fits a narrow window', async () => {
    const title = 'A title that does not end '.repeat(4).trim();
    await make('Issue', 'issue-14', { number: 14, title, language: 'en', sections: [{ id: 'all', title: 'All' }] });
    const own = await opened.signIn({ viewport: { width: 320, height: 640 } });
    await own.visit('/weekly?issue=14');
    await own.page.getByText('All', { exact: true }).waitFor();
    assert.ok((await own.page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
    await own.context.close();
  });

  test('notes that are half typed when one goes back are kept', async () => {
    const { page } = tab;
    await tab.visit('/weekly?issue=12');
    await page.getByRole('button', { name: 'Agenda' }).click();
    await page.getByLabel('Notes of the session: ssa').fill('We use it, and');
    await page.goBack();
    await page.locator('.board-column').first().waitFor();
    await until('ssa', (spec) => spec.notes === 'We use it, and');
  });

  test('another issue has its own board, at its own address', async () => {
    await make('Issue', 'issue-13', {
      number: 13,
      title: 'Thirteen',
      language: 'en',
      sections: [{ id: 'all', title: 'All' }],
    });
    await tab.visit('/weekly?issue=13');
    await tab.page.getByRole('heading', { name: 'All' }).waitFor();
    await env.client.get(ISSUE, { namespace, name: 'issue-13' });
  });

  test('the newsroom of a namespace without an issue says how one is begun there', async () => {
    await tab.visit('/weekly/kube-system');
    await tab.page.getByText('nekube weekly new -n kube-system', { exact: true }).waitFor();
  });

  for (const [theme, language, title] of [
    ['light', 'en', 'Proposed'],
    ['dark', 'ja', '候補'],
  ])
    test(`keeps nobody out: ${theme}, ${language}`, async () => {
      const own = await opened.signIn({ theme, language });
      for (const path of ['/weekly', '/weekly?view=agenda&issue=12']) {
        await own.visit(path);
        await own.page
          .getByText(path === '/weekly' ? title : 'ssa')
          .first()
          .waitFor();
        assert.deepEqual(await barriers(own.page), []);
      }
      assert.deepEqual(own.problems, []);
      await own.context.close();
    });

  test('nothing is asked of other hosts, and the policy holds', () => assert.deepEqual(tab.problems, []));
});
