import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readKep } from '../document/read-kep.ts';
import { excerptOf } from './excerpt.ts';
import { KepIndex } from './kep-index.ts';
import { wordsOf } from './words.ts';
import { sectionsOf } from './plain-text.ts';

describe('the words of a document', () => {
  for (const { name, markdown, sections } of [
    {
      name: 'stand below headings, without marks, and with the words of links, also over lines',
      markdown:
        '# One `two`\n\nSee [the\ndesign](https://example.com/x) **now**.\n\n## Three ##\n- four\n1. five <b>six</b>\n',
      sections: [
        { heading: 'One two', text: 'See the design now .' },
        { heading: 'Three', text: 'four five six' },
      ],
    },
    {
      name: 'are without comments, tables of contents and front matter',
      markdown:
        '---\nkep: 1\n---\n<!--\n# no\n-->\n# Yes\n<!-- toc -->\n- [No](#no)\n<!-- /toc -->\nwords <!-- no --> here',
      sections: [{ heading: 'Yes', text: 'words here' }],
    },
    {
      name: 'are the same whatever marks the order of bytes and ends the lines',
      markdown: '\uFEFF---\r\nkep: 1\r\n---\r\n# Yes\r\nwords\r\nhere',
      sections: [{ heading: 'Yes', text: 'words here' }],
    },
    {
      name: 'have signs where these are written by their names, which are no words, but in code',
      markdown: '# Memory &amp; CPU\nif a &lt;b&gt; is&nbsp;&quot;c&quot;\n```\n&amp;\n```\n',
      sections: [{ heading: 'Memory & CPU', text: 'if a <b> is "c" &amp;' }],
    },
    { name: 'end with a comment that does not', markdown: 'one <!-- two', sections: [{ heading: '', text: 'one' }] },
    {
      name: 'have code as it is, in which # is no heading',
      markdown: '# A\n```yaml\n# b\nc_d: 1\n```\ne\n',
      sections: [{ heading: 'A', text: '# b c_d: 1 e' }],
    },
  ])
    test(name, () => assert.deepEqual(sectionsOf(markdown), sections));

  test('are also the parts of names', () => {
    assert.deepEqual(wordsOf('UserNamespacesSupport, APIServer x-y v1.36'), [
      ...['UserNamespacesSupport', 'User', 'Namespaces', 'Support'],
      ...['APIServer', 'API', 'Server', 'x', 'y', 'v1', '36'],
    ]);
  });
});

describe('an excerpt', () => {
  test('is the first piece that has most of the words, with their places', () => {
    const sections = [
      { heading: 'A', text: 'swap here alone' },
      { heading: 'B', text: `${'x '.repeat(200)}swap and Memory limits ${'y '.repeat(200)}` },
    ];
    const { heading, text, marks } = excerptOf(sections, ['swap', 'memory'])!;
    assert.deepEqual([heading, marks.map(([from, to]) => text.slice(from, to))], ['B', ['swap', 'Memory']]);
    assert.match(text, /^… .* …$/);
    assert.ok(text.length < 250, 'it is short');
  });

  test('is none where no word stands, and words are not found within others', () => {
    assert.equal(excerptOf([{ heading: '', text: 'swapping' }], ['ping']), undefined);
  });
});

describe('a search', () => {
  const texts: Readonly<Record<string, string>> = {
    '1-one': '# User namespaces\nA container runs as root in a user namespace.',
    '2-two': '# Swap\nMemory of user processes may be swapped.',
    '3-three': '',
  };
  const keps = [
    'kep-number: 1\ntitle: Support User Namespaces\nowning-sig: sig-node\nfeature-gates: [{name: UserNamespacesSupport}]',
    'kep-number: 2\ntitle: Node swap\nowning-sig: sig-node',
    'kep-number: 127\ntitle: Other\nowning-sig: sig-cli',
  ].map((yaml, i) => readKep(`keps/sig-x/${Object.keys(texts)[i]}`, yaml).kep);
  const index = new KepIndex();
  for (const kep of keps) index.add(kep, texts[kep.name]!);
  for (const { query, found } of [
    { query: 'namespace', found: ['1-one'] },
    { query: 'user', found: ['1-one', '2-two'] },
    { query: 'user memory', found: ['2-two'] },
    { query: 'usernamespacessupport', found: ['1-one'] },
    { query: 'namspaces', found: ['1-one'] },
    { query: 'swap', found: ['2-two'] },
    { query: '127', found: ['3-three'] },
    { query: 'swap 127', found: ['3-three', '2-two'] },
    { query: 'nothing', found: [] },
    { query: '', found: [] },
  ])
    test(`for ${JSON.stringify(query)} finds ${JSON.stringify(found)}`, () =>
      assert.deepEqual(
        index.find(query).map(({ kep }) => kep.name),
        found,
      ));

  test('may be of some KEPs only, and make only some excerpts', () => {
    const hits = index.find('user', { isWanted: ({ name }) => name !== '1-one' });
    assert.deepEqual(
      hits.map(({ kep }) => kep.name),
      ['2-two'],
    );
    assert.deepEqual(
      index.find('user', { excerpts: 1 }).map(({ excerpt }) => excerpt !== undefined),
      [true, false],
    );
  });
});
