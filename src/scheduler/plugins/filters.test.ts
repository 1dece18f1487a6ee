import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podInfoOf } from '../cluster/pod-info.ts';
import { FILTERS } from '../decision/profile.ts';
import { PodFilters } from '../decision/pod-filters.ts';
import type { Pod } from '../objects/pod.ts';
import { Nominations } from '../queue/nominations.ts';
import { asking, nodeOf, podOf, worldOf, type WorldParts } from '../testing/objects.ts';

interface Case extends WorldParts {
  readonly name: string;
  readonly pod: Pod;
  /** Of each node why the pod does not fit, and whether it would if pods went; absent: it does. Or why it fits nowhere. */
  readonly rejected: Readonly<Record<string, string>> | string;
}

const zoned = (name: string, zone: string) => nodeOf(name, { metadata: { labels: { zone } } });
const apart = (topologyKey = 'zone') => ({
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { app: 'db' } } }],
  },
});
const near = (term: object = {}) => ({
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'db' } }, ...term },
    ],
  },
});
const spread = (constraint: object = {}) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'db' } },
      ...constraint,
    },
  ],
});
const db = (nodeName: string, metadata = {}) => podOf('db', { nodeName }, { labels: { app: 'db' }, ...metadata });
const affinityTo = (...nodeSelectorTerms: object[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const SKEW = "node(s) didn't match pod topology spread constraints";
const two = [zoned('one', 'a'), zoned('two', 'b')];
const using = (claimName: string) => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });

const CASES: readonly Case[] = [
  {
    name: 'what is asked for must be left, after what others asked for',
    nodes: [nodeOf('one'), nodeOf('two'), nodeOf('small', { status: { allocatable: { cpu: '1' } } })],
    pods: [podOf('other', { nodeName: 'one', containers: asking({ cpu: '3' }) })],
    pod: podOf('new', { containers: asking({ cpu: '2' }) }),
    rejected: { one: 'resolvable: Insufficient cpu', small: 'Insufficient cpu' },
  },
  {
    name: 'init containers count if they need more than what runs then, sidecars beside all',
    nodes: [nodeOf('one')],
    pod: podOf('new', {
      initContainers: [
        { name: 'side', restartPolicy: 'Always', resources: { requests: { cpu: '2' } } },
        { name: 'first', resources: { requests: { cpu: '2100m' } } },
      ],
      containers: asking({ cpu: '1' }),
    }),
    rejected: { one: 'Insufficient cpu' },
  },
  {
    name: 'overhead counts, and what the pod as a whole asks for takes the place of what its containers ask for',
    nodes: [nodeOf('one')],
    pod: podOf('new', {
      resources: { requests: { cpu: '4' } },
      containers: asking({ cpu: '1', memory: '1Gi' }),
      overhead: { cpu: '1m' },
    }),
    rejected: { one: 'Insufficient cpu' },
  },
  {
    name: 'a node takes so many pods, and has what it has of other resources',
    nodes: [nodeOf('full', { status: { allocatable: { pods: '1' } } }), nodeOf('one')],
    pods: [podOf('other', { nodeName: 'full' })],
    pod: podOf('new', { containers: asking({ 'example.com/gpu': '1' }) }),
    rejected: { full: 'Too many pods, Insufficient example.com/gpu', one: 'Insufficient example.com/gpu' },
  },
  {
    name: 'a pod that has ended takes nothing',
    nodes: [nodeOf('one')],
    pods: [
      { ...podOf('other', { nodeName: 'one', containers: asking({ cpu: '4' }) }), status: { phase: 'Succeeded' } },
    ],
    pod: podOf('new', { containers: asking({ cpu: '4' }) }),
    rejected: {},
  },
  {
    name: 'taints keep away whom they are not tolerated by',
    nodes: [
      nodeOf('tainted', { spec: { taints: [{ key: 'only', value: 'db', effect: 'NoSchedule' }] } }),
      nodeOf('leaving', { spec: { taints: [{ key: 'leaving', effect: 'NoExecute' }] } }),
      nodeOf('disliked', { spec: { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] } }),
      nodeOf('cordoned', { spec: { unschedulable: true } }),
    ],
    pod: podOf('new', { tolerations: [{ key: 'only', value: 'db' }] }),
    rejected: { leaving: 'node(s) had untolerated taint(s)', cordoned: 'node(s) were unschedulable' },
  },
  {
    name: 'a toleration without a key tolerates all, also that a node is cordoned',
    nodes: [nodeOf('cordoned', { spec: { unschedulable: true, taints: [{ key: 'a', effect: 'NoExecute' }] } })],
    pod: podOf('new', { tolerations: [{ operator: 'Exists' }] }),
    rejected: {},
  },
  {
    name: 'affinity to nodes: one of the terms, of which all must hold',
    nodes: [
      nodeOf('ten', { metadata: { labels: { size: '10', disk: 'ssd' } } }),
      nodeOf('nine', { metadata: { labels: { size: '9' } } }),
      nodeOf('none'),
    ],
    pod: podOf(
      'new',
      affinityTo(
        {
          matchExpressions: [
            { key: 'size', operator: 'Gt', values: ['9'] },
            { key: 'disk', operator: 'Exists' },
          ],
        },
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['none'] }], matchExpressions: [] },
        {},
      ),
    ),
    rejected: { nine: "node(s) didn't match Pod's node affinity/selector" },
  },
  {
    name: 'a selector that no node has',
    nodes: [nodeOf('one')],
    pod: podOf('new', { nodeSelector: { disk: 'tape' } }),
    rejected: { one: "node(s) didn't match Pod's node affinity/selector" },
  },
  {
    name: 'terms that name different nodes at the same time',
    nodes: [nodeOf('a'), nodeOf('b')],
    pod: podOf(
      'new',
      affinityTo({
        matchFields: ['a', 'b'].map((name) => ({ key: 'metadata.name', operator: 'In', values: [name] })),
      }),
    ),
    rejected: 'pod affinity terms conflict',
  },
  {
    name: 'ports of the node, by address and protocol',
    nodes: [nodeOf('all'), nodeOf('other-address'), nodeOf('udp')],
    pods: [
      podOf('p', { nodeName: 'all', containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80 }] }] }),
      podOf('p', {
        nodeName: 'other-address',
        containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80, hostIP: '127.0.0.2' }] }],
      }),
      podOf('p', {
        nodeName: 'udp',
        containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80, protocol: 'UDP' }] }],
      }),
    ],
    pod: podOf('new', {
      containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80, hostIP: '127.0.0.1' }] }],
    }),
    rejected: { all: "resolvable: node(s) didn't have free ports for the requested pod ports" },
  },
  {
    name: 'pods that want to be apart',
    nodes: [...two, nodeOf('nowhere')],
    pods: [db('one')],
    pod: podOf('new', { affinity: apart() }, { labels: { app: 'db' } }),
    rejected: { one: "resolvable: node(s) didn't match pod anti-affinity rules" },
  },
  {
    name: 'pods that others do not want near',
    nodes: two,
    pods: [podOf('guard', { nodeName: 'two', affinity: apart() })],
    pod: podOf('new', {}, { labels: { app: 'db' } }),
    rejected: { two: "resolvable: node(s) didn't satisfy existing pods anti-affinity rules" },
  },
  {
    name: 'pods that want to be near others, which are of their namespace',
    nodes: [...two, nodeOf('nowhere')],
    pods: [db('one'), db('two', { namespace: 'other' })],
    pod: podOf('new', { affinity: near() }),
    rejected: {
      two: "node(s) didn't match pod affinity rules",
      nowhere: "node(s) didn't match pod affinity rules",
    },
  },
  {
    name: 'pods that want to be near those of namespaces with a label',
    nodes: two,
    pods: [db('one'), db('two', { namespace: 'other' })],
    namespaces: { other: { team: 'a' } },
    pod: podOf('new', { affinity: near({ namespaceSelector: { matchLabels: { team: 'a' } } }) }),
    rejected: { one: "node(s) didn't match pod affinity rules" },
  },
  {
    name: 'the first of pods that want to be near each other may be anywhere that has the label',
    nodes: [...two, nodeOf('nowhere')],
    pod: podOf('new', { affinity: near() }, { labels: { app: 'db' } }),
    rejected: { nowhere: "node(s) didn't match pod affinity rules" },
  },
  {
    name: 'spreading: no zone has two more than another; those on their way out do not count',
    nodes: [...two, nodeOf('nowhere')],
    pods: [db('one'), db('two', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    pod: podOf('new', spread(), { labels: { app: 'db' } }),
    rejected: { one: `resolvable: ${SKEW}`, nowhere: `${SKEW} (missing required label)` },
  },
  {
    name: 'spreading over more zones than there are counts one without pods',
    nodes: two,
    pods: [db('one'), db('two')],
    pod: podOf('new', spread({ minDomains: 3 }), { labels: { app: 'db' } }),
    rejected: { one: `resolvable: ${SKEW}`, two: `resolvable: ${SKEW}` },
  },
  {
    name: 'spreading looks only at nodes that the pod may be on, unless it is told to ignore that',
    nodes: two,
    pods: [db('one')],
    pod: podOf('new', { ...spread(), nodeSelector: { zone: 'a' } }, { labels: { app: 'db' } }),
    rejected: { two: "node(s) didn't match Pod's node affinity/selector" },
  },
  {
    name: 'spreading looks at nodes whatever their taints are, unless it is told to honor them',
    nodes: [zoned('one', 'a'), { ...zoned('two', 'b'), spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }],
    pods: [db('one')],
    pod: podOf('new', spread(), { labels: { app: 'db' } }),
    rejected: { one: `resolvable: ${SKEW}`, two: 'node(s) had untolerated taint(s)' },
  },
  {
    name: 'spreading that honors taints does not count nodes that keep the pod away',
    nodes: [zoned('one', 'a'), { ...zoned('two', 'b'), spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }],
    pods: [db('one')],
    pod: podOf('new', spread({ nodeTaintsPolicy: 'Honor' }), { labels: { app: 'db' } }),
    rejected: { two: 'node(s) had untolerated taint(s)' },
  },
  {
    name: 'spreading of a revision looks at pods with the same values of labels',
    nodes: two,
    pods: [db('one', { labels: { app: 'db', hash: 'old' } })],
    pod: podOf('new', spread({ matchLabelKeys: ['hash'] }), { labels: { app: 'db', hash: 'new' } }),
    rejected: {},
  },
  {
    name: 'a claim that there is not',
    nodes: [nodeOf('one')],
    pod: podOf('new', using('data')),
    rejected: 'persistentvolumeclaim "data" not found',
  },
  {
    name: 'a claim whose volume is on one node',
    nodes: [nodeOf('one'), nodeOf('two')],
    claims: [
      {
        metadata: { name: 'data', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
        spec: { volumeName: 'disk' },
      },
    ],
    volumes: [
      {
        metadata: { name: 'disk' },
        spec: {
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['two'] }] },
              ],
            },
          },
        },
      },
    ],
    pod: podOf('new', using('data')),
    rejected: { one: "node(s) didn't match PersistentVolume's node affinity" },
  },
  {
    name: 'a claim that waits for the node, and whose volume is made where it may be',
    nodes: two,
    claims: [{ metadata: { name: 'data', uid: 'claim' }, spec: { storageClassName: 'late' } }],
    classes: [
      {
        metadata: { name: 'late' },
        provisioner: 'example.com/folders',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['b'] }] }],
      },
    ],
    pod: podOf('new', using('data')),
    rejected: { one: "node(s) didn't find available persistent volumes to bind" },
  },
  {
    name: 'a claim that somebody else has to bind',
    nodes: [nodeOf('one')],
    claims: [{ metadata: { name: 'data' }, spec: {} }],
    pod: podOf('new', using('data')),
    rejected: 'pod has unbound immediate PersistentVolumeClaims',
  },
];

for (const { name, pod, rejected, ...parts } of CASES) {
  test(name, () => {
    const world = worldOf(parts);
    const filters = new PodFilters(podInfoOf(pod), { plugins: FILTERS, world, nominations: new Nominations() });
    if (typeof rejected === 'string') return assert.equal(filters.rejection?.reasons.join(', '), rejected);
    assert.equal(filters.rejection, undefined);
    const found = world.cluster.nodes.flatMap((node) => {
      const rejection = filters.check(node);
      if (rejection === undefined) return [];
      return [[node.name, `${rejection.isResolvable ? 'resolvable: ' : ''}${rejection.reasons.join(', ')}`]];
    });
    assert.deepEqual(Object.fromEntries(found), rejected);
  });
}

test('room for those that are nominated is not given away, but to those of higher priority', () => {
  const world = worldOf({ nodes: [nodeOf('one')] });
  const nominations = new Nominations();
  nominations.set(podInfoOf(podOf('waiting', { priority: 5, containers: asking({ cpu: '3' }) })), 'one');
  const fits = (priority: number): boolean => {
    const pod = podInfoOf(podOf('new', { priority, containers: asking({ cpu: '2' }) }));
    const filters = new PodFilters(pod, { plugins: FILTERS, world, nominations });
    return filters.check(world.cluster.node('one')!) === undefined;
  };
  assert.deepEqual([4, 5, 6].map(fits), [false, false, true]);
});
