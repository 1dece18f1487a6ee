// A server of ours with one node, whose pods are a table of this file: programs of this machine, with their logs.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from 'nekube/apiserver';
import { startNodeServer } from 'nekube/nodeserver';
import { issueCertificate, loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { connected, base64 } from '../connected.mjs';

const STATUS = { subresource: 'status' };
const HOUR_MS = 3_600_000;

/**
 * Starts the server and the node.
 *
 * @param takesWebSockets whether the node says that it takes WebSockets of exec itself
 * @returns `{kubeconfig, client, host, stop()}`; `host.add(pod, containers)` has a pod run
 */
export async function startWorld({ takesWebSockets = true, audit } = {}) {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const kubelet = pki.issueClient({ user: 'kube-apiserver-kubelet-client', groups: ['system:masters'] });
  const host = new Host('node-1');
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage: openMemory(),
    pki,
    plugins: { disable: ['ServiceAccount'] },
    tokens: [{ token: 'dev', user: { name: 'dev', groups: [] } }],
    kubelet: {
      clientCert: kubelet.cert,
      clientKey: kubelet.key,
      ca: pki.caCert,
      preferredAddressTypes: ['InternalIP'],
    },
    podNetwork: host,
    ...(audit && { audit }),
  });
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  const world = await connected(server.url, pki.caCert, user, 'nekube-streams-');
  host.dir = world.dir;
  const serving = issueCertificate(
    {
      subject: { commonName: 'system:node:node-1', organizations: ['system:nodes'] },
      use: 'server',
      names: { hosts: ['node-1'], ips: ['127.0.0.1'] },
      notBefore: new Date(Date.now() - HOUR_MS),
      notAfter: new Date(Date.now() + HOUR_MS),
    },
    { subject: { commonName: 'nekube-ca' }, key: pki.caKey },
  );
  const node = await startNodeServer({
    listen: { host: '127.0.0.1', port: 0 },
    ...serving,
    clientCa: pki.caCert,
    host,
    client: world.client,
  });
  const made = await world.client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  await world.client.update(
    {
      ...made,
      status: {
        addresses: [
          { type: 'Hostname', address: 'node-1' },
          { type: 'InternalIP', address: '127.0.0.1' },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: node.port } },
        ...(takesWebSockets && { declaredFeatures: ['ExtendWebSocketsToKubelet'] }),
      },
    },
    STATUS,
  );
  host.client = world.client;
  return {
    ...world,
    url: server.url,
    ca: pki.caCert,
    admin: { cert, key },
    node,
    host,
    async stop() {
      host.stop();
      await world.close();
      await node.close();
      await server.close();
    },
  };
}

/** The pods of a node, as a table. */
class Host {
  #pods = new Map();
  #running = [];

  constructor(nodeName) {
    this.nodeName = nodeName;
  }

  pods() {
    return [...this.#pods.values()].map(({ object }) => object);
  }

  pod(namespace, name) {
    return this.#pods.get(`${namespace}/${name}`);
  }

  reach(_ip, port) {
    return { host: '127.0.0.1', port };
  }

  /** Makes a pod with containers that are shell scripts: `{c: 'echo one'}`; a script of undefined waits to start. */
  async add(name, scripts, { ip = '10.1.0.1' } = {}) {
    const containers = Object.keys(scripts).map((one) => ({ name: one, image: 'x', stdin: true }));
    const spec = { containers, nodeName: this.nodeName };
    const made = await this.client.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec,
    });
    const children = new Map();
    for (const [container, script] of Object.entries(scripts))
      if (script !== undefined) children.set(container, this.#start(name, container, script));
    const containerStatuses = containers.map(({ name: one }) => ({
      name: one,
      image: 'x',
      imageID: '',
      ready: true,
      restartCount: 0,
      state: children.has(one)
        ? { running: { startedAt: new Date().toISOString().replace(/\.\d+/, '') } }
        : { waiting: { reason: 'ContainerCreating' } },
    }));
    const object = await this.client.update(
      {
        ...made,
        status: { phase: 'Running', podIPs: [{ ip }], podIP: ip, containerStatuses },
      },
      STATUS,
    );
    this.#pods.set(`default/${name}`, {
      object,
      logPath: (container, count) => join(this.dir, 'logs', name, container, `${count}.log`),
      running: (container) => children.get(container),
      dial: async (port) => ({ host: '127.0.0.1', port }),
    });
    return object;
  }

  /** Resolves when a container has said something. */
  async said(pod, container, text) {
    const path = this.pod('default', pod).logPath(container, 0);
    while (!readFileSync(path, 'utf8').includes(text)) await sleep(20);
  }

  #start(pod, container, script) {
    const dir = join(this.dir, 'logs', pod, container);
    mkdirSync(dir, { recursive: true });
    const path = join(dir, '0.log');
    writeFileSync(path, '');
    const env = { ...process.env, CONTAINER: container };
    const child = spawn('sh', ['-c', script], { env, cwd: this.dir, detached: true });
    this.#running.push(child);
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (text) => {
        const lines = text.split('\n').filter((line) => line !== '');
        const time = new Date().toISOString();
        writeFileSync(path, lines.map((line) => `${time} ${name} F ${line}\n`).join(''), { flag: 'a' });
      });
    return {
      pid: child.pid,
      stdin: child.stdin,
      exited: new Promise((resolve) => child.once('close', resolve)),
      command: async (argv) => ({ argv, env, cwd: this.dir }),
    };
  }

  stop() {
    for (const { pid } of this.#running)
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // it has ended
      }
  }
}
