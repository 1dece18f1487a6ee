// The real kubectl drains nodes, and budgets hold it back.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect, newInformer } from 'nekube/client';
import { openPodNetwork } from 'nekube/network';
import { FAKE_IMAGES, startNodes } from 'nekube/node';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { startOurs } from './clusters.mjs';

const POD = { apiVersion: 'v1', kind: 'Pod' };
const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
const LABELS = { app: 'web' };
const { kubectl, skip } = kubernetesClients();
const run = promisify(execFile);
const stopping = new AbortController();
let world;
let network;
let nodes;
let pods;
/** The fewest pods that were ready and not on their way out, since there were as many as shall be. */
let fewest = Infinity;

before(async () => {
  if (skip) return;
  const controllers = ['deployment-controller', 'replicaset-controller', 'disruption-controller'];
  world = await startOurs({ controllers, scheduler: true });
  const { client, kubeconfig, dir } = world;
  network = await openPodNetwork({ mode: 'virtual' });
  // a node closes its client
  const own = { one: await connect({ kubeconfig, env: {} }), two: await connect({ kubeconfig, env: {} }) };
  nodes = await startNodes({
    names: Object.keys(own),
    client,
    clientFor: (name) => own[name],
    images: FAKE_IMAGES,
    network,
    dir,
    version: 'v1.36.3',
    untaints: client,
  });
  pods = newInformer(client, POD, { namespace: 'default' });
  const count = () => (fewest = Math.min(fewest, readyPods().length));
  pods.handle({ updated: count, deleted: count });
  pods.run(stopping.signal);
  await pods.synced();
});
after(async () => {
  stopping.abort();
  await nodes?.stop();
  await network?.close();
  await world?.stop();
});

const isReady = ({ metadata, status }) =>
  !metadata.deletionTimestamp && status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
const readyPods = () => pods.store.list().filter(isReady);
const onNode = (name) => pods.store.list().filter(({ spec }) => spec.nodeName === name);

/** What kubectl said in all. `onText` is told all so far, whenever there is more. */
async function say(args, onText = () => {}) {
  let text = '';
  const running = run(kubectl, [...args, '--kubeconfig', world.kubeconfig]);
  for (const stream of [running.child.stdout, running.child.stderr])
    stream.on('data', (piece) => onText((text += piece)));
  await running;
  return text;
}

async function eventually(holds, what) {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(20))
    if (Date.now() > end) throw new Error(`It never came to this: ${what}`);
}

test('a drained node has no pods, and never are fewer ready than the budget says', { skip }, async () => {
  const { client } = world;
  const template = {
    metadata: { labels: LABELS },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'web', image: 'web:1' }] },
  };
  const selector = { matchLabels: LABELS };
  const metadata = { name: 'web', namespace: 'default' };
  await client.create({ ...BUDGET, metadata, spec: { minAvailable: 2, selector } });
  await client.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 3, selector, template },
  });
  const allowed = async () => (await client.get(BUDGET, metadata)).status?.disruptionsAllowed === 1;
  await eventually(() => readyPods().length === 3 && allowed(), 'three pods are ready, and one may go');
  fewest = Infinity;
  assert.ok(onNode('one').length > 0 && onNode('two').length > 0, 'pods are on both nodes');

  const drained = await say(['drain', 'one', '--timeout=120s']);
  assert.match(drained, /node\/one cordoned[^]*evicting pod default\/web-[^]*node\/one drained/);
  assert.deepEqual(onNode('one'), []);
  await eventually(() => readyPods().length === 3 && allowed(), 'three are ready again');

  // there is no place for what takes the first one's place, until there is
  let freed;
  await say(['drain', 'two', '--timeout=120s'], (text) => {
    if (/Cannot evict pod as it would violate the pod's disruption budget/.test(text))
      freed ??= say(['uncordon', 'one']);
  });
  assert.ok(freed, 'the budget held it back');
  assert.match(await freed, /node\/one uncordoned/);
  assert.deepEqual(onNode('two'), []);
  assert.equal(fewest, 2);
});
