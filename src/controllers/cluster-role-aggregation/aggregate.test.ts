import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { aggregatedRules } from './aggregate.ts';

const get = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
const list = { apiGroups: [''], resources: ['pods'], verbs: ['list'] };

function role(name: string, rules: object[], labels: Record<string, string> = { to: 'view' }): KubeObject {
  return { metadata: { name, labels }, rules };
}

function aggregate(rules: object[], ...selectors: object[]): KubeObject {
  return {
    metadata: { name: 'view', labels: { to: 'view' } },
    rules,
    aggregationRule: { clusterRoleSelectors: selectors },
  };
}

const toView = { matchLabels: { to: 'view' } };
const cases: readonly { name: string; role: KubeObject; all: KubeObject[]; expected: object[] | undefined }[] = [
  { name: 'a role without an aggregation is no matter', role: role('a', [get]), all: [], expected: undefined },
  {
    name: 'rules come by the name of their role, each once, and not from the role itself',
    role: aggregate([get], toView),
    all: [aggregate([get], toView), role('b', [get, list]), role('a', [list]), role('c', [get], {})],
    expected: [list, get],
  },
  {
    name: 'the first selector comes first',
    role: aggregate([], { matchLabels: { to: 'edit' } }, toView),
    all: [role('a', [get]), role('b', [list], { to: 'edit' })],
    expected: [list, get],
  },
  {
    name: 'what is so already is not written',
    role: aggregate([get], toView),
    all: [role('a', [get])],
    expected: undefined,
  },
  { name: 'rules that nobody adds any more go', role: aggregate([get], toView), all: [], expected: [] },
];

for (const { name, role: one, all, expected } of cases)
  test(name, () => {
    assert.deepEqual(aggregatedRules(one, all), expected);
  });
