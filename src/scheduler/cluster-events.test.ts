import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import type { Informer, ObjectHandler } from 'nekube/client';
import { Cluster } from './cluster/cluster.ts';
import { podInfoOf } from './cluster/pod-info.ts';
import { followNodes, followOthers, followPods } from './cluster-events.ts';
import type { Pod } from './objects/pod.ts';
import type { ClusterEvent } from './plugins/plugin.ts';
import { Nominations } from './queue/nominations.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import { nodeOf, podOf } from './testing/objects.ts';

/** What follows, and what it tells the queue: `RESOURCE ACTION`, `set NAME`, `delete UID`. */
function world() {
  const told: string[] = [];
  const meant: ((pod: Pod) => boolean)[] = [];
  let changes = 0;
  const cluster = new Cluster();
  const nominations = new Nominations();
  const queue = {
    move({ resource, action }: ClusterEvent, isMeant: (pod: Pod) => boolean = () => true) {
      told.push(`${resource} ${action}`);
      meant.push(isMeant);
    },
    set: (pod: Pod) => void told.push(`set ${pod.metadata.name}`),
    delete: (uid: string) => void told.push(`delete ${uid}`),
  } as unknown as SchedulingQueue;
  const isOurs = ({ spec }: Pod): boolean => spec.schedulerName === undefined;
  const parts = { cluster, queue, nominations, isOurs, onChange: () => void changes++ };
  const following = <T extends KubeObject>(follow: (informer: Informer<T>) => void): ObjectHandler<T> => {
    let handler: ObjectHandler<T> = {};
    follow({ handle: (one: ObjectHandler<T>) => void (handler = one) } as unknown as Informer<T>);
    return handler;
  };
  const pods = following<Pod>((informer) => followPods(informer, parts));
  const nodes = following<ReturnType<typeof nodeOf>>((informer) => followNodes(informer, parts));
  const others = following<KubeObject>((informer) => followOthers(informer, 'StorageClass', parts));
  return { told, meant, changes: () => changes, cluster, nominations, pods, nodes, others };
}

const pod = (spec: Partial<Pod['spec']> = {}, status: Pod['status'] = {}, version = '1'): Pod => ({
  ...podOf('p', spec, { uid: 'u', resourceVersion: version }),
  status,
});

describe('pods', () => {
  const cases: readonly [what: string, old: Pod | undefined, now: Pod | undefined, told: readonly string[]][] = [
    ['that come are to be scheduled', undefined, pod(), ['set p']],
    ['of another scheduler are not ours', undefined, pod({ schedulerName: 'x' }), []],
    ['that come and are on a node may help others', undefined, pod({ nodeName: 'n' }), ['AssignedPod Add']],
    ['that come and have ended are nothing', undefined, pod({ nodeName: 'n' }, { phase: 'Failed' }), []],
    ['that change are taken as they are', pod(), pod({}, {}, '2'), ['set p']],
    ['that are told again are not', pod(), pod(), []],
    ['that get a node wait no more', pod(), pod({ nodeName: 'n' }, {}, '2'), ['delete u', 'AssignedPod Add']],
    ['that change on a node may help', pod({ nodeName: 'n' }), pod({ nodeName: 'n' }, {}, '2'), ['AssignedPod Update']],
    [
      'that end on a node are as good as gone',
      pod({ nodeName: 'n' }),
      pod({ nodeName: 'n' }, { phase: 'Succeeded' }),
      ['delete u', 'AssignedPod Delete'],
    ],
    [
      'that have ended do nothing more',
      pod({ nodeName: 'n' }, { phase: 'Failed' }),
      pod({ nodeName: 'n' }, { phase: 'Failed' }, '2'),
      [],
    ],
    ['that go from a node make room', pod({ nodeName: 'n' }), undefined, ['delete u', 'AssignedPod Delete']],
    ['that go before they have one do not', pod(), undefined, ['delete u']],
    ['that go after they ended do not', pod({ nodeName: 'n' }, { phase: 'Failed' }), undefined, []],
    [
      'that go and had room made for them leave it',
      pod({}, { nominatedNodeName: 'n' }),
      undefined,
      ['delete u', 'AssignedPod Delete'],
    ],
    [
      'that lose their room leave it to others',
      pod({}, { nominatedNodeName: 'n' }),
      pod({}, {}, '2'),
      ['set p', 'AssignedPod Delete'],
    ],
    ['that keep it do not', pod({}, { nominatedNodeName: 'n' }), pod({}, { nominatedNodeName: 'n' }, '2'), ['set p']],
  ];
  for (const [what, old, now, told] of cases)
    test(what, () => {
      const one = world();
      if (old === undefined) one.pods.added!(now!, false);
      else if (now === undefined) one.pods.deleted!(old, true);
      else one.pods.updated!(now, old);
      assert.deepEqual(one.told, told);
    });

  test('of a name that another has now: one goes and one comes', () => {
    const { pods, told } = world();
    pods.updated!({ ...pod(), metadata: { ...pod().metadata, uid: 'v' } }, pod({ nodeName: 'n' }));
    assert.deepEqual(told, ['delete u', 'AssignedPod Delete', 'set p']);
  });

  test('of a name that another has now, both of which have ended, are nothing', () => {
    const { pods, told } = world();
    const ended = pod({ nodeName: 'n' }, { phase: 'Failed' });
    pods.updated!({ ...ended, metadata: { ...ended.metadata, uid: 'v' } }, ended);
    assert.deepEqual(told, []);
  });

  test('leave their room to those of no higher priority', () => {
    const room = { nominatedNodeName: 'n' };
    for (const end of ['goes', 'loses it']) {
      const { pods, meant } = world();
      const old = pod({ priority: 5 }, room);
      if (end === 'goes') pods.deleted!(old, true);
      else pods.updated!(pod({ priority: 5 }, {}, '2'), old);
      assert.deepEqual([podOf('a', { priority: 5 }), podOf('b', { priority: 6 }), podOf('c')].map(meant[0]!), [
        true,
        false,
        true,
      ]);
    }
  });

  test('take what they take of nodes, from when they are there until they go', () => {
    const { pods, nodes, cluster } = world();
    nodes.added!(nodeOf('n'), false);
    pods.added!(pod({ nodeName: 'n' }), false);
    assert.equal(cluster.node('n')?.pods.size, 1);
    pods.deleted!(pod({ nodeName: 'n' }), true);
    assert.equal(cluster.node('n')?.pods.size, 0);
  });

  test('that were decided are not asked for again, and go from where they were to be', () => {
    const { pods, cluster, told } = world();
    cluster.assume(podInfoOf(pod()), 'n');
    pods.updated!(pod({}, {}, '2'), pod());
    assert.deepEqual(told, []);
    pods.deleted!(pod(), true);
    assert.deepEqual([told, cluster.isAssumed('u')], [['delete u', 'AssignedPod Delete'], false]);
  });

  test('have the room that their status says, unless we said otherwise before', () => {
    const { pods, nominations } = world();
    pods.added!(pod({}, { nominatedNodeName: 'n' }), false);
    assert.equal(nominations.nodeOf('u'), 'n');
    nominations.set(podInfoOf(pod()), 'm');
    pods.updated!(pod({}, { nominatedNodeName: 'n' }, '2'), pod({}, { nominatedNodeName: 'n' }));
    assert.equal(nominations.nodeOf('u'), 'm');
    pods.updated!(pod({}, {}, '3'), pod({}, { nominatedNodeName: 'n' }));
    assert.equal(nominations.nodeOf('u'), undefined);
  });
});

test('nodes are there from when they come until they go, and what changes is told', () => {
  const { nodes, cluster, told } = world();
  nodes.added!(nodeOf('n'), false);
  nodes.updated!(nodeOf('n', { status: { allocatable: { cpu: '9' } } }), nodeOf('n'));
  assert.equal(cluster.node('n')?.allocatable.get('cpu'), 9000);
  nodes.updated!(nodeOf('n'), nodeOf('n'));
  nodes.deleted!(nodeOf('n'), true);
  assert.deepEqual([told, cluster.nodes.length], [['Node Add', 'Node UpdateNodeAllocatable', 'Node Delete'], 0]);
});

test('of all else it is told what became of it, also to who is about to be bound', () => {
  const { others, told, changes } = world();
  const object = { metadata: { name: 'c' } };
  others.added!(object, false);
  others.updated!(object, object);
  others.deleted!(object, true);
  assert.deepEqual([told, changes()], [['StorageClass Add', 'StorageClass Update', 'StorageClass Delete'], 3]);
});
