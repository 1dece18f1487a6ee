import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FILTERS } from '../decision/profile.ts';
import type { Node } from '../objects/node.ts';
import type { Pod } from '../objects/pod.ts';
import { asking, nodeOf, podOf, worldOf } from '../testing/objects.ts';
import type { ClusterEvent, EventAction, EventResource } from './plugin.ts';

const labels = { app: 'db' };
const matching = { labelSelector: { matchLabels: labels } };
const db = (spec: Partial<Pod['spec']> = {}, metadata = {}) => podOf('db', spec, { labels, ...metadata });
const tainted = (node: Node, ...keys: readonly string[]): Node => ({
  ...node,
  spec: { taints: keys.map((key) => ({ key, effect: 'NoSchedule' })) },
});
const zoned = (zone: string): Node => nodeOf('n', { metadata: { labels: { zone } } });
const having = (cpu: string): Node => nodeOf('n', { status: { allocatable: { cpu } } });
const spread = (more: object = {}) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...matching, ...more },
  ],
});
const required = (...terms: readonly object[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: terms as { topologyKey: string }[],
});
const near = { affinity: { podAffinity: required({ topologyKey: 'zone', ...matching }) } };
const apart = { affinity: { podAntiAffinity: required({ topologyKey: 'zone', ...matching }) } };
const inZone = (zone: string) => ({ nodeSelector: { zone } });
const using = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };

const event = (
  resource: EventResource,
  action: EventAction,
  { old, now }: { readonly old?: object; readonly now?: object },
): ClusterEvent => ({ resource, action, ...(old && { old }), ...(now && { object: now }) }) as unknown as ClusterEvent;
const node = (action: EventAction, old: Node | undefined, now: Node | undefined): ClusterEvent =>
  event('Node', action, { ...(old && { old }), ...(now && { now }) });
const pod = (action: EventAction, old: Pod | undefined, now: Pod | undefined): ClusterEvent =>
  event('AssignedPod', action, { ...(old && { old }), ...(now && { now }) });
const other = db({ nodeName: 'n' });
const small = podOf('small', { containers: asking({ cpu: '1' }) });
const asks = (cpu: string): Partial<Pod['spec']> => ({ containers: asking({ cpu }) });
const placed = (cpu: string): Pod => podOf('placed', { nodeName: 'n', ...asks(cpu) }, { uid: 'placed' });
const waiting = db(spread(), { uid: 'me' });
const honoring = db(spread({ nodeTaintsPolicy: 'Honor' }), { uid: 'me' });

const cases: readonly [plugin: string, what: string, pod: Pod, event: ClusterEvent, helped: boolean][] = [
  ['NodeUnschedulable', 'a node that is open', small, node('Add', undefined, nodeOf('n')), true],
  ['NodeUnschedulable', 'one that is closed', small, node('Add', undefined, cordoned()), false],
  ['NodeUnschedulable', 'one that is opened', small, node('UpdateNodeTaint', cordoned(), nodeOf('n')), true],
  ['NodeUnschedulable', 'one that was open', small, node('UpdateNodeTaint', nodeOf('n'), nodeOf('n')), false],
  ['NodeUnschedulable', 'other labels', small, node('UpdateNodeLabel', cordoned(), nodeOf('n')), false],
  ['TaintToleration', 'a node without taints', small, node('Add', undefined, nodeOf('n')), true],
  ['TaintToleration', 'one with taints', small, node('Add', undefined, tainted(nodeOf('n'), 'x')), false],
  [
    'TaintToleration',
    'a taint that goes',
    small,
    node('UpdateNodeTaint', tainted(nodeOf('n'), 'x'), nodeOf('n')),
    true,
  ],
  [
    'TaintToleration',
    'a taint that stays',
    small,
    node('UpdateNodeTaint', tainted(nodeOf('n'), 'x', 'y'), tainted(nodeOf('n'), 'x')),
    false,
  ],
  ['TaintToleration', 'one that had none', small, node('UpdateNodeTaint', nodeOf('n'), nodeOf('n')), false],
  ['TaintToleration', 'other labels', small, node('UpdateNodeLabel', tainted(nodeOf('n'), 'x'), nodeOf('n')), false],
  ['TaintToleration', 'its own tolerations', small, pod('UpdatePodToleration', small, small), true],
  ['TaintToleration', "others' tolerations", small, pod('UpdatePodToleration', other, other), false],
  ['NodeAffinity', 'a node that it selects', podOf('p', inZone('a')), node('Add', undefined, zoned('a')), true],
  ['NodeAffinity', 'one that it does not select', podOf('p', inZone('a')), node('Add', undefined, zoned('b')), false],
  [
    'NodeAffinity',
    'a label that comes',
    podOf('p', inZone('a')),
    node('UpdateNodeLabel', zoned('b'), zoned('a')),
    true,
  ],
  [
    'NodeAffinity',
    'labels that did before',
    podOf('p', inZone('a')),
    node('UpdateNodeLabel', zoned('a'), zoned('a')),
    false,
  ],
  ['NodeAffinity', 'taints', podOf('p', inZone('a')), node('UpdateNodeTaint', zoned('b'), zoned('a')), false],
  ['NodeResourcesFit', 'a node with enough', small, node('Add', undefined, having('1')), true],
  ['NodeResourcesFit', 'one with too little', small, node('Add', undefined, having('500m')), false],
  ['NodeResourcesFit', 'more than before', small, node('UpdateNodeAllocatable', having('500m'), having('2')), true],
  [
    'NodeResourcesFit',
    'more, and too little',
    small,
    node('UpdateNodeAllocatable', having('100m'), having('500m')),
    false,
  ],
  ['NodeResourcesFit', 'as much as before', small, node('UpdateNodeAllocatable', having('2'), having('2')), false],
  ['NodeResourcesFit', 'a pod that goes', small, pod('Delete', placed('1'), undefined), true],
  ['NodeResourcesFit', 'a pod that goes and was nowhere', small, pod('Delete', podOf('q'), undefined), false],
  ['NodeResourcesFit', 'a pod that asks for less', small, pod('UpdatePodScaleDown', placed('2'), placed('1')), true],
  ['NodeResourcesFit', 'one that asks for as much', small, pod('UpdatePodScaleDown', placed('1'), placed('1')), false],
  [
    'NodeResourcesFit',
    'one that asks for less and is nowhere',
    small,
    pod('UpdatePodScaleDown', podOf('q', asks('2')), podOf('q', asks('1'))),
    false,
  ],
  ['PodTopologySpread', 'a pod that is counted and goes', waiting, pod('Delete', other, undefined), true],
  ['PodTopologySpread', 'a pod that is counted and comes', waiting, pod('Add', undefined, other), true],
  [
    'PodTopologySpread',
    'one that is not counted',
    waiting,
    pod('Delete', podOf('x', { nodeName: 'n' }), undefined),
    false,
  ],
  ['PodTopologySpread', 'one that is nowhere', waiting, pod('Delete', db(), undefined), false],
  [
    'PodTopologySpread',
    'one for which room is made',
    waiting,
    pod('Delete', { ...db(), status: { nominatedNodeName: 'n' } }, undefined),
    true,
  ],
  [
    'PodTopologySpread',
    'one elsewhere',
    waiting,
    pod('Delete', db({ nodeName: 'n' }, { namespace: 'other' }), undefined),
    false,
  ],
  [
    'PodTopologySpread',
    'one that is counted from now on',
    waiting,
    pod('UpdatePodLabel', { ...other, metadata: { ...other.metadata, labels: {} } }, other),
    true,
  ],
  ['PodTopologySpread', 'one that is counted as before', waiting, pod('UpdatePodLabel', other, other), false],
  [
    'PodTopologySpread',
    'its tolerations, where taints count',
    honoring,
    pod('UpdatePodToleration', honoring, honoring),
    true,
  ],
  [
    'PodTopologySpread',
    'its tolerations, where they do not',
    waiting,
    pod('UpdatePodToleration', waiting, waiting),
    false,
  ],
  ['PodTopologySpread', 'a node of a zone', waiting, node('Add', undefined, zoned('a')), true],
  ['PodTopologySpread', 'a node without one', waiting, node('Add', undefined, nodeOf('n')), false],
  ['PodTopologySpread', 'a node that gets a zone', waiting, node('UpdateNodeLabel', nodeOf('n'), zoned('a')), true],
  ['PodTopologySpread', 'a node that changes its zone', waiting, node('UpdateNodeLabel', zoned('a'), zoned('b')), true],
  ['PodTopologySpread', 'a node that stays', waiting, node('UpdateNodeLabel', zoned('a'), zoned('a')), false],
  ['PodTopologySpread', 'allocatable resources', waiting, node('UpdateNodeAllocatable', zoned('a'), zoned('b')), false],
  ['InterPodAffinity', 'a pod that it wants near', db(near), pod('Add', undefined, other), true],
  ['InterPodAffinity', 'another pod', db(near), pod('Add', undefined, podOf('x', { nodeName: 'n' })), false],
  ['InterPodAffinity', 'a pod that it wants far, and goes', db(apart), pod('Delete', other, undefined), true],
  ['InterPodAffinity', 'a node of a zone', db(near), node('Add', undefined, zoned('a')), true],
  [
    'InterPodAffinity',
    'its own labels',
    db(near, { uid: 'me' }),
    pod('UpdatePodLabel', db({}, { uid: 'me' }), db({}, { uid: 'me' })),
    true,
  ],
  ['InterPodAffinity', 'a pod that it wants near and is nowhere', db(near), pod('Add', undefined, db()), false],
  ['InterPodAffinity', 'a node that gets a zone', db(near), node('UpdateNodeLabel', nodeOf('n'), zoned('a')), true],
  ['InterPodAffinity', 'taints', db(near), node('UpdateNodeTaint', zoned('b'), zoned('a')), false],
  [
    'VolumeBinding',
    'a volume',
    podOf('p', using),
    event('PersistentVolume', 'Add', { now: { metadata: { name: 'v' } } }),
    true,
  ],
  [
    'VolumeBinding',
    'a volume that goes',
    podOf('p', using),
    event('PersistentVolume', 'Delete', { old: { metadata: { name: 'v' } } }),
    false,
  ],
  [
    'VolumeBinding',
    'its claim',
    podOf('p', using),
    event('PersistentVolumeClaim', 'Update', { now: { metadata: { name: 'data', namespace: 'default' } } }),
    true,
  ],
  [
    'VolumeBinding',
    'another claim',
    podOf('p', using),
    event('PersistentVolumeClaim', 'Update', { now: { metadata: { name: 'x', namespace: 'default' } } }),
    false,
  ],
];

for (const [plugin, what, of, happened, helped] of cases)
  test(`${plugin}: ${what} ${helped ? 'may help' : 'does not help'} a pod that it rejected`, () => {
    const filter = FILTERS.find(({ name }) => name === plugin);
    assert.equal(filter?.isHelped(of, happened, worldOf({})), helped);
  });

function cordoned(): Node {
  return { ...nodeOf('n'), spec: { unschedulable: true } };
}
