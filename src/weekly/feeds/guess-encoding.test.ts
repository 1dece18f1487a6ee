import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { guessEncoding } from './guess-encoding.ts';
import { encode, type EncodingName } from './testing/encode.ts';

interface Sample {
  readonly language: string;
  readonly encodings: readonly EncodingName[];
  readonly texts: readonly string[];
}

const samples = JSON.parse(
  readFileSync(new URL('../../../src/weekly/feeds/testdata/languages.json', import.meta.url), 'utf8'),
) as readonly Sample[];

/** Nothing in upper case tells one Cyrillic encoding from the other, which has the other case in its place. */
const NOT_TOLD = new Set(['ПОСЛЕДНИЕ НОВОСТИ']);

for (const { language, encodings, texts } of samples)
  for (const encoding of encodings) {
    const guessed = (text: string): string => guessEncoding(encode(text, encoding));

    test(`${language} in ${encoding} is seen in a title`, () => {
      const others = texts.filter((text) => !NOT_TOLD.has(text) && guessed(text) !== encoding);
      assert.deepEqual(others, []);
    });

    test(`${language} in ${encoding} is seen between markup`, () => {
      const markup = (text: string): string =>
        `<item><title>${text}</title><link>https://example.org/a-page?id=1</link></item>\n`;
      const others = texts.filter((text) => !NOT_TOLD.has(text) && guessed(markup(text).repeat(3)) !== encoding);
      assert.deepEqual(others, []);
      assert.equal(guessed(texts.map(markup).join('')), encoding);
    });
  }

const MARKED: readonly (readonly [text: string, encodings: readonly EncodingName[]])[] = [
  ['（速報）！', ['euc-jp', 'shift_jis']],
  ['週刊：！？', ['euc-jp', 'shift_jis']],
  ['你好，（一）！', ['gb18030', 'big5']],
];

for (const [text, encodings] of MARKED)
  for (const encoding of encodings)
    test(`full-width marks are part of a text: ${text} in ${encoding}`, () =>
      assert.equal(guessEncoding(encode(text, encoding)), encoding));
