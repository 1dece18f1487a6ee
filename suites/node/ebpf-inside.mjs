// Plays one step with `nekube up --service-router ebpf` in the namespaces it finds itself in, and prints what it saw as a line of JSON.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'nekube/client';
import { bpfObjectsOf, remaining } from './bpf-ids.mjs';
import { conditionOf, createPod, eventually, POD, untilPod } from './cluster.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SERVER = fileURLToPath(new URL('service-pod.mjs', import.meta.url));
const SERVICE = { apiVersion: 'v1', kind: 'Service' };
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };
const TIMES = 12;
const START_MS = 150_000;

const steps = { services, refused };
const dir = mkdtempSync(join(tmpdir(), 'nekube-ebpf-'));
let up;
try {
  console.log(JSON.stringify(await steps[process.argv[2]](process.argv[3])));
} finally {
  up?.child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** Starts it, and waits until it is ready. */
async function startUp(network) {
  writeFileSync(join(dir, 'images.yaml'), `images: [{name: web, entrypoint: [node, ${SERVER}]}]`);
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const flags = ['--listen', '127.0.0.1:0', '--storage', 'memory', '--controllers', 'all', '--nodes', '2'];
  const nodes = ['--images', 'images.yaml', '--service-router', 'ebpf', ...(network ? ['--network', network] : [])];
  const child = spawn(process.execPath, [MAIN, 'up', ...flags, ...nodes], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  up = { child, said: '' };
  child.stderr.setEncoding('utf8').on('data', (text) => (up.said += text));
  const ended = once(child, 'close');
  void ended.then(() => (up.hasEnded = true));
  // the kernel reads its programs first: on one core among thirty others that took longer than a minute
  await eventually(
    () => /^nekube: ready/m.test(up.said) || up.hasEnded,
    () => `nekube is ready: ${up.said}`,
    START_MS,
  );
  if (up.hasEnded) throw new Error(`nekube ended: ${up.said}`);
  return { ended, client: await connect({ kubeconfig: join(dir, '.nekube/kubeconfig'), env: {} }) };
}

/** Where eBPF cannot be, it is said, and a proxy serves. */
async function refused(network) {
  const { client, ended } = await startUp(network);
  await client.close();
  up.child.kill('SIGTERM');
  await ended;
  return up.said.split('\n').filter((line) => line.includes('services are routed'));
}

/** Pods and this machine's processes find services in every way, also while nekube stands still; and what is left when it is killed. */
async function services() {
  const { client, ended } = await startUp();
  const errors = () => up.said.split('\n').filter((line) => /Cannot/.test(line));
  await eventually(
    () => client.get(ACCOUNT, { namespace: 'default', name: 'default' }).catch(() => undefined),
    'pods may be',
  );
  const nodes = { a: 'node-1', b: 'node-1', c: 'node-2' };
  const pods = Object.fromEntries(
    await Promise.all(Object.entries(nodes).map(async ([name, nodeName]) => [name, await pod(client, name, nodeName)])),
  );
  const ipOf = (name) => pods[name].status.podIP;
  const make = (name, spec) =>
    client.create({
      ...SERVICE,
      metadata: { namespace: 'default', name },
      spec: { selector: { app: 'web' }, ...spec },
    });
  const ports = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'udp', port: 53, targetPort: 8080, protocol: 'UDP' },
  ];
  const { spec } = await make('web', { type: 'NodePort', ports });
  const nodePort = spec.ports[0].nodePort;
  await make('own', { selector: { name: 'a' }, ports });
  const sticky = await make('sticky', { sessionAffinity: 'ClientIP', ports });
  await make('balanced', { type: 'LoadBalancer', ports });
  await make('ranged', { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.244.1.0/24'], ports });
  await make('local', { selector: { name: 'c' }, internalTrafficPolicy: 'Local', ports });

  const ask = async (url) =>
    (await fetch(url, { headers: { connection: 'close' } }).catch(({ cause }) => ({ text: () => cause.code }))).text();
  const get = (name, url) => ask(`http://${ipOf(name)}:8080/get?url=${encodeURIComponent(url)}`);
  const udp = (name, host) => ask(`http://${ipOf(name)}:8080/udp?host=${host}&port=53`);
  const machine = (url) => ask(url).then((text) => text.split(' ')[0]);
  const until = async (attempt, wanted) => {
    let last;
    await eventually(
      async () => wanted.test((last = await attempt())),
      () => `${wanted} is said, and not ${last}`,
    );
    return 'as expected';
  };
  const many = async (attempt, times = TIMES) => {
    const said = [];
    for (let i = 0; i < times; i++) said.push(await attempt());
    return [...new Set(said)].sort();
  };
  /** What is said, until all three have said it. */
  const allThree = async (attempt) => {
    const heard = new Set();
    await eventually(
      async () => heard.add(await attempt()).size >= 3,
      () => `three say something, and not ${[...heard]}`,
    );
    return [...heard].sort();
  };
  const nodeAddress = (await client.get({ apiVersion: 'v1', kind: 'Node' }, { name: 'node-2' })).status.addresses.find(
    ({ type }) => type === 'InternalIP',
  ).address;

  await until(() => get('a', 'http://web'), /^[abc] /);
  await until(() => get('a', 'http://sticky'), /^[abc] /);
  const addressOf = (name) =>
    eventually(async () => {
      const { status } = await client.get(SERVICE, { namespace: 'default', name });
      return status.loadBalancer.ingress?.[0]?.ip;
    }, `${name} has an address`);
  const [balanced, ranged] = [await addressOf('balanced'), await addressOf('ranged')];
  const known = { cluster: spec.clusterIP, a: ipOf('a'), node: nodeAddress };
  const saw = {
    byName: await allThree(() => get('a', 'http://web')),
    byUdp: await allThree(() => udp('a', 'web')),
    itself: await until(() => get('a', 'http://own.default'), /^a 169\.254\.42\.1 10\.0\.0\./),
    itselfByUdp: await until(() => udp('a', 'own'), /^a 169\.254\.42\.1 10\.0\.0\./),
    nodePort: await until(
      () => get('a', `http://${nodeAddress}:${nodePort}`),
      new RegExp(`^[abc] \\S+ ${nodeAddress}$`),
    ),
    keeps: (await many(() => get('a', 'http://sticky'))).length,
    machineKeeps: (await many(() => machine(`http://${sticky.spec.clusterIP}`))).length,
    local: await until(() => get('c', 'http://local'), /^c /),
    notLocal: await until(() => get('a', 'http://local'), /ECONNRESET/),
    balanced: await until(() => get('a', `http://${balanced}`), new RegExp(`^[abc] \\S+ ${balanced}$`)),
    inRange: await until(() => get('c', `http://${ranged}`), /^[abc] /),
    outOfRange: await until(() => get('a', `http://${ranged}`), /^no answer$/),
    absent: await get('a', 'http://absent'),
    api: await until(() => get('a', 'https://kubernetes.default.svc/version'), /CERT|SIGNED/),
    machine: await allThree(() => machine(`http://${spec.clusterIP}`)),
    machineNodePort: await allThree(() => machine(`http://127.0.0.1:${nodePort}`)),
  };
  await client.delete(POD, pods.b.metadata);
  await untilPod(client, pods.b, () => false, 'gone');
  await eventually(
    async () => !(await many(() => get('a', `http://${spec.clusterIP}`))).some((said) => said.startsWith('b ')),
    'b is asked no more',
  );
  // no proxy can do that
  up.child.kill('SIGSTOP');
  const still = {
    pod: await many(() => get('a', `http://${spec.clusterIP}`).then((said) => said.split(' ').at(-1))),
    udp: await many(() => udp('a', spec.clusterIP).then((said) => said.split(' ').at(-1))),
    machine: await many(() => machine(`http://${spec.clusterIP}`).then((said) => /^[ac]$/.test(said))),
  };
  up.child.kill('SIGCONT');
  await client.delete(POD, pods.c.metadata);
  await client.delete(POD, pods.a.metadata).catch(() => undefined);
  const others = await pod(client, 'd', 'node-2', { other: 'yes' });
  pods.d = others;
  await until(() => get('d', `http://${spec.clusterIP}`), /^ECONNREFUSED$/);
  await until(() => ask(`http://${spec.clusterIP}`), /^ECONNREFUSED$/);
  const objects = bpfObjectsOf(up.child.pid);
  await client.close();
  up.child.kill('SIGKILL');
  await ended;
  await eventually(
    () => remaining(objects).length === 0,
    () => `nothing is left, and not ${remaining(objects)}`,
  );
  return { known, ...saw, still, had: objects.length > 0, errors: errors() };
}

async function pod(client, name, nodeName, labels = { app: 'web', name }) {
  const made = await createPod(client, { image: 'web' }, { spec: { nodeName }, metadata: { name, labels } });
  return untilPod(client, made, (now) => conditionOf(now, 'Ready')?.status === 'True');
}
