// The KEPs of a console: those of a checkout, and those that were synced to its cluster.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { folderTree, readCheckout, syncFeatureList, syncKeps } from 'nekube/kep';
import { signIn } from './browser.mjs';

describe('KEPs', () => {
  let env;
  let root;
  const consoles = [];

  const put = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const kep = (number, sig, status) => {
    const fields = {
      ...{ title: `KEP ${number}`, 'kep-number': number, authors: ['@a'], approvers: ['@b'], 'owning-sig': sig },
      ...{ status, stage: 'stable', 'creation-date': '2020-01-01', milestone: { alpha: 'v1.30' } },
    };
    const folder = `keps/${sig}/${number}-kep`;
    put(
      `${folder}/kep.yaml`,
      Object.entries(fields)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join(''),
    );
    put(
      `${folder}/README.md`,
      `# Number ${number}\n\nAbout marmots.\n\n![marmot](marmot.svg)\n\n<script>alert(1)</script>\n`,
    );
  };
  const opened = async (options) => {
    const running = await startConsole({
      transport: env.client.transport,
      listen: { host: '127.0.0.1', port: 0 },
      ...options,
    });
    consoles.push(running);
    return running;
  };

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nekube-console-keps-'));
    kep(1, 'sig-node', 'implemented');
    kep(2, 'sig-apps', 'provisional');
    put('keps/sig-node/1-kep/marmot.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    put('keps/sig-node/1-kep/secret.txt', 'no image');
    env = await start();
  });
  after(async () => {
    await Promise.all(consoles.map((one) => one.close()));
    await env?.stop();
    rmSync(root, { recursive: true });
  });

  const sameFromBoth = async (browser) => {
    const get = async (path) => (await browser.fetch(`/console/kep/${path}`)).json();
    const { keps } = await get('index');
    assert.deepEqual(
      keps.map(({ name, owningSig }) => `${name} ${owningSig}`),
      ['1-kep sig-node', '2-kep sig-apps'],
    );
    assert.equal((await get('facets?filter=sig:node')).total, 1);
    const { found, hits } = await searched(browser, 'q=marmots&filter=sig:apps');
    assert.deepEqual([found, hits[0].name], [1, '2-kep']);
    const { html } = await get('page/1-kep');
    assert.match(html, /About marmots/);
    assert.doesNotMatch(html, /<script/);
    for (const path of ['graph', 'gates', 'changes']) assert.equal(typeof (await get(path)).source, 'object');
    const failures = ['page/none', 'page/%ff', 'none', 'constructor', 'facets?filter=colour:red'].map((path) =>
      browser.fetch(`/console/kep/${path}`),
    );
    assert.deepEqual(
      (await Promise.all(failures)).map(({ code }) => code),
      [404, 404, 404, 404, 400],
    );
  };

  test('of a cluster to which none were synced are none', async () => {
    const browser = await signIn((await opened({})).link());
    const get = async (path) => (await browser.fetch(`/console/kep/${path}`)).json();
    assert.deepEqual((await get('index')).keps, []);
    assert.equal((await get('index?asOf=2024-01-31')).keps.length, 0);
    assert.equal((await get('facets')).total, 0);
    assert.deepEqual((await get('search?q=node')).hits, []);
    assert.deepEqual((await get('gates')).gates, []);
    for (const path of ['graph', 'changes', 'changes.json'])
      assert.equal((await browser.fetch(`/console/kep/${path}`)).code, 200);
    assert.equal((await browser.fetch('/console/kep/page/1-kep')).code, 404);
    assert.ok(!(await browser.fetch('/console/session')).json().features.includes('kep'));
  });

  test('of a checkout are shown', async () => {
    const browser = await signIn((await opened({ keps: { from: root } })).link());
    assert.ok((await browser.fetch('/console/session')).json().features.includes('kep'));
    await sameFromBoth(browser);
    const { html } = (await browser.fetch('/console/kep/page/1-kep')).json();
    const image = await browser.fetch(/src="([^"]*)"/.exec(html)[1].replaceAll('&amp;', '&'));
    assert.equal(image.headers['content-type'], 'image/svg+xml');
    assert.match(image.headers['content-security-policy'], /^default-src 'none';.*sandbox/);
    for (const path of ['keps/sig-node/1-kep/secret.txt', '../marmot.svg', '/etc/passwd', 'keps/none.png'])
      assert.equal((await browser.fetch(`/console/kep/image?path=${encodeURIComponent(path)}`)).code, 404);
  });

  test('that were synced are shown to who may list them', async () => {
    const { keps, findings } = readCheckout(folderTree(root));
    const contents = keps.map((one) => ({
      kep: one,
      findings: findings.filter(({ file }) => file.startsWith(one.path)),
      text: folderTree(root).text(one.readme),
    }));
    await syncKeps(env.client, contents, { source: 'test' });
    let now = Date.now();
    const running = await opened({ now: () => now });
    const browser = await signIn(running.link());
    await sameFromBoth(browser);
    await env.client.raw({
      method: 'PATCH',
      path: '/apis/keps.nekube.dev/v1alpha1/keps/2-kep',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { owningSig: 'sig-docs' } }),
    });
    now += 60_000;
    await env.eventually(async () =>
      assert.equal((await browser.fetch('/console/kep/facets?filter=sig:docs')).json().total, 1),
    );
    const found = async (word) => (await searched(browser, `q=${word}`)).hits.map(({ name }) => name);
    const path = '/apis/keps.nekube.dev/v1alpha1/keptexts/2-kep';
    await env.client.raw({
      ...{ method: 'PATCH', path, headers: { 'content-type': 'application/merge-patch+json' } },
      body: JSON.stringify({ spec: { text: '# Number 2\n\nAbout badgers.\n' } }),
    });
    now += 20_000;
    await env.eventually(async () => assert.deepEqual(await found('badgers'), ['2-kep']));
    assert.deepEqual(await found('marmots'), ['1-kep']);
    assert.match((await browser.fetch('/console/kep/page/2-kep')).json().html, /badgers/);
    const nobody = await signIn(running.link({ user: 'nobody' }));
    assert.equal((await nobody.fetch('/console/kep/index')).code, 403);
  });

  test('who may list them, but not the code’s gates, has them without these, and is told whose right is lacking', async () => {
    const stages = [{ release: 'v1.36', stage: 'beta', isDefault: true, isLocked: false }];
    await syncFeatureList(env.client, { release: 'v1.36', gates: [{ name: 'Marmots', stages }] });
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const rules = [{ apiGroups: ['keps.nekube.dev'], resources: ['keps', 'keptexts'], verbs: ['list', 'get'] }];
    await env.client.create({ apiVersion, kind: 'ClusterRole', metadata: { name: 'kep-reader' }, rules });
    await env.client.create({
      ...{ apiVersion, kind: 'ClusterRoleBinding', metadata: { name: 'kep-reader' } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kep-reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'rita' }],
    });
    const running = await opened({});
    // the one who reads first must not decide what others see
    for (const user of ['rita', 'root', 'rita']) {
      const browser = await signIn(running.link({ user, ...(user === 'root' && { groups: ['system:masters'] }) }));
      const get = async (path) => (await browser.fetch(`/console/kep/${path}`)).json();
      assert.equal((await get('index')).keps.length, 2);
      assert.equal((await searched(browser, 'q=marmots')).found, 1);
      const { release, gates, source } = await get('gates');
      if (user === 'root') {
        assert.deepEqual([release, gates.map(({ gate }) => gate)], ['v1.36', ['Marmots']]);
        assert.equal(source.codeDenied, undefined);
      } else {
        assert.deepEqual([release, gates], [undefined, []]);
        assert.match(source.codeDenied, /User "rita" cannot list resource "featurelists"/);
      }
    }
  });

  test('who may list and not watch them finds what changed, and not what is gone', async () => {
    let now = Date.now();
    const browser = await signIn((await opened({ now: () => now })).link({ user: 'rita' }));
    const found = async (word) => (await searched(browser, `q=${word}`)).hits.map(({ name }) => name);
    assert.deepEqual([await found('marmots'), await found('badgers')], [['1-kep'], ['2-kep']]);
    const path = '/apis/keps.nekube.dev/v1alpha1';
    await env.client.raw({
      ...{
        method: 'PATCH',
        path: `${path}/keptexts/1-kep`,
        headers: { 'content-type': 'application/merge-patch+json' },
      },
      body: JSON.stringify({ spec: { text: '# Number 1\n\nAbout otters.\n' } }),
    });
    await env.client.raw({ method: 'DELETE', path: `${path}/keps/2-kep` });
    await env.eventually(async () => {
      now += 20_000;
      assert.deepEqual([await found('otters'), await found('marmots'), await found('badgers')], [['1-kep'], [], []]);
    });
  });
});

/** What a search finds when all texts were read. */
async function searched(browser, query) {
  for (;;) {
    const answer = (await browser.fetch(`/console/kep/search?${query}`)).json();
    if (answer.waiting === undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
