// Plays one step with a network in the namespaces it finds itself in, and prints what it saw as a line of JSON.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { start } from 'nekube/envtest';
import { openPodNetwork, startClusterNetwork } from 'nekube/network';

const run = promisify(execFile);
const SERVE = `require('http').createServer((q, r) => r.end(q.socket.remoteAddress)).listen(
  Number(process.env.PORT ?? 80), process.env.NEKUBE_LISTEN_ADDRESS ?? '0.0.0.0', () => console.log('up'))`;
const GET = 'fetch(process.argv[1]).then((r) => r.text()).then(console.log)';

const GET_OR_CODE = `fetch(process.argv[1]).then((r) => r.text()).catch((error) => error.cause?.code ?? String(error)).then(console.log)`;

const steps = { namespaces, loopback, cluster, killed, 'in-use': inUse };
console.log(JSON.stringify(await steps[process.argv[2]]()));

/** What pods see of themselves, of each other and of the machine; and what is left when all is closed. */
async function namespaces() {
  const network = await openPodNetwork({ mode: 'namespaces', clusterDns: '10.0.0.10' });
  const [a, b] = [await attach(network, 'a', 'n1'), await attach(network, 'b', 'n2')];
  const server = await served(a);
  const service = createServer((request, response) => response.end(request.socket.remoteAddress));
  service.listen(80, '10.0.0.7');
  await once(service, 'listening');
  const { host, port } = await a.dial(80);
  const saw = {
    ips: [a.ips[0], b.ips[0]],
    folder: await inPod(a, ['pwd'], { cwd: '/tmp' }),
    hostname: await inPod(a, ['hostname']),
    hosts: (await inPod(a, ['tail', '-n', '1', '/etc/hosts'])).split('\t'),
    resolv: (await inPod(a, ['cat', '/etc/resolv.conf'])).split('\n'),
    fromMachine: await fetch(`http://${host}:${port}`).then((answer) => answer.text()),
    fromPod: await inPod(b, [process.execPath, '-e', GET, `http://${a.ips[0]}`]),
    toService: await inPod(b, [process.execPath, '-e', GET, 'http://10.0.0.7']),
    toHostPort: await inPod(b, [process.execPath, '-e', GET, `http://${network.nodeAddress('n1')}:8080`]),
  };
  server.kill('SIGKILL');
  service.closeAllConnections();
  service.close();
  await a.release();
  await a.release();
  await network.close();
  return { ...saw, left: await leftOver() };
}

async function loopback() {
  const network = await openPodNetwork({ mode: 'loopback' });
  const a = await attach(network, 'a', 'n1');
  const b = await attach(network, 'b', 'n1', { ports: [{ containerPort: 80, variable: 'PORT' }] });
  const servers = [await served(a), await served(b, { NEKUBE_LISTEN_ADDRESS: '127.0.0.1' })];
  const reached = [];
  for (const pod of [a, b]) {
    const { host, port } = await pod.dial(80);
    reached.push(`${host}:${port} ${(await fetch(`http://${host}:${port}`)).status}`);
  }
  for (const server of servers) server.kill('SIGKILL');
  await network.close();
  return { reached, isPrivate: b.environment.PORT !== '80', left: await leftOver() };
}

/** Pods of two nodes find services by their names, and are given endpoints by where they are. */
async function cluster() {
  const network = await openPodNetwork({ mode: 'namespaces' });
  const environment = await start({ level: 'envtest' });
  const { client } = environment;
  const api = new URL(/server: *"?(https:[^\s"]+)/.exec(readFileSync(environment.kubeconfig(), 'utf8'))[1]);
  const errors = [];
  const services = await startClusterNetwork({
    client,
    network,
    apiServer: { host: api.hostname, port: Number(api.port) },
    onError: ({ message }) => errors.push(message),
  });
  const [web, other] = [await attach(network, 'web', 'n1'), await attach(network, 'other', 'n2', { ports: [] })];
  for (const name of ['n1', 'n2']) await client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  const server = await served(web);
  const service = (name, spec) =>
    client.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'default', name },
      spec: { ports: [{ port: 80 }], ...spec },
    });
  const slice = (of, address) => ({
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ port: 80 }] },
    metadata: { namespace: 'default', name: of, labels: { 'kubernetes.io/service-name': of } },
    endpoints: [{ addresses: [address], nodeName: 'n1' }],
  });
  const node = { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30_080 }] };
  const specs = { web: {}, local: { internalTrafficPolicy: 'Local' }, node, balanced: { type: 'LoadBalancer' } };
  for (const [name, spec] of Object.entries(specs)) {
    await service(name, spec);
    await client.create(slice(name, web.ips[0]));
  }
  const get = (pod, url) => inPod(pod, [process.execPath, '-e', GET_OR_CODE, url]);
  const said = (attempt, wanted) =>
    environment
      .eventually(async () => wanted.test(await attempt()) && wanted.source, { timeoutMs: 30_000 })
      .catch(({ message }) => message);
  const balancer = await environment.eventually(async () => {
    const { status } = await client.get(
      { apiVersion: 'v1', kind: 'Service' },
      { namespace: 'default', name: 'balanced' },
    );
    return status.loadBalancer.ingress?.[0].ip ?? false;
  });
  const served80 = /^10.244.0.1$/;
  const saw = {
    byName: await said(() => get(other, 'http://web'), served80),
    byFullName: await said(() => get(other, 'http://web.default.svc.cluster.local'), served80),
    itself: await said(() => get(web, 'http://web.default'), served80),
    local: await said(() => get(web, 'http://local'), served80),
    notLocal: await said(() => get(other, 'http://local'), /ECONNRESET|UND_ERR_SOCKET/),
    nodePort: await said(() => get(other, `http://${network.nodeAddress('n1')}:30080`), served80),
    balanced: await said(() => get(other, `http://${balancer}`), served80),
    absent: await said(() => get(other, 'http://absent'), /ENOTFOUND/),
    api: await said(() => get(other, 'https://kubernetes.default.svc/version'), /CERT|SIGNED/),
  };
  server.kill('SIGKILL');
  await services.close();
  await environment.stop();
  await network.close();
  return { ...saw, errors, left: await leftOver() };
}

/** Goes as one that is killed goes: nothing is closed. */
async function killed() {
  const mode = process.argv[3];
  const network = await openPodNetwork({ mode });
  await attach(network, 'a', 'n1');
  console.log(JSON.stringify({ left: await leftOver() }));
  process.kill(process.pid, 'SIGKILL');
}

/** A range of the machine's own is not taken from it. */
async function inUse() {
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('ip', ['link', 'add', 'lan', 'type', 'bridge']);
  await run('ip', ['addr', 'add', '10.0.0.5/24', 'dev', 'lan']);
  await run('ip', ['link', 'set', 'lan', 'up']);
  const refused = async (mode) =>
    openPodNetwork({ mode }).then(
      ({ mode: opened, reason }) => `${opened}: ${reason}`,
      ({ message }) => message,
    );
  return {
    namespaces: await refused('namespaces'),
    loopback: await refused('loopback'),
    any: await refused(undefined),
  };
}

function attach(network, name, node, { ports = [{ containerPort: 80, hostPort: 8080 }] } = {}) {
  return network.attach({ namespace: 'default', name, uid: name, node, hostNetwork: false, ports, spec: {} });
}

async function served({ within, environment }, otherwise = {}) {
  const [program, ...args] = within([process.execPath, '-e', SERVE]);
  const env = { ...process.env, ...environment, ...otherwise };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function inPod({ within }, argv, options = {}) {
  const [program, ...args] = within(argv);
  return (await run(program, args, { timeout: 20_000, ...options })).stdout.trim();
}

/** Devices, routes and folders of ours. */
async function leftOver() {
  const { stdout: links } = await run('ip', ['-brief', 'link']);
  const { stdout: routes } = await run('ip', ['-4', 'route', 'show', 'table', 'all', 'proto', '78']);
  const folders = readdirSync(tmpdir()).filter(
    (name) => name.includes(`-${process.pid}-`) && existsSync(`/proc/${process.pid}`),
  );
  return {
    links: links.match(/^n[kv]\d/gm)?.length ?? 0,
    routes: routes.split('\n').length - 1,
    folders: folders.length,
  };
}
