import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { isBadNews, isUnsettled } from './polarity.ts';

interface Case {
  readonly name: string;
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly bad: boolean;
  readonly unsettled: boolean;
}

const cases: readonly Case[] = [
  { name: 'what is accepted is well', type: 'Accepted', status: 'True', bad: false, unsettled: false },
  { name: 'what is not accepted is not', type: 'Accepted', status: 'False', bad: true, unsettled: true },
  { name: 'what nobody has judged yet is unsettled', type: 'Accepted', status: 'Unknown', bad: false, unsettled: true },
  { name: 'what conflicts is not well', type: 'Conflicted', status: 'True', bad: true, unsettled: true },
  { name: 'what does not conflict is', type: 'Conflicted', status: 'False', bad: false, unsettled: false },
  { name: 'rules that are left out are told', type: 'PartiallyInvalid', status: 'True', bad: true, unsettled: true },
  { name: 'names that overlap are told', type: 'OverlappingTLSConfig', status: 'True', bad: true, unsettled: true },
  {
    name: 'clients that are let in without a good certificate are told',
    type: 'InsecureFrontendValidationMode',
    status: 'True',
    bad: true,
    unsettled: true,
  },
];

for (const { name, type, status, bad, unsettled } of cases) {
  test(name, () => {
    strictEqual(isBadNews({ type, status }), bad);
    strictEqual(isUnsettled({ type, status }), unsettled);
  });
}
