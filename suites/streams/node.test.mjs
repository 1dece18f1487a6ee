// The real kubectl against pods that are processes of a node of ours.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from 'nekube/apiserver';
import { newClient } from 'nekube/client';
import { openPodNetwork } from 'nekube/network';
import { parseImageFile, startNodes } from 'nekube/node';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { base64, connected } from '../connected.mjs';

const { kubectl, skip } = kubernetesClients();
const IMAGES = `
images:
  - {name: sh, entrypoint: [sh]}
  - {name: node, entrypoint: [${JSON.stringify(process.execPath)}]}
`;
const SERVE = `require('node:http').createServer((q, r) => r.end('hello ' + q.url)).listen(process.env.NEKUBE_PORT_8080)`;

/** Tries until it holds, for as long as a machine that is busy may take. */
async function eventually(check) {
  for (const until = Date.now() + 60_000; ; await sleep(100))
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
}

const pod = (name, container) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName: 'one', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', ...container }] },
});

async function startCluster() {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const kubelet = pki.issueClient({ user: 'kube-apiserver-kubelet-client', groups: ['system:masters'] });
  const network = await openPodNetwork({ mode: 'virtual' });
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage: openMemory(),
    pki,
    authorizationModes: ['Node', 'RBAC'],
    plugins: { disable: ['ServiceAccount'] },
    kubelet: {
      clientCert: kubelet.cert,
      clientKey: kubelet.key,
      ca: pki.caCert,
      preferredAddressTypes: ['InternalIP'],
    },
    podNetwork: network,
  });
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  const world = await connected(server.url, pki.caCert, user, 'nekube-streams-node-');
  const nodes = await startNodes({
    names: ['one'],
    client: world.client,
    clientFor: (name) => {
      const as = pki.issueClient({ user: `system:node:${name}`, groups: ['system:nodes'] });
      return newClient({ url: server.url, ...server.connect({ certificate: as.cert }) });
    },
    images: parseImageFile(IMAGES, 'images.yaml'),
    network,
    dir: `${world.dir}/nodes`,
    version: 'v1.36.3',
    untaints: world.client,
    serving: {
      clientCa: pki.caCert,
      certificateFor: (name, address) =>
        pki.issueServing({ subject: { commonName: `system:node:${name}` }, hosts: [name], ips: [address] }),
    },
  });
  const stop = async () => {
    await nodes.stop();
    await network.close();
    await world.close();
    await server.close();
  };
  return { ...world, stop };
}

describe('pods of a node of ours', { skip }, () => {
  let cluster;
  const run = (...args) => {
    const child = spawn(kubectl, ['--kubeconfig', cluster.kubeconfig, ...args], { env: { HOME: cluster.dir } });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
  };
  before(async () => {
    cluster = await startCluster();
    const { client } = cluster;
    await client.create(
      pod('p', { image: 'sh', args: ['-c', 'echo one; sleep 1000'], env: [{ name: 'A', value: 'b' }] }),
    );
    await client.create(pod('web', { image: 'node', args: ['-e', SERVE], ports: [{ containerPort: 8080 }] }));
    await client.create(pod('done', { image: 'sh', args: ['-c', 'echo done; exit 2'] }));
    await client.create(pod('missing', { image: 'none' }));
  });
  after(() => cluster.stop());

  test('logs are those of the process, also after its end', async () => {
    await eventually(async () => assert.equal((await run('logs', 'p')).stdout, 'one\n'));
    await eventually(async () => assert.match((await run('logs', 'done')).stdout, /^done\n/));
    await eventually(async () =>
      assert.match((await run('logs', 'missing')).stderr, /container "c" in pod "missing" is waiting to start: \S/),
    );
  });

  test('a command has the variables of its container, and tells its exit code', async () => {
    await eventually(async () => assert.equal((await run('logs', 'p')).stdout, 'one\n'));
    const { code, stdout } = await run('exec', 'p', '--', 'sh', '-c', 'echo $A; exit 3');
    assert.deepEqual({ code, stdout }, { code: 3, stdout: 'b\n' });
  });

  test('a command ends with its container', async () => {
    const { client } = cluster;
    await client.create(pod('short', { image: 'sh', args: ['-c', 'echo one; sleep 1000'] }));
    await eventually(async () => assert.equal((await run('logs', 'short')).stdout, 'one\n'));
    const ended = run('exec', 'short', '--', 'sh', '-c', 'sleep 1000');
    const others = () =>
      run(
        'exec',
        'short',
        '--',
        'sh',
        '-c',
        'grep -lz NEKUBE_CONTAINER_ID=$NEKUBE_CONTAINER_ID /proc/*/environ 2>/dev/null | wc -l',
      );
    await eventually(async () => assert.ok(Number((await others()).stdout) > 2));
    await client.delete({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'default', name: 'short' });
    assert.notEqual((await ended).code, 0);
  });

  test('the proxy of a pod reaches what it serves, wherever that is', async () => {
    const path = '/api/v1/namespaces/default/pods/web:8080/proxy/there';
    await eventually(async () => assert.equal((await run('get', '--raw', path)).stdout, 'hello /there'));
  });
});
