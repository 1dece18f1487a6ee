// What pods use, as people and autoscalers ask for it: kubectl top, and HorizontalPodAutoscalers by resources, by custom and by external metrics.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'nekube/client';
import { loadOrCreatePki } from 'nekube/pki';
import { Metrics, registerMetrics } from '../controllers/metrics-server.mjs';
import { skip, startCluster } from './cluster.mjs';

let cluster;
let kubectl;
let go;

before(async () => {
  if (skip) return;
  const often = ['--metric-resolution', '500ms', '--horizontal-pod-autoscaler-sync-period', '500ms'];
  cluster = await startCluster(['--network', 'virtual', ...often]);
  kubectl = cluster.kubectl;
  go = join(cluster.dir, 'go');
});
after(() => cluster?.stop());

/** Does something for a while, and then nothing, as long as a file is there; else nothing. */
const script = (file) =>
  `while :; do if test -e ${file}; then i=0; while test $i -lt 60000; do i=$((i+1)); done; sleep 0.1; else sleep 0.5; fi; done`;
/** A deployment whose pods are busy while a file is there. */
const deployment = (name) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'main',
            image: 'registry.example/tools:1',
            args: ['-c', script(go)],
            resources: { requests: { cpu: '100m', memory: '1Mi' } },
          },
        ],
      },
    },
  },
});
const autoscaler = (name, metric) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    maxReplicas: 3,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    metrics: [metric],
  },
});
const apply = (object) => kubectl('apply -f -', { stdin: JSON.stringify(object) });
const hasReplicas = (name, replicas) =>
  kubectl(['wait', `--for=jsonpath={.spec.replicas}=${replicas}`, `deployment/${name}`, '--timeout=120s']);
/** What a command says when it says that at last. */
async function eventually(line) {
  const { stdout } = await cluster.shell(`until $KUBECTL ${line} 2>/dev/null; do sleep 0.1; done`).ended;
  return stdout;
}

test('a deployment grows and shrinks by what its pods use of processors', { skip, timeout: 240_000 }, async () => {
  writeFileSync(go, '');
  await apply(deployment('busy'));
  await apply(
    autoscaler('busy', {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
    }),
  );
  await hasReplicas('busy', 3);
  assert.match(await kubectl('get hpa busy'), /Deployment\/busy +cpu: \d+%\/50% +1 +3/);
  rmSync(go);
  await hasReplicas('busy', 1);
});

test('kubectl top tells what pods and nodes use', { skip, timeout: 240_000 }, async () => {
  await apply(deployment('shown'));
  await kubectl('rollout status deployment/shown --timeout=60s');
  const [, pod] = (await eventually('top pods -l app=shown')).split('\n');
  assert.match(pod, /^shown-\S+ +\d+m +\d+Mi/);
  assert.match(await kubectl('top pods -l app=shown --containers'), /^shown-\S+ +main +\d+m +\d+Mi/m);
  const nodes = (await kubectl('top nodes')).split('\n');
  assert.deepEqual(
    nodes.slice(1, 3).map((line) => /^(\S+) +\d+m +\d+% +\d+Mi +\d+%/.exec(line)?.[1]),
    ['node-1', 'node-2'],
  );
  assert.match(await kubectl('get podmetrics -A'), /^default +shown-\S+ +\S+ +\d+Ki +\S+s/m);
  await kubectl('get apiservices v1beta1.metrics.k8s.io', { stdout: /kube-system\/metrics-server +True/ });
  const name = /^(\S+)/.exec(pod)[1];
  const one = JSON.parse(
    await kubectl(['get', '--raw', `/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/${name}`]),
  );
  assert.deepEqual([one.kind, one.metadata.labels.app, one.containers[0].name], ['PodMetrics', 'shown', 'main']);
  await kubectl('get podmetrics none', { exit: 1, stderr: /podmetrics\.metrics\.k8s\.io "default\/none" not found/ });
});

test('deployments grow by metrics that an adapter serves', { skip, timeout: 240_000 }, async (t) => {
  const client = await connect({ kubeconfig: join(cluster.dir, 'kubeconfig'), env: {} });
  t.after(() => client.close());
  const metrics = new Metrics();
  const adapter = await registerMetrics(
    client,
    metrics,
    loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => new Date() }),
    ['custom.metrics.k8s.io', 'external.metrics.k8s.io'],
  );
  t.after(() => adapter.close());
  await apply(deployment('queued'));
  await apply(deployment('asked'));
  const average = { type: 'AverageValue', averageValue: '10' };
  await apply(autoscaler('queued', { type: 'External', external: { metric: { name: 'queue' }, target: average } }));
  const described = { apiVersion: 'v1', kind: 'Service', name: 'asked' };
  await apply(
    autoscaler('asked', {
      type: 'Object',
      object: { metric: { name: 'hits' }, describedObject: described, target: average },
    }),
  );
  metrics.set('default', { external: { queue: ['12', '13'] }, custom: { 'services/asked/hits': { asked: '18' } } });
  await hasReplicas('queued', 3);
  await hasReplicas('asked', 2);
  metrics.set('default', { external: { queue: ['1'] }, custom: { 'services/asked/hits': { asked: '3' } } });
  await hasReplicas('queued', 1);
  await hasReplicas('asked', 1);
});

test('pods without processes use what they are said to', { skip, timeout: 240_000 }, async (t) => {
  const fake = await startCluster(['--images', 'fake', '--metric-resolution', '500ms']);
  t.after(() => fake.stop());
  const use = { 'kwok.x-k8s.io/usage-cpu': '250m', 'kwok.x-k8s.io/usage-memory': '64Mi' };
  const annotations = Object.entries(use).map(([name, value]) => `--annotations=${name}=${value}`);
  await fake.kubectl(['run', 'said', '--image=any', ...annotations]);
  await fake.kubectl('run unsaid --image=any');
  await fake.kubectl('wait --for=condition=Ready pod/said pod/unsaid --timeout=60s');
  const { stdout } = await fake.shell('until $KUBECTL top pods 2>/dev/null | grep unsaid; do sleep 0.1; done').ended;
  assert.match(stdout, /^unsaid +1m +1Mi/);
  assert.match(await fake.kubectl('top pods'), /^said +250m +64Mi/m);
});
