import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkoutContent } from '../site/checkout-content.ts';
import { TEXTS } from './texts.ts';
import { html, Html } from './html.ts';
import { builtAssets, writeSite } from './write-site.ts';

const kepYaml = (number: number, more = ''): string =>
  `title: "KEP <${number}> & more"\nkep-number: ${number}\nauthors: ["@a"]\nowning-sig: sig-node\nstatus: implementable\nstage: alpha\ncreation-date: "2020-01-01"\nmilestone: {alpha: v1.30}\n${more}`;

describe('a static site', () => {
  let root = '';
  const at = (...parts: string[]): string => join(root, ...parts);
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  const write = (to: string): Promise<unknown> =>
    writeSite(checkoutContent(at('checkout')), at(to), { assets: builtAssets(), baseUrl: 'https://keps.example.com/' });
  const filesOf = (folder: string): ReadonlyMap<string, string> =>
    new Map(
      readdirSync(at(folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [posix.relative(at(folder), file), readFileSync(file, 'latin1')]),
    );

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nekube-kep-site-'));
    const [one, two, odd] = ['1-one', '2-two', '3-odd'].map((name) => `checkout/keps/sig-node/${name}`);
    put(
      `${one}/kep.yaml`,
      kepYaml(1, 'see-also: [/keps/sig-node/2-two, /keps/sig-node/9-gone]\nfeature-gates: [{name: A}]\n'),
    );
    put(
      `${one}/README.md`,
      '# One\n\n## Summary\n![here](a.png) ![gone](b.png) <script>alert(1)</script> sidecars [two](../2-two/README.md#summary)\n',
    );
    put(`${one}/a.png`, 'png');
    put(`${two}/kep.yaml`, kepYaml(2, 'participating-sigs: [sig-without-keps]\n'));
    put(
      'checkout/keps/sig-node/4-late/kep.yaml',
      'title: Late\nkep-number: 4\nlatest-milestone: v1.30\nmilestone: {alpha: v1.29}\n',
    );
    put(`${odd}/kep.yaml`, 'title: [not closed\nstatus: "implemented');
    await write('site');
  });
  after(() => rmSync(root, { recursive: true }));

  test('tells how many pages of its KEPs are there', async () => {
    const told: string[] = [];
    const onProgress = (done: number, all: number): unknown => told.push(`${done} of ${all}`);
    await writeSite(checkoutContent(at('checkout')), at('told'), { assets: builtAssets(), onProgress });
    assert.deepEqual([told.length, told[0], told.at(-1)], [8, '1 of 8', '8 of 8']);
    rmSync(at('told'), { recursive: true });
  });

  test('has its pages in both languages, feeds, and the images of texts', () => {
    const files = [...filesOf('site').keys()];
    for (const path of [
      'index.html',
      'index.ja.html',
      'keps/1-one.html',
      'keps/1-one.ja.html',
      'keps/3-odd.html',
      'sigs/sig-node.html',
      'releases/v1.30.ja.html',
      'gates.html',
      'changes.html',
      'feeds/all.atom',
      'feeds/sig-node.json',
      'data/keps.json',
      'data/search.json',
      'files/keps/sig-node/1-one/a.png',
    ])
      assert.ok(files.includes(path), path);
  });

  test('says what lands in a release, by stage', () => {
    const page = filesOf('site').get('releases/v1.30.html')!;
    assert.deepEqual(
      [...page.matchAll(/<h2>(?:<[^>]*>)*([a-z, ]+)(?:<[^>]*>)* \((\d+)\)/g)].map(([, ...found]) => found),
      [
        ['alpha', '2'],
        ['latest, of no stage', '1'],
      ],
    );
  });

  test('has no link within it that leads nowhere, and none that is not relative', () => {
    const files = filesOf('site');
    const problems = [...files].flatMap(([path, text]) =>
      !path.endsWith('.html')
        ? []
        : [...text.matchAll(/ (?:href|src|data-rows|data-search)="([^"#?]+)[^"]*"/g)].flatMap(([, url = '']) => {
            if (/^(?:https:|mailto:)/.test(url)) return [];
            const to = posix.join(posix.dirname(path), decodeURIComponent(url));
            return files.has(to) ? [] : [`${path}: ${url}`];
          }),
    );
    assert.deepEqual(problems, []);
  });

  test('runs no script but its own, styles nothing in a page, and asks no other host for anything', () => {
    for (const [path, text] of filesOf('site')) {
      if (!path.endsWith('.html')) continue;
      assert.match(
        text,
        /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;self&#39;/,
      );
      assert.ok(!/<script(?! type="module" src="assets\/site-| src="(?:\.\.\/)?assets\/theme-)/.test(text), path);
      assert.ok(!/ style="| on[a-z]+="|<style|alert\(1\)/.test(text), path);
      assert.ok(!/<(?:script|img|link rel="(?:stylesheet|icon)")[^>]* (?:src|href)="(?:https?:)?\/\//.test(text), path);
    }
  });

  test('says what is in a KEP, escaped, with its neighbours and what was left out', () => {
    const page = filesOf('site').get('keps/1-one.html')!;
    for (const piece of [
      'KEP &lt;1&gt; &amp; more',
      '<img src="../files/keps/sig-node/1-one/a.png"',
      '[image at github.com: gone]',
      '<a href="2-two.html#summary">two</a>',
      'not there',
      'script (1)',
    ])
      assert.ok(page.includes(piece), piece);
    assert.ok(filesOf('site').get('keps/1-one.ja.html')!.includes('<a href="2-two.ja.html#summary">two</a>'));
  });

  test('compares gates with the code where a list of features is known, and says nothing of it where none is', async () => {
    const without = filesOf('site').get('gates.html')!;
    assert.ok(without.includes(TEXTS.en.noList) && !without.includes(TEXTS.en.notThere), without);
    const stages = [{ release: 'v1.31', stage: 'alpha', isDefault: false, isLocked: false }] as const;
    const content = { ...checkoutContent(at('checkout')), codeGates: [{ name: 'A', stages }] };
    await writeSite(content, at('compared'), { assets: builtAssets() });
    const compared = filesOf('compared').get('gates.html')!;
    assert.ok(compared.includes('alpha in v1.30 by the KEP, and in v1.31 by the code'), compared);
    const japanese = filesOf('compared').get('gates.ja.html')!;
    assert.ok(japanese.includes(latin1('<td>alpha は KEP では v1.30、コードでは v1.31</td>')), japanese);
    assert.ok(filesOf('compared').get('keps/1-one.ja.html')!.includes(latin1('コードでは v1.31')));
    rmSync(at('compared'), { recursive: true });
  });

  test('has the same bytes when it is written again, and goes to its place whole', async () => {
    const first = filesOf('site');
    await write('site');
    assert.deepEqual(filesOf('site'), first);
    assert.deepEqual(readdirSync(root).sort(), ['checkout', 'site']);
  });

  test('loses what the repository has no more', async () => {
    rmSync(at('checkout/keps/sig-node/2-two'), { recursive: true });
    await write('site');
    assert.ok(!existsSync(at('site/keps/2-two.html')));
  });

  test('is not written over files that are no site', async () => {
    put('mine/file.txt', 'keep me');
    await assert.rejects(write('mine'), /has files that are no site of nekube kep/);
    assert.equal(readFileSync(at('mine/file.txt'), 'utf8'), 'keep me');
  });
});

/** A text as files are read here: byte by byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

test('templates escape all but HTML', () => {
  const nothing = undefined;
  assert.equal(
    html`<a title="${`"'<&>`}">${['<', html`<b>${1}</b>`]}${false}${nothing}${new Html('<i>')}</a>`.text,
    '<a title="&quot;&#39;&lt;&amp;&gt;">&lt;<b>1</b><i></a>',
  );
});

test('both languages have words for everything, and the Japanese ones are not the English ones', () => {
  const same = Object.keys(TEXTS.en).filter((key) => TEXTS.en[key as 'title'] === TEXTS.ja[key as 'title']);
  // a name, and what is written alike
  assert.deepEqual(same.sort(), ['kep', 'sig']);
});
