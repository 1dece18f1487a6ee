import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIssue } from '../markdown/read-issue.ts';
import { isEmoji, splitEmoji } from './emoji.ts';
import { keepKeys } from './keys.ts';
import type { Block, IssueDocument } from './model.ts';
import { normalizeIssue } from './normalize.ts';
import { pairTranslation, sourceHash, translateIssue } from './translate.ts';

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
  assert.deepEqual(translateIssue(edited, 'ja').gaps, [{ place: 'introduction[0]', state: 'stale' }]);
  assert.equal(edited.introduction[0]!.translations?.[0]?.sourceHash, sourceHash('Hello.'));
  assert.ok(translateIssue(edited, 'de').gaps.every(({ state }) => state === 'missing'));
});

test('a translation of other blocks is not taken, and its place is told', () => {
  const other = readIssue(TEXT.replace('"en"', '"ja"').replace('- a list', '> 引用')).issue;
  assert.deepEqual(pairTranslation(before, other).unpaired, ['sections[0].stories[0].blocks']);
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
