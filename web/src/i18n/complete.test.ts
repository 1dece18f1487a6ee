import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellTexts } from '../app/texts.ts';
import { detailTexts } from '../detail/texts.ts';
import { editTexts } from '../edit/texts.ts';
import { overviewTexts } from '../overview/texts.ts';
import { resourceTexts } from '../resources/texts.ts';
import { all } from './texts.ts';

/** Signs are the same in every language. */
const ALIKE = /^[^a-z]*$/i;

test('every text is in Japanese, as a sentence where it is one', () => {
  const left: string[] = [];
  for (const { en, ja } of all)
    for (const key of Object.keys(en)) {
      const text = ja[key];
      if (text === undefined) left.push(`${key}: missing`);
      else if (typeof text !== typeof en[key]) left.push(`${key}: of another kind`);
      else if (typeof text === 'string' && !/[぀-ヿ一-鿿]/.test(text) && !ALIKE.test(text)) left.push(`${key}: ${text}`);
    }
  assert.equal(all.length, [shellTexts, detailTexts, editTexts, overviewTexts, resourceTexts].length);
  assert.deepEqual(left, []);
});
