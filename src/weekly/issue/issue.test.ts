import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParseError } from 'nekube/apimachinery';
import { readIssue } from '../markdown/read-issue.ts';
import { isEmoji, splitEmoji } from './emoji.ts';
import { keepKeys } from './keys.ts';
import type { Block, IssueDocument } from './model.ts';
import { normalizeIssue } from './normalize.ts';
import { renderIssue } from '../render/render-issue.ts';
import { readSheet, translationsOfSheet, writeSheet } from '../markdown/translation-sheet.ts';
import { pairTranslation, type PlacedTranslation, sourceHash, translateIssue, withTranslations } from './translate.ts';

const TEXT = `---
title: Harbor Weekly
---

<!-- weekly: {"number":7,"language":"en"} -->

Hello.

## Articles

### One

https://example.com/one

The first sentence of this story.

- a list

### Two

https://example.com/two

Something else entirely.
`;

/** The keys of stories and blocks, by what they say now. */
function keysOf(issue: IssueDocument): Record<string, string> {
  const blocks = (all: readonly Block[]): [string, string][] => all.map(({ id, text, url }) => [text ?? url ?? '', id]);
  return Object.fromEntries([
    ...blocks(issue.introduction),
    ...issue.sections.flatMap((section) => [
      [section.title, section.id] as [string, string],
      ...section.stories.flatMap((story) => [[story.title, story.id] as [string, string], ...blocks(story.blocks)]),
    ]),
  ]);
}

/** As if editors had given names of their own. */
function named(issue: IssueDocument): IssueDocument {
  let count = 0;
  const rename = <T extends { readonly id: string }>(one: T): T => ({ ...one, id: `key-${count++}` });
  return {
    ...issue,
    introduction: issue.introduction.map(rename),
    sections: issue.sections.map((section) => ({
      ...rename(section),
      stories: section.stories.map((story) => ({ ...rename(story), blocks: story.blocks.map(rename) })),
    })),
  };
}

const before = named(readIssue(TEXT).issue);

test('keys stay where sentences are edited, stories change places and headings are renamed', () => {
  const [head, one, two] = TEXT.split(/(?=^### )/m);
  const edited = `${head!.replace('Hello.', 'Hello there.').replace('## Articles', '## Articles of the week')}${two}\n${one!.replace('first sentence', 'first, better sentence')}`;
  const keys = keysOf(readIssue(edited, { before }).issue);
  const old = keysOf(before);
  assert.equal(keys['The first, better sentence of this story.'], old['The first sentence of this story.']);
  for (const same of ['One', 'Two', 'https://example.com/one', '- a list', 'Something else entirely.'])
    assert.equal(keys[same], old[same]);
  assert.equal(keys['Articles of the week'], old.Articles);
  assert.equal(keys['Hello there.'], old['Hello.']);
});

test('what is new has a key that nothing has', () => {
  const { issue } = readIssue(
    TEXT.replace('- a list', '- a list\n\nAn addition of quite other words.\n\n> and a quote'),
    { before },
  );
  const ids = issue.sections[0]!.stories[0]!.blocks.map(({ id }) => id);
  assert.equal(new Set(ids).size, 5);
  assert.deepEqual(ids.filter((id) => id.startsWith('key-')).length, 3);
});

test('a translation that was read stays, and is stale when its text changes', () => {
  const other = readIssue(
    TEXT.replace('"en"', '"ja"').replace('Hello.', 'こんにちは。').replace('- a list', '- 一覧'),
  ).issue;
  const { issue, unpaired } = pairTranslation(before, other);
  assert.deepEqual(unpaired, []);
  const japanese = translateIssue(issue, 'ja');
  assert.deepEqual(japanese.gaps, []);
  assert.equal(japanese.issue.introduction[0]!.text, 'こんにちは。');
  const edited = readIssue(TEXT.replace('Hello.', 'Hello there.'), { before: issue }).issue;
  assert.deepEqual(translateIssue(edited, 'ja').gaps, [
    { place: `introduction/${before.introduction[0]!.id}`, state: 'stale' },
  ]);
  assert.equal(edited.introduction[0]!.translations?.[0]?.sourceHash, sourceHash('Hello.'));
  assert.ok(translateIssue(edited, 'de').gaps.every(({ state }) => state === 'missing'));
});

test('a translation of other blocks is not taken, and its place is told', () => {
  const other = readIssue(TEXT.replace('"en"', '"ja"').replace('- a list', '> 引用')).issue;
  assert.deepEqual(pairTranslation(before, other).unpaired, [`stories/${before.sections[0]!.stories[0]!.id}/blocks`]);
});

/** A sheet of the issue with one text replaced by a function of its lines. */
function edited(issue: IssueDocument, edit: (sheet: string) => string): readonly PlacedTranslation[] {
  return translationsOfSheet(issue, readSheet(edit(writeSheet(issue, 'de')))).translations;
}

test('a sheet marks what is missing and stale, and takes what was written, of the text that was seen', () => {
  const hello = before.introduction[0]!.id;
  const first = edited(before, (sheet) => sheet.replace('> Hello.\n', '> Hello.\n\nHallo.\n'));
  assert.deepEqual(first, [
    { place: `introduction/${hello}`, language: 'de', text: 'Hallo.', sourceHash: sourceHash('Hello.') },
  ]);
  const issue = withTranslations(
    { ...before, introduction: [{ id: hello, kind: 'paragraph', text: 'Hello there.' }] },
    first,
  );
  assert.match(writeSheet(issue, 'de'), /"state":"stale","place":"introduction\/[^\n]+\n\n> Hello there\.\n\nHallo\./);
  assert.deepEqual(
    edited(issue, (sheet) => sheet),
    first,
    'what is left alone stays stale',
  );
  const again = { ...first[0]!, sourceHash: sourceHash('Hello there.') };
  assert.deepEqual(
    edited(issue, (sheet) => sheet.replace('"state":"stale"', '"state":"fresh"')),
    [again],
    'or is right all the same',
  );
  assert.deepEqual(
    edited(issue, (sheet) => sheet.replace('Hallo.', 'Hallo du.')),
    [{ ...again, text: 'Hallo du.' }],
  );
  assert.deepEqual(
    edited(issue, (sheet) => sheet.replace('Hallo.', '')),
    [],
    'what is emptied is taken back',
  );
});

test('a sheet of texts that are no more, or changed meanwhile, says so', () => {
  const sheet = readSheet(writeSheet(before, 'de').replace('> Hello.\n', '> Hello.\n\nHallo.\n'));
  const { id } = before.introduction[0]!;
  const gone = translationsOfSheet({ ...before, introduction: [] }, sheet);
  assert.deepEqual(gone.translations, []);
  assert.match(gone.notes.join(), /no such text any more/);
  const now = { ...before, introduction: [{ id, kind: 'paragraph', text: 'Bye.' } as const] };
  const changed = translationsOfSheet(now, sheet);
  assert.match(changed.notes.join(), /has changed since/);
  assert.deepEqual(translateIssue(withTranslations(now, changed.translations), 'de').gaps[1], {
    place: `introduction/${id}`,
    state: 'stale',
  });
});

for (const [line, message] of [
  ['<!-- text: {"state":"done"} -->', /line 3|must say place/],
  ['<!-- text: nothing', /must be as it was/],
] as const)
  test(`a line of a sheet that is not what it was is named: ${line}`, () => {
    assert.throws(
      () => readSheet(`<!-- translation: {"language":"de"} -->\n\n${line}\n`),
      (error: ParseError) => {
        assert.equal(error.line, 3);
        assert.match(error.message, message);
        return true;
      },
    );
  });

test('each form of an issue marks what is stale, and what is not translated', () => {
  const [hello] = before.introduction;
  const issue = withTranslations(before, [
    { place: `introduction/${hello!.id}`, language: 'ja', text: 'こんにちは。', sourceHash: 'old' },
    { place: 'title', language: 'ja', text: 'ハーバー', sourceHash: sourceHash(before.title) },
  ]);
  for (const format of ['zenn', 'markdown', 'html'] as const) {
    const text = renderIssue(issue, format, { language: 'ja' });
    assert.match(text, /原文が更新されています[^こ]*こんにちは。/, format);
    assert.match(text, /未翻訳/, format);
    assert.doesNotMatch(renderIssue(issue, format), /未翻訳|更新/, format);
  }
  const mail = renderIssue(issue, 'email', { language: 'ja' }).split('\r\n\r\n');
  assert.match(Buffer.from(mail[2]!.split('\r\n--')[0]!, 'base64').toString(), /原文が更新されています/);
});

test('keys are kept of the same issue that is read twice', () => {
  assert.deepEqual(keepKeys(before, readIssue(TEXT).issue), before);
});

const PARAGRAPHS: readonly (readonly [string, string])[] = [
  ['# a', '\\# a'],
  ['#a', '#a'],
  ['- a', '\\- a'],
  ['-a', '-a'],
  ['1. a', '1\\. a'],
  ['2031) a', '2031\\) a'],
  ['> a', '\\> a'],
  [':::message', '\\:::message'],
  ['https://example.com/a', '<https://example.com/a>'],
  ['see https://example.com/a', 'see https://example.com/a'],
  ['a  \n\n  b', 'a\nb'],
  ['a\n---', 'a\n\\---'],
  ['a\n===', 'a\n\\==='],
  ['a | b\n- | -', 'a | b\n\\- | -'],
  ['```', '\\`\\`\\`'],
  ['`a`', '`a`'],
  ['<div>', '\\<div>'],
  ['<https://example.com>', '<https://example.com>'],
  ['[^1]: a', '\\[^1]: a'],
  ['$$', '\\$$'],
  ['@[youtube](a)', '\\@[youtube](a)'],
  ['日本語\r\n。\u0000', '日本語\n。'],
];

test('a paragraph begins nothing else, whatever its text is', () => {
  for (const [text, normal] of PARAGRAPHS) {
    const issue = { ...before, introduction: [{ id: 'a', kind: 'paragraph', text } as const] };
    assert.deepEqual(normalizeIssue(issue).introduction, [{ id: 'a', kind: 'paragraph', text: normal }]);
  }
});

test('one emoji is one, of however many characters', () => {
  for (const emoji of ['👀', '🇯🇵', '👩‍👩‍👧', '👍🏽', '☀️', '☀', '1️⃣']) assert.ok(isEmoji(emoji), emoji);
  for (const other of ['', 'a', '1', '#', '👀👀', '👀 ', '日']) assert.ok(!isEmoji(other), other);
  assert.deepEqual(splitEmoji('👀 Notable'), { emoji: '👀', title: 'Notable' });
  assert.deepEqual(splitEmoji('👀Notable'), { title: '👀Notable' });
});
