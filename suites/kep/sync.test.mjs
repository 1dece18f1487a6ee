// `syncKeps` on a server: only what differs is written, what is gone is removed, and a sync that was ended is completed by the next.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import {
  checkoutContent,
  KEP_KIND,
  KEP_TEXT_KIND,
  KepSite,
  serverContent,
  syncFeatureList,
  syncKeps,
} from 'nekube/kep';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

describe('KEPs are brought to a server', () => {
  let env;
  let root;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nekube-kep-sync-'));
    env = await start();
  });
  after(async () => {
    await env?.stop();
    rmSync(root, { recursive: true });
  });

  const put = (folder, fields) => {
    const file = join(root, 'keps', folder, 'kep.yaml');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      Object.entries(fields)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join(''),
    );
  };
  const kep = (number, status) => ({
    ...{ title: `KEP ${number}`, 'kep-number': number, authors: ['@a'], approvers: ['@b'], 'owning-sig': 'sig-node' },
    ...{ status, stage: 'stable', 'creation-date': '2020-01-01', milestone: { alpha: 'v1.30' } },
  });
  const contents = () => {
    const { keps, findings, textOf } = checkoutContent(root);
    return keps.map((one) => ({
      kep: one,
      findings: findings.get(one.name) ?? [],
      ...(one.readme && { text: textOf(one) }),
    }));
  };
  const sync = (options = {}, all = contents()) => syncKeps(env.client, all, { source: 'test', ...options });
  const live = async () => {
    const { items } = await env.client.list(KEP_KIND);
    return items.map(
      ({ metadata, spec, status }) => `${metadata.name} ${spec.status ?? '-'} ${status.conditions[0].status}`,
    );
  };

  test('made, with what is odd about them in their status', async () => {
    put('sig-node/1-one', kep(1, 'implemented'));
    put('sig-node/2-two', kep(2, 'imlpemented'));
    assert.deepEqual(await sync(), { created: 2, changed: 0, unchanged: 0, removed: 0, refused: [] });
    assert.deepEqual(await live(), ['1-one implemented False', '2-two - False']);
    const two = await env.client.get(KEP_KIND, { name: '2-two' });
    assert.deepEqual(two.spec.written, { status: 'imlpemented' });
    assert.ok(two.status.findings.some(({ rule }) => rule === 'status-unknown'));
  });

  test('once: a second time nothing is written but that it was looked at', async () => {
    const versions = async () =>
      (await env.client.list(KEP_KIND)).items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
    const before = await versions();
    assert.deepEqual(await sync(), { created: 0, changed: 0, unchanged: 2, removed: 0, refused: [] });
    assert.deepEqual(await versions(), before);
  });

  test('and changed and removed with the repository, but not those of another', async () => {
    await syncKeps(env.client, [], { source: 'other' });
    put('sig-node/1-one', kep(1, 'withdrawn'));
    rmSync(join(root, 'keps/sig-node/2-two'), { recursive: true });
    put('sig-node/3-three', kep(3, 'provisional'));
    assert.deepEqual(await sync(), { created: 1, changed: 1, unchanged: 0, removed: 1, refused: [] });
    assert.deepEqual(await live(), ['1-one withdrawn False', '3-three provisional False']);
  });

  test('and left to the repository that they are of, where another has one of the same name', async () => {
    const [one] = contents();
    const mine = { ...one, kep: { ...one.kep, title: 'of another' }, text: 'of another' };
    const other = { ...mine, kep: { ...mine.kep, name: '4-four' } };
    const { created, refused } = await sync({ source: 'other' }, [mine, other]);
    assert.deepEqual([created, refused.map(({ name }) => name)], [1, ['1-one']]);
    assert.match(refused[0].message, /of the repository "test", and this is "other"/);
    assert.equal((await env.client.get(KEP_KIND, { name: '1-one' })).spec.title, 'KEP 1');
    assert.equal((await sync()).unchanged, 2);
    assert.equal((await sync({ source: 'other' }, [])).removed, 1);
  });

  test('that lost all releases, as others do, since it does not parse', async () => {
    const file = join(root, 'keps/sig-node/3-three/kep.yaml');
    const whole = readFileSync(file, 'utf8');
    put('sig-node/3-three', { ...kep(3, 'provisional'), milestone: {} });
    assert.equal((await sync()).changed, 1);
    writeFileSync(file, 'title: [\n');
    assert.deepEqual(await sync(), { created: 0, changed: 1, unchanged: 1, removed: 0, refused: [] });
    const { spec, status } = await env.client.get(KEP_KIND, { name: '3-three' });
    assert.deepEqual([spec.milestones, spec.number, spec.title], [undefined, undefined, '']);
    assert.ok(status.findings.some(({ rule }) => rule === 'yaml'));
    writeFileSync(file, whole);
    assert.equal((await sync()).changed, 1);
  });

  test('twice at once, of which one waits for the other', async () => {
    for (let i = 50; i < 60; i++) put(`sig-node/${i}-x`, kep(i, 'provisional'));
    const both = await Promise.all([sync(), sync()]);
    assert.deepEqual(both.map(({ created }) => created).sort(), [0, 10]);
    for (let i = 50; i < 60; i++) rmSync(join(root, `keps/sig-node/${i}-x`), { recursive: true });
    const [one, two] = await Promise.all([sync(), sync()]);
    assert.deepEqual([one.removed, two.removed].sort(), [0, 10]);
    assert.deepEqual(await sync(), { created: 0, changed: 0, unchanged: 2, removed: 0, refused: [] });
  });

  test('all but one that the server does not take, which is told', async () => {
    const all = contents();
    const odd = { ...all[0], kep: { ...all[0].kep, name: '7-odd', latestMilestone: 'soon' } };
    const { created, unchanged, refused } = await sync({}, [odd, ...all]);
    assert.deepEqual([created, unchanged, refused.map(({ name }) => name)], [0, 2, ['7-odd']]);
    assert.match(refused[0].message, /latestMilestone/);
  });

  test('with texts of whatever characters', async () => {
    const odd = ['\0', '\x1b', '\x7f', '\x80', '\x85', '\u2028', '\ufeff', '\uffff', '😀'].join('a');
    const all = contents();
    const more = { ...all[0], kep: { ...all[0].kep, name: '8-odd', title: odd }, text: odd };
    assert.deepEqual((await sync({}, [more, ...all])).refused, []);
    assert.equal((await env.client.get(KEP_KIND, { name: '8-odd' })).spec.title, odd);
    assert.equal((await sync()).removed, 1);
  });

  test('also where a sync was ended in between: the next one does the rest', async () => {
    for (let i = 10; i < 40; i++) put(`sig-node/${i}-x`, kep(i, 'provisional'));
    const ended = new AbortController();
    const onProgress = (done) => {
      if (done === 12) ended.abort();
    };
    await assert.rejects(sync({ signal: ended.signal, onProgress }));
    const { created, changed, unchanged } = await sync();
    assert.equal(created + changed + unchanged, 32);
    assert.ok(unchanged >= 2, `${unchanged} were whole`);
    const { items } = await env.client.list(KEP_KIND);
    assert.deepEqual(
      items
        .filter(({ status, metadata }) => status?.content !== metadata.annotations['keps.nekube.dev/content'])
        .map((one) => one.metadata.name),
      [],
    );
  });

  test('with their texts beside them, from which a server searches and shows pages without the checkout', async () => {
    const readme = join(root, 'keps/sig-node/1-one/README.md');
    writeFileSync(readme, '# One\n\n## Summary\nSwap for pods. <script>alert(1)</script> [three](../3-three)\n');
    const { changed } = await sync();
    assert.equal(changed, 1);
    assert.deepEqual(await sync(), { created: 0, changed: 0, unchanged: 32, removed: 0, refused: [] });
    const site = new KepSite(await serverContent(env.client), { kepUrl: (name) => `/keps/${name}` });
    assert.equal(site.index().keps.length, 32);
    const { hits } = await site.search('swap');
    assert.deepEqual(
      hits.map(({ name, excerpt }) => [name, excerpt.heading]),
      [['1-one', 'Summary']],
    );
    const { html, dropped } = await site.page('1-one');
    assert.ok(html.includes('<a href="/keps/3-three">three</a>'), html);
    assert.ok(!html.includes('alert'), html);
    assert.deepEqual(dropped, { script: 1 });
    assert.equal((await site.page('3-three')).html, '');

    rmSync(readme);
    await sync();
    const { items } = await env.client.list(KEP_TEXT_KIND);
    assert.deepEqual(items, []);
  });

  test('with the gates of the code, of which the newest release counts', async () => {
    const gates = (stage) => [{ name: 'One', stages: [{ release: 'v1.9', stage, isDefault: true, isLocked: false }] }];
    const without = new KepSite(await serverContent(env.client), { kepUrl: (name) => name });
    assert.equal(without.gates().release, undefined);
    await syncFeatureList(env.client, { release: 'v1.10', gates: gates('beta') });
    await syncFeatureList(env.client, { release: 'v1.9', gates: gates('alpha') });
    const { release, gates: rows } = new KepSite(await serverContent(env.client), { kepUrl: (name) => name }).gates();
    assert.equal(release, 'v1.10');
    assert.deepEqual(
      rows.map(({ gate, stages, mismatches }) => [gate, stages?.[0].stage, mismatches[0]?.rule]),
      [['One', 'beta', 'gate-without-kep']],
    );
  });

  test('cut where a text is longer than an object may be', async () => {
    const readme = join(root, 'keps/sig-node/1-one/README.md');
    writeFileSync(readme, 'words and words\n'.repeat(100_000));
    await sync();
    const { spec } = await env.client.get(KEP_TEXT_KIND, { name: '1-one' });
    assert.equal(spec.isCut, true);
    assert.ok(spec.text.length <= 1_000_000 && spec.text.endsWith('words\n'), `${spec.text.length}`);
    assert.equal((await sync()).changed, 0);
  });
});
