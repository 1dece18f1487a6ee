// A cluster in this process: a server of ours with nodes whose pods are processes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from 'nekube/apiserver';
import { newClient } from 'nekube/client';
import { openPodNetwork } from 'nekube/network';
import { FAKE_IMAGES, parseImageFile, startNodes } from 'nekube/node';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';

export const POD = { apiVersion: 'v1', kind: 'Pod' };
export const NODE = { apiVersion: 'v1', kind: 'Node' };
const EVENT = { apiVersion: 'v1', kind: 'Event' };

/** Small programs, by the names of their images. */
const IMAGES = `
images:
  - {name: sh, entrypoint: [sh]}
  - {name: node, entrypoint: [${JSON.stringify(process.execPath)}]}
`;

/**
 * Starts it: `images` is a text as in a file, or `fake`.
 *
 * @returns `{client, dir, errors, nodes, stop()}`, and `restart()`, which begins anew with nodes that know nothing
 */
export async function startCluster(options = {}) {
  const {
    names = ['one'],
    images = IMAGES,
    storage = openMemory(),
    networkOf = (network) => network,
    transportOf = (transport) => transport,
    ...more
  } = options;
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage,
    pki,
    authorizationModes: ['Node', 'RBAC'],
    plugins: { enable: ['NodeRestriction'], disable: ['ServiceAccount'] },
  });
  const clientOf = (user, ...groups) => {
    const { cert } = pki.issueClient({ user, groups });
    const transport = { url: server.url, ...server.connect({ certificate: cert }) };
    return newClient(user === 'admin' ? transport : transportOf(transport), { fieldManager: 'kubelet' });
  };
  const client = clientOf('admin', 'system:masters');
  const dir = mkdtempSync(join(tmpdir(), 'nekube-node-'));
  const errors = [];
  const start = async () => {
    const network = await openPodNetwork({ mode: 'virtual' });
    const nodes = await startNodes({
      names,
      client: clientOf('system:nekube-nodes', 'system:masters'),
      clientFor: (name) => clientOf(`system:node:${name}`, 'system:nodes'),
      images: images === 'fake' ? FAKE_IMAGES : parseImageFile(images, join(dir, 'images.yaml')),
      network: networkOf(network),
      dir,
      version: 'v1.36.3',
      untaints: client,
      onError: (error, what) => errors.push(`${what}: ${error.message}`),
      ...more,
    });
    return {
      nodes,
      stop: async () => {
        await nodes.stop();
        await network.close();
      },
    };
  };
  let running = await start();
  return {
    client,
    dir,
    errors,
    server,
    get nodes() {
      return running.nodes;
    },
    async restart() {
      await running.stop();
      running = await start();
    },
    async stop() {
      await running.stop();
      await client.close();
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

let made = 0;

/** Makes a pod of these containers on the node `one`; gives it as it was made. */
export function createPod(client, containers, { spec = {}, metadata = {} } = {}) {
  const list = Array.isArray(containers) ? containers : [containers];
  return client.create({
    ...POD,
    metadata: { namespace: 'default', name: `pod-${++made}`, ...metadata },
    spec: {
      nodeName: 'one',
      // those that end when they are told are not killed, however late a busy machine lets them
      terminationGracePeriodSeconds: 30,
      containers: list.map((one, i) => ({ name: `c${i}`, image: 'sh', ...one })),
      ...spec,
    },
  });
}

/** Waits until the pod is as it is wanted; gives it so. */
export async function untilPod(client, { metadata: { namespace, name } }, isWanted, what = String(isWanted)) {
  // a watch that begins when the pod has gone hears nothing of it
  if (what === 'gone') {
    await eventually(() => isGone(client, { namespace, name }), 'the pod is gone');
    return undefined;
  }
  let last;
  const deadline = AbortSignal.timeout(60_000);
  const selection = { namespace, fieldSelector: `metadata.name=${name}`, signal: deadline };
  try {
    for (;;) {
      // a watch that ends is begun anew
      for await (const { type, object } of client.watch(POD, selection)) {
        last = object;
        if (type !== 'DELETED' && isWanted(object)) return object;
        if (type === 'DELETED' && isWanted(undefined)) return object;
      }
    }
  } catch (error) {
    throw new Error(`The pod is not ${what}: ${JSON.stringify(last?.status, null, 1)}`, { cause: error });
  }
}

async function isGone(client, key) {
  try {
    await client.get(POD, key);
    return false;
  } catch (error) {
    if (error.status?.reason === 'NotFound') return true;
    throw error;
  }
}

/** Waits until a call gives something other than undefined or false; gives it. */
export async function eventually(call, what, forMs = 60_000) {
  const end = Date.now() + forMs;
  for (;;) {
    const value = await call();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`It never came to this: ${typeof what === 'function' ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What was told of a pod, as `REASON MESSAGE`, in order. */
export async function eventsOf(client, { metadata: { namespace, uid } }) {
  const { items } = await client.list(EVENT, { namespace });
  return items.filter((one) => one.involvedObject.uid === uid).map((one) => `${one.reason} ${one.message}`);
}

/** The status of a pod's condition. */
export const conditionOf = (pod, type) => pod.status.conditions?.find((one) => one.type === type);

/** What a container of a pod said, line by line, without times. */
export function logOf({ dir }, { metadata: { namespace, name, uid } }, container = 'c0', run = 0) {
  const file = join(dir, 'one', 'logs', `${namespace}_${name}_${uid}`, container, `${run}.log`);
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => line.split(' ').slice(3).join(' '));
}
