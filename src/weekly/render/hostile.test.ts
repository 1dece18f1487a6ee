import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BLOCK_KINDS, type Block, type IssueDocument } from '../issue/model.ts';
import { readIssue } from '../markdown/read-issue.ts';
import { writeIssue } from '../markdown/write-issue.ts';
import { writeAtom } from './atom.ts';
import { writeEmailHtml } from './email.ts';
import { unescapeHtml } from './escape.ts';
import { writeHtml } from './html-page.ts';

/** Texts with which pages are attacked, by what they try. */
const HOSTILE = JSON.parse(
  readFileSync(new URL('../../../src/weekly/testdata/hostile.json', import.meta.url), 'utf8'),
) as Record<string, readonly string[]>;

/** An issue that has a text everywhere where an editor, a feed or an imported file may write one. */
function issueOf(text: string): IssueDocument {
  const translations = [{ language: 'en', text, sourceHash: text }];
  const block = (kind: Block['kind']): Block => ({
    id: kind,
    kind,
    text,
    url: text,
    alt: text,
    caption: text,
    title: text,
    info: text,
    service: text,
    translations,
  });
  const image: Block = { ...block('image'), url: 'https://x.example/i.png', id: 'shown' };
  const blocks = [...BLOCK_KINDS.map(block), image];
  return {
    date: text,
    language: 'ja',
    title: text,
    slug: text,
    emoji: text,
    topics: [text],
    published: true,
    publishedAt: '2031-01-01',
    titleTranslations: translations,
    introduction: blocks,
    sections: [
      {
        id: 'a',
        title: text,
        emoji: text,
        titleTranslations: translations,
        introduction: blocks,
        stories: [{ id: 'b', title: text, titleTranslations: translations, url: text, presenter: text, blocks }],
      },
    ],
    afterword: { title: text, titleTranslations: translations, blocks },
  };
}

const ELEMENTS = new Set(
  'html head meta title style body header main footer div p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code strong em del a br hr sup span details summary table thead tbody tr th td figure figcaption img time'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'lang class id href rel role style align scope tabindex start datetime src alt loading referrerpolicy charset name content http-equiv aria-hidden width cellpadding cellspacing border'.split(
    ' ',
  ),
);

/** The only form in which we write a tag, so that no browser reads it otherwise. */
const TAG = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>$/;

/** What of HTML is none of our elements, runs, or leads or loads from where it must not. */
function problemsOf(html: string, isPage: boolean): string[] {
  const problems: string[] = [];
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(html) ?? [];
  if (/url\(|@import|@font-face/i.test(style)) problems.push('style sheet loads something');
  for (const [tag] of html.replace(/^<!doctype html>\n/, '').matchAll(/<[^>]*>?/g)) {
    const [, , name = '', attributes = ''] = TAG.exec(tag) ?? [];
    if (!ELEMENTS.has(name)) problems.push(`element ${tag}`);
    if (!isPage && ['html', 'meta', 'style', 'title', 'body'].includes(name)) problems.push(`element ${tag}`);
    for (const [, attribute = '', escaped = ''] of attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g))
      problems.push(...problemOf(attribute, unescapeHtml(escaped)).map((problem) => `${problem} in ${tag}`));
  }
  return problems;
}

function problemOf(attribute: string, value: string): string[] {
  if (!ATTRIBUTES.has(attribute)) return [`attribute ${attribute}`];
  const isFine = {
    href: /^(?:https?:\/\/|mailto:|\/(?![/\\])|#|\.{1,2}\/(?![/\\]))/i,
    src: /^(?:https?:\/\/|\/(?![/\\])|\.{1,2}\/(?![/\\]))/i,
    style: /^(?!.*(?:url|expression|import|behavior|position|@))/is,
    'http-equiv': /^Content-Security-Policy$/,
  }[attribute];
  return isFine === undefined || isFine.test(value) ? [] : [`${attribute} ${value}`];
}

for (const [what, texts] of Object.entries(HOSTILE))
  for (const text of texts)
    test(`nothing of a text is more than text: ${what}: ${JSON.stringify(text)}`, () => {
      const issue = issueOf(text);
      const read = readIssue(writeIssue(issue, 'zenn')).issue;
      for (const [from, one] of [
        ['objects', issue],
        ['Markdown', read],
        ['a text', readIssue(text).issue],
      ] as const)
        for (const showsImages of [false, true])
          for (const language of [undefined, 'en']) {
            const options = { showsImages, ...(language !== undefined && { language }) };
            assert.deepEqual(problemsOf(writeHtml(one, options), true), [], `page of ${from}`);
            assert.deepEqual(problemsOf(writeEmailHtml(one, options), true), [], `mail of ${from}`);
          }
      const feed = writeAtom([{ ...issue, slug: 'issue-of-twelve' }], {
        title: text,
        url: 'https://x.example/',
        author: text,
      });
      const [, content] = /<content type="html">([^<]*)<\/content>/.exec(feed)!;
      assert.deepEqual(problemsOf(unescapeHtml(content!), false), [], 'feed');
    });
