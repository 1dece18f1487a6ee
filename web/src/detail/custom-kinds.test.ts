import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customKinds } from './custom-kinds.ts';

const kind = (group: string, name: string, verbs = ['list']) => ({ group, kind: name, verbs }) as never;

test('custom kinds are those of groups that no server has by itself, that can be listed, and are not known anyway', () => {
  const all = [
    kind('', 'Secret'),
    kind('apps', 'Deployment'),
    kind('storage.k8s.io', 'StorageClass'),
    kind('metrics.k8s.io', 'PodMetrics'),
    kind('cert-manager.io', 'Certificate'),
    kind('cluster.x-k8s.io', 'Cluster'),
    kind('snapshot.storage.k8s.io', 'VolumeSnapshot'),
    kind('gateway.networking.k8s.io', 'Gateway'),
    kind('gateway.networking.k8s.io', 'GRPCRoute'),
    kind('example.com', 'Review', ['create']),
  ];
  assert.deepEqual(
    customKinds(all, [['gateway.networking.k8s.io', 'Gateway']]).map((one) => one.kind),
    ['Certificate', 'Cluster', 'VolumeSnapshot', 'GRPCRoute'],
  );
});
