import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellTexts } from '../app/texts.ts';
import { detailTexts } from '../detail/texts.ts';
import { editTexts } from '../edit/texts.ts';
import { kepTexts } from '../kep/texts.ts';
import { overviewTexts } from '../overview/texts.ts';
import { ownershipTexts } from '../ownership/texts.ts';
import { resourceTexts } from '../resources/texts.ts';
import { uiTexts } from '../ui/texts.ts';
import { weeklyTexts } from '../weekly/texts.ts';
import { all } from './texts.ts';

/** Signs are the same in every language, and so are names of formats and of the API's operations. */
const ALIKE = /^([^a-z]*|YAML|KEP|SIG|Atom|JSON|apply|update)$/i;

const SECTIONS = [
  kepTexts,
  shellTexts,
  detailTexts,
  editTexts,
  overviewTexts,
  ownershipTexts,
  resourceTexts,
  uiTexts,
  weeklyTexts,
];

test('every text is in Japanese, as a sentence where it is one', () => {
  const left: string[] = [];
  for (const { en, ja } of all)
    for (const key of Object.keys(en)) {
      const text = ja[key];
      if (text === undefined) left.push(`${key}: missing`);
      else if (typeof text !== typeof en[key]) left.push(`${key}: of another kind`);
      else if (typeof text === 'string' && !/[぀-ヿ一-鿿]/.test(text) && !ALIKE.test(text)) left.push(`${key}: ${text}`);
    }
  assert.equal(all.length, SECTIONS.length);
  assert.deepEqual(left, []);
});
