import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepKeys } from '../issue/keys.ts';
import { BLOCK_KINDS, type Block, type IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { textsOf } from '../issue/texts.ts';
import { translationsOf } from '../issue/translate.ts';
import { readIssue } from './read-issue.ts';
import { readSheet, translationsOfSheet, writeSheet } from './translation-sheet.ts';
import type { MarkdownFlavor } from './write-blocks.ts';
import { writeIssue } from './write-issue.ts';

/** Pieces of text that mean something in Markdown, HTML or YAML, between words that do not. */
const PIECES = [
  'words',
  'と日本語。',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  '\u3000',
  '\u00a0',
  '\u3000> ',
  ' \t> ',
  '#',
  '## ',
  '- ',
  '+ ',
  '* ',
  '1. ',
  '12) ',
  '> ',
  ':::',
  ':::message',
  '::::details x',
  '```',
  '~~~',
  '`',
  '``',
  '$$',
  '$',
  '|',
  '|-|',
  '| a | b |\n| - | - |',
  '---',
  '===',
  '***',
  '__',
  '<',
  '>',
  '<div>',
  '</details>',
  '<details><summary>',
  '<!--',
  '-->',
  '<!-- -->',
  '<!-- weekly: {} -->',
  '<script>',
  '&amp;',
  '[x]: y',
  '[^1]',
  '[^1]: note',
  '[a](b)',
  '![a](b)',
  '![a](https://x.example/i.png)',
  '*caption*',
  '@[card](https://x.example)',
  '@[youtube](abc)',
  'https://x.example/a',
  'https://x.example/a(b)',
  'http://x',
  '\\',
  '\\\n',
  '    code',
  '[!NOTE]',
  '[!WARNING]\n',
  '👀',
  '👀 ',
  '🇯🇵',
  '\u0000',
  '\ud800',
  '\u2028',
  '\ufeff',
  '"',
  "'",
  '{',
  ': ',
  'あとがき',
  'Afterword',
  '#1',
  'é',
];

const yamlValue = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.array(fc.stringMatching(/^[ -~]{0,9}$/), { maxLength: 2 }),
  fc.constant({ a: { b: ['c'] } }),
);
const text = fc.oneof(
  { arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')), weight: 4 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 1 },
);
const url = fc.oneof(
  fc.constantFrom(
    'https://x.example/',
    'https://x.example/a?b=c#d',
    'http://x.example/a(b)',
    'https://x.example/日本',
    'https://x.example/a b',
    'ftp://x',
    'javascript:alert(1)',
    '',
  ),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  text,
);
const id = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), minLength: 1, maxLength: 3 });
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** A record without the fields that are undefined. */
function record<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc
    .record(fields)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T);
}

/** Of texts as they are, as they were, and of some that never were. */
const translations = fc.uniqueArray(
  fc.record({ language: fc.constantFrom('en', 'de', 'pt-BR'), text, sourceHash: fc.stringMatching(/^[0-9a-f]{16}$/) }),
  { selector: ({ language }) => language, maxLength: 2 },
);

/** Any block, also such as are not in normal form. */
const anyBlock: fc.Arbitrary<Block> = record<Block>({
  id,
  kind: fc.constantFrom(...BLOCK_KINDS),
  text: optional(text),
  url: optional(url),
  alt: optional(text),
  caption: optional(text),
  title: optional(text),
  info: optional(text),
  service: optional(fc.constantFrom('youtube', 'card', 'tweet', '')),
  level: optional(fc.integer({ min: 0, max: 9 })),
  alert: optional(fc.boolean()),
  translations: optional(translations),
});
const blocks = fc.array(anyBlock, { maxLength: 4 });

/** Any issue, also such as are not in normal form. */
const anyIssue: fc.Arbitrary<IssueDocument> = record<IssueDocument>({
  number: optional(fc.nat()),
  date: optional(fc.constantFrom('2026-01-02', '2022-10-21')),
  language: fc.constantFrom('ja', 'en', 'pt-BR'),
  title: text,
  titleTranslations: optional(translations),
  slug: optional(fc.constantFrom('some-weekly-12', 'a')),
  emoji: optional(fc.constantFrom('👀', 'x', '👩‍👩‍👧', '')),
  type: optional(fc.constantFrom('tech', 'idea')),
  topics: fc.array(text, { maxLength: 3 }),
  published: fc.boolean(),
  publishedAt: optional(fc.constantFrom('2022-10-21 09:00', '2022-10-21', 'soon', '1:2')),
  frontMatter: optional(fc.dictionary(fc.constantFrom('publication_name', 'x', 'title', 'no'), yamlValue)),
  introduction: blocks,
  sections: fc.array(
    record({
      id,
      title: text,
      titleTranslations: optional(translations),
      emoji: optional(fc.constantFrom('👀', 'x', '🎉')),
      introduction: blocks,
      stories: fc.array(
        record({
          id,
          title: text,
          titleTranslations: optional(translations),
          url: optional(url),
          presenter: optional(text),
          blocks,
        }),
        {
          maxLength: 3,
        },
      ),
    }),
    { maxLength: 3 },
  ),
  afterword: optional(record({ title: text, titleTranslations: optional(translations), blocks })),
});

const RUNS = { numRuns: Number(process.env.NEKUBE_RUNS ?? 400) };
const FLAVORS: readonly MarkdownFlavor[] = ['zenn', 'markdown'];

for (const flavor of FLAVORS) {
  test(`any issue is read from its ${flavor} as the same, with its keys`, () => {
    fc.assert(
      fc.property(anyIssue, (issue) => {
        const normal = normalizeIssue(issue);
        assert.deepEqual(readIssue(writeIssue(issue, flavor), { before: normal }).issue, normal);
      }),
      RUNS,
    );
  });

  test(`what is written as ${flavor} is written the same when it was read, whatever text it was before`, () => {
    fc.assert(
      fc.property(anyIssue, (issue) => {
        const text = writeIssue(issue, flavor);
        assert.equal(writeIssue(readIssue(text).issue, flavor), text);
      }),
      RUNS,
    );
  });
}

test('any sheet of an issue that is brought back as it is changes no translation', () => {
  fc.assert(
    fc.property(anyIssue, fc.constantFrom('en', 'de'), (issue, language) => {
      const normal = normalizeIssue(issue);
      const { translations: read, notes } = translationsOfSheet(normal, readSheet(writeSheet(normal, language)));
      // a text that is there twice has one place
      const places = new Set(textsOf(normal).map(({ place }) => place));
      fc.pre(places.size === textsOf(normal).length);
      const own = translationsOf(normal).filter((one) => one.language === language && tidy(one.text) !== '');
      assert.deepEqual(
        read.map((one) => ({ ...one, text: tidy(one.text) })),
        own.map((one) => ({ ...one, text: tidy(one.text) })),
      );
      assert.deepEqual(notes, []);
    }),
    RUNS,
  );
});

/** A text as a sheet has it: with its own ends of lines, and none around it. */
function tidy(all: string): string {
  return all
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+(?=\n|$)/g, '')
    .replace(/^\n+|\n+$/g, '');
}

test('what a translator writes in a sheet is a translation, whatever it is', () => {
  fc.assert(
    fc.property(text, (written) => {
      const issue = normalizeIssue(TWO_TEXTS);
      const sheet = writeSheet(issue, 'en');
      const lines = tidy(written).replace(/(?<=^|\n)(\\*<!-- (?:text|translation):)/g, '\\$1');
      fc.pre(!lines.startsWith('>'));
      const [found, other] = translationsOfSheet(issue, readSheet(`${sheet}\n${lines}\n`)).translations;
      assert.equal(found?.text, tidy(written) === '' ? undefined : tidy(written));
      assert.equal(other, undefined);
    }),
    RUNS,
  );
});

const TWO_TEXTS: IssueDocument = {
  number: 12,
  language: 'ja',
  title: '第12号',
  topics: [],
  published: false,
  introduction: [{ id: 'a', kind: 'paragraph', text: 'はじめに' }],
  sections: [],
};

test('the normal form of an issue has itself as its normal form, and keeps its keys', () => {
  fc.assert(
    fc.property(anyIssue, (issue) => {
      const normal = normalizeIssue(issue);
      assert.deepEqual(normalizeIssue(normal), normal);
      assert.deepEqual(keepKeys(normal, normal), normal);
    }),
    RUNS,
  );
});
