// What people do with a cluster's workloads, pods and nodes, by the real kubectl.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { said, skip, startCluster } from './cluster.mjs';

const SHOP = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'shop',
            image: 'registry.example/shop:1',
            args: ['serve', '--config=/etc/shop'],
            env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            ports: [{ name: 'http', containerPort: 8080 }],
            readinessProbe: { httpGet: { port: 'http' }, periodSeconds: 1 },
            volumeMounts: [{ name: 'config', mountPath: '/etc/shop' }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name: 'shop' } }],
      },
    },
  },
};
const BUDGET = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'shop' },
  spec: { minAvailable: 1, selector: SHOP.spec.selector },
};

const rolledOut = 'rollout status deployment/shop --timeout=120s';
const done = /successfully rolled out/;
let cluster;
let kubectl;

before(async () => {
  if (skip) return;
  cluster = await startCluster(['--network', 'virtual']);
  kubectl = cluster.kubectl;
  await kubectl('create configmap shop --from-literal=greeting=hello');
  await kubectl('apply -f -', { stdin: JSON.stringify(SHOP) });
  await kubectl('expose deployment shop --port=80 --target-port=http');
  await kubectl(rolledOut, { stdout: done });
});
after(() => cluster?.stop());

const get = (what, path) => kubectl(['get', ...what.split(' '), '-o', `jsonpath=${path}`]);
/** The names of the two pods that stay, once those that were replaced are gone. */
async function shopPods() {
  for (;;) {
    const names = (await get('pods -l app=shop', '{.items[*].metadata.name}')).split(' ');
    if (names.length === 2) return names;
  }
}
/** Runs a script in a pod of its own. */
const runScript = (name, script) =>
  kubectl([...`run ${name} --image=registry.example/tools:1 --restart=Never --`.split(' '), '-c', script]);

test('workloads are rolled out, paused, restarted and taken back', { skip }, async () => {
  await kubectl('set env deployment/shop COLOR=blue');
  await kubectl(rolledOut, { stdout: done });
  await kubectl('rollout history deployment/shop', { stdout: /^1 .*\n2 /m });
  await kubectl('rollout pause deployment/shop');
  await kubectl('set env deployment/shop COLOR=red');
  await kubectl('rollout resume deployment/shop');
  await kubectl(rolledOut, { stdout: done });
  assert.equal(await kubectl(['exec', 'deploy/shop', '--', 'sh', '-c', 'echo $COLOR']), 'red\n');
  await kubectl('rollout undo deployment/shop --to-revision=2');
  await kubectl(rolledOut, { stdout: done });
  assert.equal(
    await get('deployment shop', '{.spec.template.spec.containers[0].env[?(@.name=="COLOR")].value}'),
    'blue',
  );
  await kubectl('rollout restart deployment/shop');
  await kubectl(rolledOut, { stdout: done });
});

test('a log is followed until its pod ends', { skip }, async () => {
  const go = join(cluster.dir, 'go');
  await runScript('talker', `echo one; until test -e ${go}; do sleep 0.1; done; echo two`);
  await kubectl('wait --for=condition=Ready pod/talker --timeout=60s');
  const following = cluster.start(['logs', '-f', 'talker']);
  await said(following, /^one$/m);
  writeFileSync(go, '');
  const { stdout, exit } = await following.ended;
  assert.deepEqual([stdout, exit], ['one\ntwo\n', 0]);
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/talker', '--timeout=60s']);
});

test('commands are run in pods, also on a terminal', { skip }, async (t) => {
  const [name] = await shopPods();
  assert.equal(await kubectl(['exec', name, '--', 'sh', '-c', 'cat; echo $POD_NAME'], { stdin: 'in ' }), `${name}\n`);
  assert.equal(await kubectl(['exec', '-i', name, '--', 'cat'], { stdin: 'typed' }), 'typed');
  await kubectl(['exec', name, '--', 'sh', '-c', 'exit 7'], { exit: 7 });
  if (!existsSync('/usr/bin/script')) return t.skip('there is no program to have a terminal by');
  const tty = cluster.shell(`script -qec "$KUBECTL exec -it ${name} -- sh -c 'tty && echo is a terminal'" /dev/null`);
  assert.match((await tty.ended).stdout, /\/dev\/pts\/\d+\s+is a terminal/);
});

test('files are copied to a pod and back', { skip }, async () => {
  const [name] = await shopPods();
  const [from, inPod, back] = ['from', 'in-pod', 'back'].map((file) => join(cluster.dir, file));
  writeFileSync(from, 'text '.repeat(10_000));
  await kubectl(['cp', from, `${name}:${inPod}`]);
  await kubectl(['cp', `${name}:${inPod}`, back]);
  assert.equal(readFileSync(back, 'utf8'), readFileSync(from, 'utf8'));
});

test('ports of pods and services are forwarded', { skip }, async () => {
  for (const what of ['deployment/shop', 'service/shop']) {
    const forwarding = cluster.start(['port-forward', what, what.startsWith('service') ? ':80' : ':http']);
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(await said(forwarding, /127\.0\.0\.1:\d+ ->/));
    assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /^hello from shop-/);
    forwarding.kill('SIGINT');
    await forwarding.ended;
  }
});

test('a node is drained as far as budgets let it, and taken back', { skip }, async () => {
  await kubectl('apply -f -', { stdin: JSON.stringify(BUDGET) });
  await kubectl(['wait', '--for=jsonpath={.status.disruptionsAllowed}=1', 'pdb/shop', '--timeout=60s']);
  await kubectl('drain node-1 --ignore-daemonsets --delete-emptydir-data --force --timeout=120s', {
    stdout: /node\/node-1 drained/,
  });
  await kubectl(rolledOut, { stdout: done });
  await shopPods();
  const nodes = await get('pods -l app=shop', '{.items[*].spec.nodeName}');
  assert.equal(nodes, 'node-2 node-2');
  await kubectl('cordon node-2');
  await runScript('homeless', 'true');
  await kubectl('wait --for=condition=PodScheduled=False pod/homeless --timeout=60s');
  const why = await get('pod homeless', '{.status.conditions[?(@.type=="PodScheduled")].message}');
  assert.match(why, /^0\/2 nodes are available: 2 node\(s\) were unschedulable\./);
  await kubectl('uncordon node-1 node-2');
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/homeless', '--timeout=60s']);
});

test('who asks what a pod is about is told', { skip }, async () => {
  await kubectl('run stranger --image=registry.example/unknown:1');
  await kubectl([
    'wait',
    '--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff',
    'pod/stranger',
    '--timeout=60s',
  ]);
  await kubectl('describe pod stranger', { stdout: /images\.yaml/ });
  await kubectl('delete pod stranger --timeout=60s');
});
