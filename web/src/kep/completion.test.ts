import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KepRow } from 'nekube/kep';
import { completionsAt } from './completion.ts';

const row = (number: number, owningSig: string, more: Partial<KepRow>): KepRow => ({
  name: `${number}-kep`,
  number,
  title: `KEP ${number}`,
  owningSig,
  participatingSigs: [],
  authors: ['@ada'],
  reviewers: [],
  approvers: [],
  readinessApprovers: [],
  featureGates: [],
  milestones: {},
  written: {},
  findings: 0,
  ...more,
});

const rows = [
  row(1, 'sig-node', { stage: 'alpha', status: 'implementable', latestMilestone: 'v1.36' }),
  row(2, 'sig-node', {
    stage: 'beta',
    status: 'implemented',
    latestMilestone: 'v1.36',
    authors: ['Ada Byron', '@ada'],
  }),
  row(3, 'sig-network', { stage: 'alpha', status: 'implementable', latestMilestone: 'v1.35' }),
];

/** What is offered where the caret is `|`, with what stands in the field then. */
function offered(typed: string, inTexts = false): readonly string[] {
  const caret = typed.indexOf('|');
  const text = typed.replace('|', '');
  const found = completionsAt(text, caret, { rows, inTexts });
  if (found === undefined) return [];
  const { from, to } = found;
  return found.options.map(
    ({ insert, hint }) => `${text.slice(0, from)}${insert}${text.slice(to)}${hint === undefined ? '' : ` ${hint}`}`,
  );
}

describe('a filter of KEPs is completed', () => {
  for (const { name, typed, options } of [
    {
      name: 'by fields that begin so, then by those that have it within',
      typed: 'sta|',
      options: ['status:', 'stage:', 'stable:', 'is:stale'],
    },
    { name: 'by fields also where what has them is left out', typed: 'cpu -prr|', options: ['cpu -prr-approver:'] },
    { name: 'by values, the most frequent first', typed: 'sig:|', options: ['sig:sig-node 2', 'sig:sig-network 1'] },
    { name: 'by values that have what is typed', typed: 'sig:NET|', options: ['sig:sig-network 1'] },
    {
      name: 'with how many the rest of the filter lets through',
      typed: 'sig:| -stage:beta',
      options: ['sig:sig-network -stage:beta 1', 'sig:sig-node -stage:beta 1'],
    },
    { name: 'by more values of a list', typed: 'sig:node,|', options: ['sig:node,sig-network 1'] },
    {
      name: 'by releases behind a sign that compares',
      typed: 'latest-milestone:>=v1|',
      options: ['latest-milestone:>=v1.36 2', 'latest-milestone:>=v1.35 1'],
    },
    { name: 'by values with spaces in quotes', typed: 'author:by|', options: ['author:"Ada Byron" 1'] },
    { name: 'by no value with spaces in a list', typed: 'author:@bob,by|', options: [] },
    { name: 'by what is stale', typed: 'is:|', options: ['is:stale'] },
    { name: 'no more where a value is whole', typed: 'sig:node|', options: [] },
    { name: 'by no values that each KEP has of its own', typed: 'title:K|', options: [] },
    { name: 'by nothing for a field that there is none of', typed: 'colour:|', options: [] },
    { name: 'by nothing within a word', typed: 'si|g', options: [] },
    { name: 'by nothing where nothing is typed', typed: 'cpu |', options: [] },
    { name: 'by nothing in quotes', typed: 'author:"Ada B|', options: [] },
  ])
    test(name, () => assert.deepEqual(offered(typed), options));

  test('words leave rows out, unless they are looked for in the texts', () => {
    assert.deepEqual(offered('nothing sig:|'), []);
    assert.deepEqual(offered('nothing sig:|', true), ['nothing sig:sig-node 2', 'nothing sig:sig-network 1']);
  });
});
