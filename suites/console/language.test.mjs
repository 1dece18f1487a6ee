// Both languages, whole: on a Japanese page there is no English but what comes from the cluster, which is marked as such.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installDefinitions } from 'nekube/ownership';
import { installWeekly } from 'nekube/weekly';
import { noBrowser, openConsole } from './chromium.mjs';
import { makePods } from './cluster.mjs';

/** What is called so in Japanese, too. */
const ALIKE = new Set(['IP', 'CIDR', 'CPU', 'PV', 'YAML', 'UID', 'Pod', 'English', 'nekube', 'KEP', 'SIG']);

/** What plans warn of, beside what one of them does. */
const MADE_UP_WARNINGS = [
  { type: 'Atomic', facts: { path: '.spec.selector', owners: '"ci" (Apply)', lost: 'app: "web"', count: '1' } },
  { type: 'Atomic', facts: { path: '.data', owners: '"ci" (Apply)', lost: '', count: '2' } },
  { type: 'ListKey', facts: { path: '.a[n="x"]', other: '.a[n="y"]', owners: '' } },
  { type: 'ListKey', facts: { path: '.a[n="x"]', other: '.a[n="z"]', owners: '"ci" (Apply)' } },
  { type: 'Yielded', facts: { path: '.spec.a', owners: '"ci" (Apply)' }, fix: 'decide share for it' },
  { type: 'ForcedApply', facts: { refusal: 'no' } },
  { type: 'ChangedByServer', facts: { path: '.spec.a', applied: '1', result: '2' } },
  { type: 'ChangedByServer', facts: { path: '.spec.b', applied: '1' } },
  { type: 'NoSchema', facts: { kind: 'Thing, e.test/v1' } },
  { type: 'ManagedFields', facts: { problem: 'metadata.managedFields[0]: x' } },
  { type: 'PoliciesUnread', facts: { kinds: 'FieldPolicy' } },
];

/** Why fields in conflict are decided so, beside what a policy of the cluster meets. */
const MADE_UP_REASONS = [
  { code: 'Malformed', problem: 'spec.decision: must be one of Fail, Yield' },
  { code: 'UserUnknown', field: 'match.users' },
  { code: 'ClaimTimeUnknown', field: 'match.claimAge', manager: 'ci' },
  { code: 'ConditionFailed', error: 'it does not give a bool' },
  { code: 'ConditionOfSecretFailed' },
  { code: 'AsksPerson' },
  { code: 'ConfigurationMalformed', problem: '.spec.a: field not declared in schema' },
  { code: 'NoSchema', decision: 'yield', kind: 'e.test/v1 Thing', note: 'the cluster has no schema of it' },
  { code: 'NoSuchField', decision: 'share', kind: 'e.test/v1 Thing', path: '.spec.a' },
  { code: 'ConflictRemains' },
];

describe('the languages of the console', { skip: noBrowser }, () => {
  let env;
  let opened;
  let tab;

  before(async () => {
    env = await start();
    await env.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await makePods(env.client, 'shop', 4);
    await makeDeployment(env.client);
    await makeIssue(env.client);
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
    ['the board', '/weekly?issue=12'],
    ['the agenda', '/weekly?issue=12&view=agenda'],
    ['the board of an issue that is not there', '/weekly?issue=99'],
  );
  for (const [name, path, key] of VIEWS)
    test(`${name} is in Japanese`, async () => {
      const { page, visit } = tab;
      await visit(path);
      await page.getByText('概要').first().waitFor();
      await page.waitForLoadState('networkidle');
      // what is busy with itself asks for nothing, too
      await page.waitForFunction(() => !document.querySelector('main .pending, main progress, main [aria-busy=true]'));
      if (key) {
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
      }
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'ja');
      assert.deepEqual((await textsOf(page)).filter(isEnglish), []);
    });

  test('a plan is in Japanese, with all that it may warn of', async () => {
    const { page } = tab;
    const metadata = { name: 'old', namespace: 'shop' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'one' } };
    await env.client.create(object, { fieldManager: 'kubectl-client-side-apply' });
    const made = MADE_UP_WARNINGS.map((warning) => ({ message: warning.type, paths: [], ...warning }));
    await page.route('**/console/edit/plan', async (route) => {
      const answer = await route.fetch();
      const plan = await answer.json();
      await route.fulfill({ response: answer, json: { ...plan, warnings: [...plan.warnings, ...made] } });
    });
    await planOfChange(tab, '/r/core/v1/configmaps/ns/shop/old');
    await page.getByText('kubectl-client-side-apply は update で .data.a を所有').waitFor();
    assert.equal(await page.locator('.plan [lang=en]').count(), 0);
    assert.deepEqual((await textsOf(page)).filter(isEnglish), []);
    await page.unroute('**/console/edit/plan');
  });

  test('why a policy decides a conflict is told in Japanese, and in no English but what an evaluation says', async () => {
    const { page } = tab;
    const metadata = { name: 'leased', namespace: 'shop', labels: { leased: 'yes' } };
    await env.client.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'one' } },
      { fieldManager: 'ci' },
    );
    await installDefinitions(env.client, { clock: systemClock });
    const policy = {
      apiVersion: 'ownership.nekube.dev/v1alpha1',
      kind: 'FieldPolicy',
      metadata: { name: 'leased', namespace: 'shop' },
      spec: {
        match: {
          resources: [{ group: '', kinds: ['ConfigMap'] }],
          labelSelector: { matchLabels: { leased: 'yes' } },
        },
        decision: 'Lease',
        lease: { durationSeconds: 86_400, whileHeld: 'Fail' },
      },
    };
    await env.eventually(() => env.client.create(policy));
    await page.route('**/console/edit/plan', async (route) => {
      const answer = await route.fetch();
      const plan = await answer.json();
      const [decided] = plan.fields.filter(({ action }) => action === 'conflict');
      const made = MADE_UP_REASONS.map((why, i) => ({ ...decided, path: `.data.b${i}`, reason: why.code, why }));
      await route.fulfill({ response: answer, json: { ...plan, fields: [decided, ...made] } });
    });
    await planOfChange(tab, '/r/core/v1/configmaps/ns/shop/leased');
    await page.getByText('決定: FieldPolicy shop/leased').first().waitFor();
    await page.getByText(/^ci のリースがあと [\d,]+ 秒間有効です$/).waitFor();
    assert.deepEqual((await textsOf(page)).filter(isEnglish), []);
    assert.equal(await page.locator('.plan .contested').count(), 1 + MADE_UP_REASONS.length);
    assert.deepEqual(
      await page.locator('.plan [lang=en]').allTextContents(),
      MADE_UP_REASONS.flatMap(({ problem, error }) => problem ?? error ?? []),
    );
    await page.unroute('**/console/edit/plan');
    await tab.visit('/ownership/policies');
    await page.locator('td', { hasText: 'leased' }).waitFor();
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

/** Edits the first value of a ConfigMap, and asks for the plan. */
async function planOfChange({ page, visit }, path) {
  await visit(`${path}?tab=edit`);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.type('!');
  await page.keyboard.press('Control+Enter');
}

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

/** An issue of the weekly, with a story in it and one that is proposed. */
async function makeIssue(client) {
  await installWeekly(client);
  const make = (kind, name, spec) =>
    client.create({ apiVersion: 'weekly.nekube.dev/v1alpha1', kind, metadata: { name, namespace: 'default' }, spec });
  const sections = [{ id: 'articles', title: '記事' }];
  await make('Issue', 'issue-12', { number: 12, title: '第 12 号', language: 'ja', sections });
  const taken = { state: 'Accepted', issueRef: { name: 'issue-12' }, section: 'articles', order: 10 };
  await make('Story', 'ssa', { title: 'SSA', url: 'https://example.org/ssa', ...taken });
  await make('Story', 'dsr', { title: 'DSR', url: 'https://example.org/dsr' });
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

/** Words of Latin letters without a Japanese one beside them, and sentences of them within whatever else. */
function isEnglish(text) {
  if (/([A-Za-z]{2,}[,;]? ){3,}[A-Za-z]{2,}/.test(text)) return true;
  const words = text.match(/[A-Za-z]{2,}/g) ?? [];
  return !/[\u3040-\u30ff\u4e00-\u9fff]/.test(text) && words.some((word) => !ALIKE.has(word));
}
