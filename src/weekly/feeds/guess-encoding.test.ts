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

for (const { language, encodings, texts } of samples)
  for (const encoding of encodings) {
    const guessed = (text: string): string => guessEncoding(encode(text, encoding));

    test(`${language} in ${encoding} is seen in a title`, () => {
      const others = texts.filter((text) => guessed(text) !== encoding);
      assert.deepEqual(others, []);
    });

    test(`${language} in ${encoding} is seen between markup`, () => {
      const markup = (text: string): string =>
        `<item><title>${text}</title><link>https://example.org/a-page?id=1</link></item>\n`;
      const others = texts.filter((text) => guessed(markup(text).repeat(3)) !== encoding);
      assert.deepEqual(others, []);
      assert.equal(guessed(texts.map(markup).join('')), encoding);
    });
  }

const russian = samples.find(({ language }) => language === 'Russian')!;
/** Its letters are as usual in the other reading. */
const NOT_TOLD = new Set(['РЕЦЕПТ БОРЩА']);

for (const encoding of russian.encodings)
  test(`Russian all in capitals in ${encoding} is not taken for small letters of the other encoding`, () => {
    const capitals = russian.texts.map((text) => text.toUpperCase()).filter((text) => !NOT_TOLD.has(text));
    assert.deepEqual(
      capitals.filter((text) => guessEncoding(encode(text, encoding)) !== encoding),
      [],
    );
    const pieces = capitals.flatMap((text) => text.match(/.{20}/g) ?? []);
    const right = pieces.filter((piece) => guessEncoding(encode(piece, encoding)) === encoding);
    assert.ok(right.length >= pieces.length * 0.9, `${right.length} of ${pieces.length} pieces of 20 characters`);
  });

const MARKED: readonly (readonly [text: string, encodings: readonly EncodingName[]])[] = [
  ['（速報）！', ['euc-jp', 'shift_jis']],
  ['週刊：！？', ['euc-jp', 'shift_jis']],
  ['你好，（一）！', ['gb18030', 'big5']],
];

for (const [text, encodings] of MARKED)
  for (const encoding of encodings)
    test(`full-width marks are part of a text: ${text} in ${encoding}`, () =>
      assert.equal(guessEncoding(encode(text, encoding)), encoding));
