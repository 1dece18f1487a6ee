import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLanguage, language } from './language.ts';
import { texts } from './texts.ts';

test('a text is in the language that is shown', () => {
  const t = texts(
    { pods: 'Pods', count: (n: number) => `${n} pods` },
    { ja: { pods: 'Pod', count: (n: number) => `Pod ${n} 個` } },
  );
  assert.equal(t.count(3), '3 pods');
  language.value = 'ja';
  assert.equal(t.count(3), 'Pod 3 個');
  language.value = 'en';
  assert.equal(t.pods, 'Pods');
});

test('the first language of the wishes that there is gets chosen, and English without one', () => {
  assert.equal(chooseLanguage([null, 'fr', 'ja-JP', 'en']), 'ja');
  assert.equal(chooseLanguage(['xx']), 'en');
});
