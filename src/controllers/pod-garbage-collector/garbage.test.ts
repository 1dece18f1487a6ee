import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../nodes/node.ts';
import type { Pod } from '../pods/pod.ts';
import { failedStatus, onNodesOutOfService, tooManyTerminated, unscheduledTerminating } from './garbage.ts';

const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'] as const;

function pod(
  name: string,
  parts: { status?: Pod['status']; spec?: Pod['spec']; metadata?: Pod['metadata'] } = {},
): Pod {
  const { status, spec = {}, metadata } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, creationTimestamp: TIMES[0], ...metadata },
    spec,
    ...(status && { status }),
  };
}

const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name!);

test('of pods that have ended go those that were evicted, then the oldest, then by name', () => {
  const pods = [
    pod('running', { status: { phase: 'Running' } }),
    pod('young', { status: { phase: 'Succeeded' }, metadata: { creationTimestamp: TIMES[1] } }),
    pod('b', { status: { phase: 'Failed' } }),
    pod('a', { status: { phase: 'Succeeded' } }),
    pod('evicted', { status: { phase: 'Failed', reason: 'Evicted' }, metadata: { creationTimestamp: TIMES[1] } }),
  ];
  assert.deepEqual(names(tooManyTerminated(pods, 1)), ['evicted', 'a', 'b']);
  assert.deepEqual(names(tooManyTerminated(pods, 4)), []);
  assert.deepEqual(names(tooManyTerminated(pods, 0)), [], 'no threshold');
});

test('pods on their way out go where the node is both down and out of service', () => {
  const leaving = { deletionTimestamp: TIMES[1] };
  const node = (status: string, key: string): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {},
    spec: { taints: [{ key, effect: 'NoExecute' }] },
    status: { conditions: [{ type: 'Ready', status }] },
  });
  const nodes: Record<string, Node> = {
    out: node('False', 'node.kubernetes.io/out-of-service'),
    up: node('True', 'node.kubernetes.io/out-of-service'),
    down: node('Unknown', 'node.kubernetes.io/unreachable'),
  };
  const pods = ['out', 'up', 'down', 'gone'].map((nodeName) =>
    pod(nodeName, { spec: { nodeName }, metadata: leaving }),
  );
  const all = [...pods, pod('staying', { spec: { nodeName: 'out' } }), pod('nowhere', { metadata: leaving })];
  assert.deepEqual(names(onNodesOutOfService(all, (name) => nodes[name])), ['out']);
  assert.deepEqual(names(unscheduledTerminating(all)), ['nowhere']);
});

test('a pod fails before it is deleted, but for one that has ended', () => {
  const condition = { type: 'DisruptionTarget', status: 'True' };
  const ready = { type: 'Ready', status: 'True' };
  const running = pod('one', { status: { phase: 'Running', conditions: [ready] }, metadata: { generation: 3 } });
  assert.deepEqual(failedStatus(running, undefined), { phase: 'Failed', observedGeneration: 3 });
  assert.deepEqual(failedStatus(running, condition), {
    phase: 'Failed',
    observedGeneration: 3,
    '$setElementOrder/conditions': [{ type: 'Ready' }, { type: 'DisruptionTarget' }],
    conditions: [condition],
  });
  assert.equal(failedStatus(pod('two', { status: { phase: 'Succeeded' } }), condition), undefined);
});
