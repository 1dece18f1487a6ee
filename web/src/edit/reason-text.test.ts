import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Why } from 'nekube/ownership';
import { language } from '../i18n/language.ts';
import { deciderText, reasonText, saidBy } from './reason-text.ts';

type Texts = readonly [en: string, ja: string];

/** Each code as the server sends it, with its sentence in both languages. */
const REASONS: readonly (readonly [Why, ...Texts])[] = [
  [
    { code: 'Malformed', problem: 'spec.decision: must be a text' },
    'The policy cannot be evaluated',
    'ポリシーを評価できません',
  ],
  [
    { code: 'UserUnknown', field: 'match.users' },
    'The policy cannot be evaluated: it asks with match.users who applies, which is not known',
    'ポリシーを評価できません。match.users の対象となる、適用するユーザーが不明です',
  ],
  [
    { code: 'ClaimTimeUnknown', field: 'lease', manager: 'hpa' },
    'The policy cannot be evaluated: it asks with lease how old the claim of hpa is, which has no time',
    'ポリシーを評価できません。lease の対象となる hpa の所有に時刻の記録がありません',
  ],
  [
    { code: 'ConditionFailed', error: 'no such key: a' },
    'The condition of the policy cannot be evaluated',
    'ポリシーの条件を評価できません',
  ],
  [
    { code: 'ConditionOfSecretFailed' },
    'The condition of the policy cannot be evaluated; why is not told of a Secret, whose values it might show',
    'ポリシーの条件を評価できません。Secret の値が含まれうるため、理由は表示しません',
  ],
  [
    { code: 'LeaseHolds', manager: 'hpa', seconds: 1240 },
    'The lease of hpa holds for 1,240s more',
    'hpa のリースがあと 1,240 秒間有効です',
  ],
  [{ code: 'AsksPerson' }, 'The policy asks a person', 'ポリシーにより、担当者の判断が必要です'],
  [
    { code: 'ConfigurationMalformed', problem: '.spec.a: field not declared in schema' },
    'What is applied does not fit the schema',
    '適用する内容がスキーマに合っていません',
  ],
  [
    { code: 'NoSchema', decision: 'yield', kind: 'e.test/v1 Thing', note: 'the cluster has none' },
    '“Leave it” cannot be carried out: the cluster has no schema of e.test/v1 Thing',
    'クラスターに e.test/v1 Thing のスキーマがないため、「任せる」を実行できません',
  ],
  [
    { code: 'NoSuchField', decision: 'share', kind: 'e.test/v1 Thing', path: '.spec.a' },
    '“Share” cannot be carried out: e.test/v1 Thing has no .spec.a',
    'e.test/v1 Thing に .spec.a がないため、「共有する」を実行できません',
  ],
  [
    { code: 'ConflictRemains' },
    'It is in conflict still when the other decisions are carried out',
    'ほかの決定を実行しても競合が残ります',
  ],
];

const DECIDERS: readonly (readonly [string, ...Texts])[] = [
  ['policy FieldPolicy shop/a', 'decided by FieldPolicy shop/a', '決定: FieldPolicy shop/a'],
  ['the server', 'decided by the server', '決定: サーバー'],
];

describe('a decision is told in the language that is shown', () => {
  for (const [why, ...texts] of REASONS)
    test(`why: ${why.code}`, () =>
      assert.deepEqual(
        inBoth(() => reasonText(why)),
        texts,
      ));
  for (const [by, ...texts] of DECIDERS)
    test(`who: ${by}`, () =>
      assert.deepEqual(
        inBoth(() => deciderText(by)),
        texts,
      ));
});

test('what a reader or an evaluation says is kept apart, as it is in no other language', () => {
  const said = REASONS.map(([why]) => saidBy(why)).filter((text) => text !== undefined);
  assert.deepEqual(said, ['spec.decision: must be a text', 'no such key: a', '.spec.a: field not declared in schema']);
});

function inBoth(text: () => string): Texts {
  const en = text();
  language.value = 'ja';
  const ja = text();
  language.value = 'en';
  return [en, ja];
}
