import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../nodes/node.ts';
import type { Pod } from '../pods/pod.ts';
import { Backoff } from './backoff.ts';
import { nodeOf, templateFor, verdictOf } from './daemon-pod.ts';
import type { DaemonSet } from './daemon-set.ts';
import { type DaemonWorld, planDaemons, planUpdate, statusOf } from './plan.ts';

const NOW = Date.parse('2026-01-01T00:01:00Z');

function set(spec: Partial<DaemonSet['spec']> = {}): DaemonSet {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'web' },
    spec: { selector: {}, template: {}, updateStrategy, ...spec },
  };
}

function node(name: string, ...taints: readonly (readonly [key: string, effect: string])[]): Node {
  const spec = { taints: taints.map(([key, effect]) => ({ key, effect })) };
  return { metadata: { name, labels: { disk: 'fast', size: '5' } }, spec };
}

/** A pod on a node; of the template if its name begins with `new`, and ready unless it ends with `!`. */
function pod(name: string, on: string): Pod {
  const conditions = name.endsWith('!') ? [] : [{ type: 'Ready', status: 'True' }];
  const labels = { 'controller-revision-hash': name.startsWith('new') ? 'hash' : 'other' };
  return { metadata: { name, uid: name, labels }, spec: { nodeName: on }, status: { phase: 'Running', conditions } };
}

function world(of: DaemonSet, nodes: readonly string[], pods: readonly Pod[]): DaemonWorld {
  const byNode = new Map<string, Pod[]>();
  for (const one of pods) byNode.set(nodeOf(one)!, [...(byNode.get(nodeOf(one)!) ?? []), one]);
  return { set: of, nodes: nodes.map((name) => node(name)), pods: byNode, hash: 'hash', now: NOW };
}

const verdicts: readonly (readonly [
  name: string,
  node: Node,
  spec: DaemonSet['spec']['template']['spec'],
  ...expected: boolean[],
])[] = [
  ['has what is asked for', node('a'), { nodeSelector: { disk: 'fast' } }, true, true],
  ['has another label', node('a'), { nodeSelector: { disk: 'slow' } }, false, false],
  ['is not the one', node('a'), { nodeName: 'b' }, false, false],
  ['lets no new pod come', node('a', ['own', 'NoSchedule']), {}, false, true],
  ['lets no pod stay', node('a', ['own', 'NoExecute']), {}, false, false],
  ['is tolerated', node('a', ['own', 'NoExecute']), { tolerations: [{ operator: 'Exists' }] }, true, true],
  ['is not well', node('a', ['node.kubernetes.io/not-ready', 'NoExecute']), {}, true, true],
  ['is closed', node('a', ['node.kubernetes.io/unschedulable', 'NoSchedule']), {}, true, true],
  ['has no network', node('a', ['node.kubernetes.io/network-unavailable', 'NoSchedule']), {}, false, true],
];
for (const [name, of, spec, ...expected] of verdicts)
  test(`a node that ${name} has a pod: ${expected}`, () => {
    const { shouldRun, mayStay } = verdictOf(set({ template: { spec } }), of);
    assert.deepEqual([shouldRun, mayStay], expected);
  });

const terms: readonly (readonly [operator: string, values: string[], expected: boolean])[] = [
  ['In', ['5'], true],
  ['NotIn', ['5'], false],
  ['Exists', [], true],
  ['DoesNotExist', [], false],
  ['Gt', ['4'], true],
  ['Lt', ['4'], false],
  ['Gt', ['x'], false],
];
for (const [operator, values, expected] of terms)
  test(`required affinity: 5 ${operator} ${values} is ${expected}`, () => {
    const required = { nodeSelectorTerms: [{}, { matchExpressions: [{ key: 'size', operator, values }] }] };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    assert.equal(verdictOf(set({ template: { spec: { affinity } } }), node('a')).shouldRun, expected);
  });

test('the pod of a node is known by its affinity before it is there', () => {
  const { spec } = templateFor(set(), 'a', 'hash');
  assert.equal(nodeOf({ metadata: {}, spec } as Pod), 'a');
});

test('each node that should have a pod has one, and pods for nodes that are gone go', () => {
  const lost = { ...pod('lost', 'x'), spec: templateFor(set(), 'gone', 'hash').spec } as Pod;
  const { create, remove } = planDaemons(world(set(), ['a', 'b'], [pod('1', 'a'), pod('2', 'a'), lost]));
  assert.deepEqual(create, ['b']);
  assert.deepEqual(
    remove.map(({ metadata }) => metadata.name),
    ['2', 'lost'],
  );
});

const updates: readonly (readonly [
  name: string,
  limits: object,
  pods: readonly Pod[],
  remove: string[],
  create: string[],
])[] = [
  ['one at a time', { maxUnavailable: 1 }, [pod('1', 'a'), pod('2', 'b')], ['1'], []],
  ['none while one is missing', { maxUnavailable: 1 }, [pod('new!', 'a'), pod('2', 'b')], [], []],
  ['what does not serve at once', { maxUnavailable: 1 }, [pod('1', 'a'), pod('2!', 'b')], ['2!'], []],
  [
    'what is new stays, however many may be missing',
    { maxUnavailable: 2 },
    [pod('new', 'a'), pod('2', 'b')],
    ['2'],
    [],
  ],
  ['by half', { maxUnavailable: '50%' }, [pod('1', 'a'), pod('2', 'b')], ['1'], []],
  ['beside the old one', { maxSurge: 1, maxUnavailable: 0 }, [pod('1', 'a'), pod('2', 'b')], [], ['a']],
  [
    'until the new one serves',
    { maxSurge: 1, maxUnavailable: 0 },
    [pod('1', 'a'), pod('new!', 'a'), pod('2', 'b')],
    [],
    [],
  ],
  [
    'then the old one goes',
    { maxSurge: 1, maxUnavailable: 0 },
    [pod('1', 'a'), pod('new', 'a'), pod('2', 'b')],
    ['1'],
    ['b'],
  ],
];
for (const [name, rollingUpdate, pods, removed, created] of updates)
  test(`an update replaces pods: ${name}`, () => {
    const of = set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
    const { create, remove } = planUpdate(world(of, ['a', 'b'], pods));
    assert.deepEqual([remove.map(({ metadata }) => metadata.name), create], [removed, created]);
  });

test('the status counts nodes, and those that have a pod and should not', () => {
  const of = set({ template: { spec: { nodeName: 'a' } } });
  const status = statusOf(world(of, ['a', 'b'], [pod('new', 'a'), pod('2', 'b')]));
  assert.deepEqual([status.desiredNumberScheduled, status.numberMisscheduled, status.numberAvailable], [1, 1, 1]);
});

test('what fails again waits twice as long each time', () => {
  const backoff = new Backoff();
  assert.equal(backoff.take('a', 0), undefined);
  assert.equal(backoff.take('a', 500), 1000);
  assert.equal(backoff.take('a', 1000), undefined);
  assert.equal(backoff.take('a', 2500), 2000);
  assert.equal(backoff.take('b', 2500), undefined);
});
