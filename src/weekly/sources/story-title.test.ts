import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plainText, readInline } from '../markdown/inline.ts';
import { readIssue } from '../markdown/read-issue.ts';
import { writeIssue } from '../markdown/write-issue.ts';
import { storyTitle } from './story-title.ts';

const cases: readonly (readonly [name: string, text: string, title: string])[] = JSON.parse(
  readFileSync(new URL('../../../src/weekly/sources/testdata/titles.json', import.meta.url), 'utf8'),
);

describe('the title of a story that somebody outside wrote', () => {
  for (const [name, text, title] of cases) it(name, () => assert.equal(storyTitle(text), title));

  it('says the same in Markdown, whatever it is, with nothing in it but text and code', () => {
    const pieces = [
      '*',
      '_',
      '`',
      '[a](http://b.example)',
      '![',
      '](',
      '<b>',
      '&amp;',
      '\\',
      '$',
      '~~',
      '#',
      'http://c.example/',
      ' ',
      'x',
      '日本',
    ];
    const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 5 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join('');
        const title = storyTitle(text);
        assert.ok(
          readInline(title).every(({ kind }) => kind === 'text' || kind === 'code'),
          title,
        );
        const shown = plainText(title).replaceAll(/[\s`]+/g, '');
        assert.ok(text.replaceAll(/[\s`\p{Cc}\p{Bidi_Control}\p{Cs}]+/gu, '') === shown || title === '', title);
      }),
      { numRuns: 2000 },
    );
  });

  it('comes back out of a published issue', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const title = storyTitle(text);
        fc.pre(title !== '');
        const story = { id: 'one', title, url: 'https://a.example/', blocks: [] };
        const sections = [{ id: 'articles', title: 'Articles', introduction: [], stories: [story] }];
        const issue = { title: 'T', language: 'en', topics: [], published: false, introduction: [], sections };
        const read = readIssue(writeIssue(issue as never, 'markdown'), { before: issue as never });
        assert.equal(plainText(read.issue.sections[0]!.stories[0]!.title), plainText(title));
      }),
    );
  });
});
