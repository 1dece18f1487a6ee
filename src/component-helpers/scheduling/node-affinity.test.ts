import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NodeDemands, type NodeSelectorTerm, requiredNodes } from './node-affinity.ts';

const node = { metadata: { name: 'one', labels: { zone: 'a', disk: 'ssd', cores: '8' } } };
const labels = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
});
const field = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({
  matchFields: [{ key, operator, values }],
});

const terms: readonly [what: string, terms: readonly NodeSelectorTerm[], fits: boolean][] = [
  ['no term', [], false],
  ['a term that says nothing', [{}], false],
  ['one of the values', [labels('zone', 'In', 'b', 'a')], true],
  ['none of the values', [labels('zone', 'In', 'b')], false],
  ['not one of the values', [labels('zone', 'NotIn', 'a')], false],
  ['another value', [labels('zone', 'NotIn', 'b')], true],
  ['no label, and not a value of it', [labels('none', 'NotIn', 'b')], true],
  ['a label that is there', [labels('zone', 'Exists')], true],
  ['a label that is not there', [labels('none', 'Exists')], false],
  ['that a label is not there', [labels('none', 'DoesNotExist')], true],
  ['that a label is not there which is', [labels('zone', 'DoesNotExist')], false],
  ['more than a number', [labels('cores', 'Gt', '7')], true],
  ['more than the number itself', [labels('cores', 'Gt', '8')], false],
  ['less than a number', [labels('cores', 'Lt', '9')], true],
  ['less than what is no number', [labels('zone', 'Lt', '9')], false],
  ['the name', [field('metadata.name', 'In', 'one')], true],
  ['another name', [field('metadata.name', 'In', 'two')], false],
  ['not the name', [field('metadata.name', 'NotIn', 'one')], false],
  ['a field that nodes do not have', [field('metadata.uid', 'In', 'one')], false],
  ['that such a field is not of a value', [field('metadata.uid', 'NotIn', 'one')], true],
  ['one of two terms', [labels('zone', 'In', 'b'), labels('disk', 'Exists')], true],
  ['all of a term', [{ ...labels('zone', 'In', 'a'), ...field('metadata.name', 'In', 'two') }], false],
  // a term that cannot be read is about no node, whatever the rest of it says
  ['several names', [field('metadata.name', 'In', 'one', 'two')], false],
  ['that a field exists', [field('metadata.name', 'Exists')], false],
  ['an operator that there is not', [labels('zone', 'Like', 'a')], false],
  ['none of no values', [labels('zone', 'NotIn')], false],
  ['a value for what only exists', [labels('zone', 'Exists', 'a')], false],
  ['a value that labels cannot have', [labels('zone', 'NotIn', 'a b')], false],
  ['a term that can be read beside one that cannot', [labels('zone', 'NotIn'), labels('disk', 'Exists')], true],
];

for (const [what, nodeSelectorTerms, fits] of terms)
  test(`a pod that requires ${what} ${fits ? 'fits' : 'does not fit'}`, () => {
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    };
    assert.equal(requiredNodes({ affinity })(node), fits);
  });

const demands: readonly [what: string, demands: NodeDemands, fits: boolean][] = [
  ['nothing', {}, true],
  ['a label', { nodeSelector: { zone: 'a' } }, true],
  ['all labels', { nodeSelector: { zone: 'a', disk: 'hdd' } }, false],
  [
    'a label and a term',
    {
      nodeSelector: { zone: 'b' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [labels('disk', 'Exists')] },
        },
      },
    },
    false,
  ],
];

for (const [what, spec, fits] of demands)
  test(`a pod that selects ${what} ${fits ? 'fits' : 'does not fit'}`, () =>
    assert.equal(requiredNodes(spec)(node), fits));
