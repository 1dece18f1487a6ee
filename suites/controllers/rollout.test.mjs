// The real kubectl rolls workloads out, looks at them, and takes them back.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { newInformer } from 'nekube/client';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { startOurs } from './clusters.mjs';

const POD = { apiVersion: 'v1', kind: 'Pod' };
const { kubectl, skip } = kubernetesClients();
const run = promisify(execFile);
const stopping = new AbortController();
let world;

before(async () => {
  if (skip) return;
  const controllers = ['deployment-controller', 'replicaset-controller', 'statefulset-controller'];
  world = await startOurs({ controllers });
  // all pods become ready as soon as they are there
  const informer = newInformer(world.client, POD, {});
  const makeReady = async ({ metadata, status }) => {
    if (status?.phase === 'Running') return;
    const time = new Date().toISOString().slice(0, 19) + 'Z';
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: time }];
    const key = { namespace: metadata.namespace, name: metadata.name };
    const change = { merge: { status: { phase: 'Running', conditions } } };
    await world.client.patch(POD, key, change, { subresource: 'status' }).catch(() => {});
  };
  informer.handle({ added: makeReady, updated: makeReady });
  informer.run(stopping.signal);
});
after(async () => {
  stopping.abort();
  await world?.stop();
});

const say = async (...args) => (await run(kubectl, [...args, '--kubeconfig', world.kubeconfig])).stdout;
const imageOf = (what) => say('get', what, '-o', 'jsonpath={.spec.template.spec.containers[0].image}');
const rolledOut = (what) => say('rollout', 'status', what, '--timeout=120s');

function workload(kind, name) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const metadata = { name, namespace: 'default' };
  return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
}

test('kubectl rolls a deployment out, pauses, restarts and scales it, and takes it back', { skip }, async () => {
  await world.client.create(workload('Deployment', 'web'));
  assert.match(await rolledOut('deployment/web'), /deployment "web" successfully rolled out/);
  await say('set', 'image', 'deployment/web', 'web=web:2');
  await rolledOut('deployment/web');
  const history = await say('rollout', 'history', 'deployment/web');
  assert.deepEqual(
    history.split('\n').flatMap((line) => /^\d+/.exec(line)?.[0] ?? []),
    ['1', '2'],
  );
  await say('rollout', 'undo', 'deployment/web');
  await rolledOut('deployment/web');
  assert.equal(await imageOf('deployment/web'), 'web:1');
  await say('rollout', 'pause', 'deployment/web');
  await say('set', 'image', 'deployment/web', 'web=web:3');
  await say('rollout', 'resume', 'deployment/web');
  await say('rollout', 'restart', 'deployment/web');
  await say('scale', 'deployment/web', '--replicas=3');
  await rolledOut('deployment/web');
  assert.equal(await say('get', 'deployment/web', '-o', 'jsonpath={.status.availableReplicas}'), '3');
});

test('kubectl rolls a stateful set out, and takes it back', { skip }, async () => {
  await world.client.create(workload('StatefulSet', 'store'));
  await rolledOut('statefulset/store');
  await say('set', 'image', 'statefulset/store', 'web=web:2');
  await rolledOut('statefulset/store');
  await say('rollout', 'undo', 'statefulset/store');
  assert.match(await rolledOut('statefulset/store'), /roll out complete: 2 new pods have been updated/);
  assert.equal(await imageOf('statefulset/store'), 'web:1');
});
