import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podInfoOf } from '../cluster/pod-info.ts';
import { scoreNodes } from '../decision/choose-node.ts';
import { SCORES } from '../decision/profile.ts';
import type { Pod } from '../objects/pod.ts';
import { asking, nodeOf, podOf, worldOf, type WorldParts } from '../testing/objects.ts';

interface Case extends WorldParts {
  readonly name: string;
  readonly plugin: string;
  readonly pod: Pod;
  /** Of each node, from 0 to 100; undefined: all are the same to it. */
  readonly scores: Readonly<Record<string, number>> | undefined;
}

const zoned = (name: string, zone: string) =>
  nodeOf(name, { metadata: { labels: { 'topology.kubernetes.io/zone': zone } } });
const web = (nodeName: string) => podOf('web', { nodeName }, { labels: { app: 'web' } });
const labelSelector = { matchLabels: { app: 'web' } };
const term = { topologyKey: 'topology.kubernetes.io/zone', labelSelector };
const MIB = 1024 * 1024;

const CASES: readonly Case[] = [
  {
    name: 'what is left of CPU and memory, on average',
    plugin: 'NodeResourcesFit',
    nodes: [nodeOf('empty'), nodeOf('half')],
    pods: [podOf('other', { nodeName: 'half', containers: asking({ cpu: '2', memory: '2Gi' }) })],
    pod: podOf('new', { containers: asking({ cpu: '1', memory: '2Gi' }) }),
    // (75 + 75) / 2; (25 + 50) / 2
    scores: { empty: 75, half: 37 },
  },
  {
    name: 'pods that ask for nothing count for a little',
    plugin: 'NodeResourcesFit',
    nodes: [nodeOf('empty', { status: { allocatable: { cpu: '1', memory: '2000Mi' } } })],
    pod: podOf('new'),
    // 100m of 1000m, and 200Mi of 2000Mi
    scores: { empty: 90 },
  },
  {
    name: 'CPU and memory that become alike',
    plugin: 'NodeResourcesBalancedAllocation',
    nodes: [nodeOf('empty'), nodeOf('memory-taken')],
    pods: [podOf('other', { nodeName: 'memory-taken', containers: asking({ memory: '4Gi' }) })],
    pod: podOf('new', { containers: asking({ cpu: '2' }) }),
    // from even to a deviation of a quarter; and the other way round
    scores: { empty: 62, 'memory-taken': 87 },
  },
  {
    name: 'nothing is out of balance by a pod that asks for nothing',
    plugin: 'NodeResourcesBalancedAllocation',
    nodes: [nodeOf('one')],
    pod: podOf('new'),
    scores: undefined,
  },
  {
    name: 'the terms that a node meets, by their weights',
    plugin: 'NodeAffinity',
    nodes: [
      nodeOf('both', { metadata: { labels: { disk: 'ssd', fast: '' } } }),
      nodeOf('one', { metadata: { labels: { disk: 'ssd' } } }),
      nodeOf('none'),
    ],
    pod: podOf('new', {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
            { weight: 2, preference: { matchExpressions: [{ key: 'fast', operator: 'Exists' }] } },
          ],
        },
      },
    }),
    scores: { both: 100, one: 33, none: 0 },
  },
  {
    name: 'the fewer taints that would rather not have the pod, the better',
    plugin: 'TaintToleration',
    nodes: [
      nodeOf('two', { spec: { taints: ['a', 'b'].map((key) => ({ key, effect: 'PreferNoSchedule' })) } }),
      nodeOf('one', { spec: { taints: [{ key: 'a', effect: 'PreferNoSchedule' }] } }),
      nodeOf('tolerated', { spec: { taints: [{ key: 'c', effect: 'PreferNoSchedule' }] } }),
    ],
    pod: podOf('new', { tolerations: [{ key: 'c', operator: 'Exists' }] }),
    scores: { two: 0, one: 50, tolerated: 100 },
  },
  {
    name: 'spreading that would be nice',
    plugin: 'PodTopologySpread',
    nodes: [zoned('one', 'a'), zoned('two', 'b')],
    pods: [web('one'), web('one'), web('two')],
    pod: podOf(
      'new',
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: term.topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
        ],
      },
      { labels: { app: 'web' } },
    ),
    // 2 × ln 4 and 1 × ln 4, rounded: 3 and 1
    scores: { one: 33, two: 100 },
  },
  {
    name: 'pods of a service are spread though they do not say so',
    plugin: 'PodTopologySpread',
    nodes: [nodeOf('one'), nodeOf('two')],
    pods: [web('one')],
    services: [{ selector: { app: 'web' } }],
    pod: podOf('new', {}, { labels: { app: 'web' } }),
    // ln 4 + 2 and 2, rounded: 3 and 2; what has no zone is all one zone, and not counted
    scores: { one: 66, two: 100 },
  },
  {
    name: 'pods that are wanted near, and those that are not',
    plugin: 'InterPodAffinity',
    nodes: [zoned('one', 'a'), zoned('two', 'b'), zoned('three', 'c')],
    pods: [web('one'), podOf('shy', { nodeName: 'two' }, { labels: { app: 'shy' } })],
    pod: podOf('new', {
      affinity: {
        podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 30, podAffinityTerm: term }] },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 10, podAffinityTerm: { ...term, labelSelector: { matchLabels: { app: 'shy' } } } },
          ],
        },
      },
    }),
    scores: { one: 100, two: 0, three: 25 },
  },
  {
    name: 'what those that are there would like counts, too',
    plugin: 'InterPodAffinity',
    nodes: [zoned('one', 'a'), zoned('two', 'b')],
    pods: [
      podOf('friend', {
        nodeName: 'two',
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
      }),
    ],
    pod: podOf('new', {}, { labels: { app: 'web' } }),
    scores: { one: 0, two: 100 },
  },
  {
    name: 'images that are there, the more nodes have them',
    plugin: 'ImageLocality',
    nodes: [
      nodeOf('has', { status: { images: [{ names: ['main:latest'], sizeBytes: 1023 * MIB }] } }),
      nodeOf('has-not'),
    ],
    pod: podOf('new'),
    // half of 1023 MiB, between 23 and 1000
    scores: { has: 50, 'has-not': 0 },
  },
];

for (const { name, plugin, pod, scores, ...parts } of CASES) {
  test(`${plugin}: ${name}`, () => {
    const world = worldOf(parts);
    const { nodes } = world.cluster;
    const { byPlugin } = scoreNodes(podInfoOf(pod), nodes, { plugins: SCORES, world });
    const found = byPlugin.get(plugin);
    assert.deepEqual(found && Object.fromEntries(nodes.map((node, index) => [node.name, found[index]])), scores);
  });
}
