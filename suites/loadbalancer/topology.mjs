// A network of namespaces that exist for one test: clients, a router, nodes that take requests, and nodes with pods.
//
//   cl  10.1.0.2 ─┐    ┌─ lb  10.2.0.2      frontends: 10.96.0.0/16, by way of lb, until `routeFrontends`
//   cl2 10.6.0.2 ─┤    ├─ lb2 10.5.0.2
//                 └ rt ┼─ n1  10.3.0.2 ─┬─ p1 10.244.1.10
//                      │                └─ p3 10.244.3.10
//                      └─ n2  10.4.0.2 ─── p2 10.244.2.10
//
// IPv6 beside it: fd00:N::2 for 10.N.0.2, fd00:244:N::a for pods, fd00:96::/64 for frontends. Nodes are at ports of their own of the
// router, so that whatever goes from one to another passes it, and is counted there. A node's devices are eth0 to the router, and one to
// each of its pods, of the pod's name; the router's have the names of the hosts.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { kernel } from 'nekube/bpf';
import { sendRaw, setOffloads } from './native.mjs';
import { RouterWatch } from './router-watch.mjs';

const peer = fileURLToPath(new URL('peer.mjs', import.meta.url));
let made = 0;

/** The hosts beside the router, by name: the number of their network. */
const HOSTS = { cl: 1, lb: 2, n1: 3, n2: 4, lb2: 5, cl2: 6 };
/** The pods, by name: the node that each is on. */
export const NODE_OF = { p1: 'n1', p2: 'n2', p3: 'n1' };
const NAMES = ['rt', ...Object.keys(HOSTS), ...Object.keys(NODE_OF)];

/** Addresses of both families. */
export const ADDRESSES = {
  4: {
    ...Object.fromEntries(Object.entries(HOSTS).map(([name, number]) => [name, `10.${number}.0.2`])),
    ...Object.fromEntries(Object.keys(NODE_OF).map((pod) => [pod, `10.244.${pod.slice(1)}.10`])),
    frontend: '10.96.0.10',
  },
  6: {
    ...Object.fromEntries(Object.entries(HOSTS).map(([name, number]) => [name, `fd00:${number}::2`])),
    ...Object.fromEntries(Object.keys(NODE_OF).map((pod) => [pod, `fd00:244:${pod.slice(1)}::a`])),
    frontend: 'fd00:96::a',
  },
};

/** The network, until it is closed; what a test that was killed has left is removed by the next. */
export class Topology {
  #prefix = `nk${process.pid}-${made++}-`;
  #agents = new Map();
  #watch;
  #onExit = () => this.#remove();

  constructor({ mtu = 1500 } = {}) {
    removeDead();
    process.on('exit', this.#onExit);
    try {
      batch(
        [],
        NAMES.map((name) => `netns add ${this.#name(name)}`),
      );
      // before there are devices, which have what is the default then
      for (const name of NAMES) this.#settings(name);
      batch([], this.#links(mtu));
      for (const name of NAMES) batch(['-n', this.#name(name)], this.#addresses(name));
      this.#watch = new RouterWatch(this.namespace('rt'), Object.keys(HOSTS));
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  /** The file of a namespace. */
  namespace(name) {
    return `/run/netns/${this.#name(name)}`;
  }

  /** Runs a command in a namespace; gives what it has written. */
  exec(name, command, ...args) {
    const inside = ['netns', 'exec', this.#name(name), command, ...args];
    return execFileSync('ip', inside, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Servers of TCP and UDP on a port of a pod or node, which answer with who asked and who was asked. */
  async serve(name, port) {
    await this.#agent(name).order('serve', { port, host: name });
  }

  /** Ends these servers, and the connections that they have. */
  async hush(name, port) {
    await this.#agent(name).order('hush', { port });
  }

  /**
   * Asks, from a namespace, so often, `atOnce` of them at the same time; `bytes` are sent, and `download` come back. Each answer has
   * `host`, which has answered, `peer` and, of TCP, `self` as it sees them, `port`, `from` as the client sees it, `isWhole` if what was sent has come, both ways;
   * or `error`, after which no others are asked if it `stopsAtError`.
   */
  ask(name, { protocol, address, port, ...more }) {
    return this.#agent(name).order('ask', { protocol, address, port, ...more });
  }

  /** A flow that lasts: `say()` asks by it as often as one likes, and gives an answer or throws; `shut()` ends it. */
  async open(name, { protocol, address, port, ...more }) {
    const agent = this.#agent(name);
    const { flow } = await agent.order('open', { protocol, address, port, ...more });
    return {
      say: (what = {}) => agent.order('say', { flow, ...what }),
      shut: () => agent.order('shut', { flow }),
    };
  }

  /** How many packets have crossed the router: see `RouterWatch`. */
  seen(kind, between) {
    return this.#watch.seen(kind, between);
  }

  /** What the router does to packets with IP options: see `RouterWatch`. */
  slowPath(how) {
    this.#watch.slowPath(how);
  }

  /** Frontends are reached by these nodes from now on, each flow by one of them. */
  routeFrontends(...nodes) {
    const hops = (family) => nodes.flatMap((node) => ['nexthop', 'via', ADDRESSES[family][node]]).join(' ');
    batch(['-n', this.#name('rt')], [`route replace 10.96.0.0/16 ${hops(4)}`]);
    // of IPv6 a route by several is not replaced by one, but has one more
    batch(['-6', '-n', this.#name('rt')], ['route flush fd00:96::/64', `route add fd00:96::/64 ${hops(6)}`]);
  }

  /** How large packets may be between a host, or a pod, and what it is connected to. */
  setMtu(name, mtu) {
    const other = NODE_OF[name] ?? 'rt';
    batch(['-n', this.#name(name)], [`link set eth0 mtu ${mtu}`]);
    batch(['-n', this.#name(other)], [`link set ${name} mtu ${mtu}`]);
  }

  /** Switches what a device does for the kernel, at a host or a pod: `rx` and `tx` (checksums), `sg`, `tso`, `gso`, `gro`. */
  offloads(name, features, device = 'eth0') {
    setOffloads(this.namespace(name), device, features);
  }

  /** Sends packets as they are, from their IP headers on. */
  send(name, ...packets) {
    sendRaw(this.namespace(name), packets);
  }

  /** Settings of the kernel in a namespace, as sysctl has them: `net.ipv4.ip_forward`. */
  set(name, settings) {
    // what is below /proc/sys/net is of the namespace of the thread that opens it
    kernel.inNamespace(this.namespace(name), () => {
      for (const [key, value] of Object.entries(settings))
        writeFileSync(`/proc/sys/${key.replaceAll('.', '/')}`, value);
    });
  }

  /** A host's device goes, and another one comes by its name, with the same addresses. The router no longer counts what passes it. */
  replug(name) {
    const [four, six] = [`10.${HOSTS[name]}.0`, `fd00:${HOSTS[name]}:`];
    const up = (device, end) => [
      `address add ${four}.${end}/24 dev ${device}`,
      `address add ${six}:${end}/64 dev ${device} nodad`,
      `link set ${device} up`,
    ];
    batch(['-n', this.#name(name)], ['link del eth0']);
    batch([], [`link add name eth0 netns ${this.#name(name)} type veth peer name ${name} netns ${this.#name('rt')}`]);
    batch(['-n', this.#name('rt')], up(name, 1));
    const ways = [`route add default via ${four}.1`, `route add default via ${six}:1`];
    batch(['-n', this.#name(name)], [...up('eth0', 2), ...ways]);
  }

  /** Forgets what sizes of packets a host has learned. */
  forgetSizes(name) {
    for (const family of ['-4', '-6']) batch([family, '-n', this.#name(name)], ['route flush cache']);
  }

  async close() {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()));
    this.#watch.close();
    process.off('exit', this.#onExit);
    this.#remove();
  }

  #agent(name) {
    const agent = this.#agents.get(name) ?? new Agent(this.#name(name));
    this.#agents.set(name, agent);
    return agent;
  }

  #name(name) {
    return `${this.#prefix}${name}`;
  }

  #links(mtu) {
    const link = (a, b) => `link add ${end(a, mtu)} type veth peer ${end(b, mtu)}`;
    const end = ([device, name]) => `name ${device} netns ${this.#name(name)} mtu ${mtu}`;
    return [
      ...Object.keys(HOSTS).map((host) => link(['eth0', host], [host, 'rt'])),
      ...Object.entries(NODE_OF).map(([pod, node]) => link(['eth0', pod], [pod, node])),
    ];
  }

  /** Nodes and the router forward; nodes are strict about where packets come from, the router, as a switch, is not. */
  #settings(name) {
    const forwards = name in NODE_OF || name.startsWith('cl') ? '0' : '1';
    const strict = name === 'rt' ? '0' : '1';
    this.set(name, {
      'net.ipv4.ip_forward': forwards,
      'net.ipv6.conf.all.forwarding': forwards,
      'net.ipv4.conf.all.rp_filter': strict,
      'net.ipv4.conf.default.rp_filter': strict,
      'net.ipv4.conf.all.send_redirects': '0',
      'net.ipv4.conf.default.send_redirects': '0',
      'net.ipv6.conf.default.accept_dad': '0',
      'net.ipv6.conf.all.accept_dad': '0',
      // several ways are chosen by ports as well
      ...(name === 'rt' && { 'net.ipv4.fib_multipath_hash_policy': '1', 'net.ipv6.fib_multipath_hash_policy': '1' }),
    });
  }

  /** What gives a namespace its addresses and routes. */
  #addresses(name) {
    const devices = ['link set lo up'];
    const device = (of, four, six) => {
      devices.push(`address add ${four} dev ${of}`, `address add ${six} dev ${of} nodad`, `link set ${of} up`);
    };
    if (name in HOSTS) device('eth0', `10.${HOSTS[name]}.0.2/24`, `fd00:${HOSTS[name]}::2/64`);
    if (name in NODE_OF) device('eth0', `10.244.${name.slice(1)}.10/24`, `fd00:244:${name.slice(1)}::a/64`);
    for (const [pod, node] of Object.entries(NODE_OF))
      if (node === name) device(pod, `10.244.${pod.slice(1)}.1/24`, `fd00:244:${pod.slice(1)}::1/64`);
    if (name !== 'rt') {
      const [four, six] = name in HOSTS ? [`10.${HOSTS[name]}`, `fd00:${HOSTS[name]}`] : podNetwork(name);
      const gateway = name in HOSTS ? `${four}.0.1` : `${four}.1`;
      return [...devices, `route add default via ${gateway}`, `route add default via ${six}::1`];
    }
    for (const [host, number] of Object.entries(HOSTS)) device(host, `10.${number}.0.1/24`, `fd00:${number}::1/64`);
    return [...devices, ...routes()];
  }

  #remove() {
    for (const name of NAMES) if (existsSync(this.namespace(name))) removeNamespace(this.#name(name));
  }
}

/** The router's routes to frontends and pods. */
function routes() {
  const pods = Object.entries(NODE_OF).flatMap(([pod, node]) => {
    const [four, six] = podNetwork(pod);
    return [`route add ${four}.0/24 via ${ADDRESSES[4][node]}`, `route add ${six}::/64 via ${ADDRESSES[6][node]}`];
  });
  return [`route add 10.96.0.0/16 via ${ADDRESSES[4].lb}`, `route add fd00:96::/64 via ${ADDRESSES[6].lb}`, ...pods];
}

function podNetwork(pod) {
  return [`10.244.${pod.slice(1)}`, `fd00:244:${pod.slice(1)}`];
}

/** A process in a namespace that does as it is told. It ends when this one does, however that is. */
class Agent {
  #child;
  #waiting = new Map();
  #orders = 0;

  constructor(namespace) {
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, peer], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#told(JSON.parse(line)));
    this.#child.stdin.on('error', () => {});
    this.#child.on('close', () => {
      for (const { fail } of this.#waiting.values()) fail(new Error(`the peer in ${namespace} has ended`));
    });
  }

  order(what, wanted) {
    const id = ++this.#orders;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      this.#child.stdin.write(`${JSON.stringify({ ...wanted, id, do: what })}\n`);
    });
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const end = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await end;
  }

  #told({ id, result, error }) {
    const { done, fail } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) done(result);
    else fail(new Error(error));
  }
}

/** What a run that was killed has left. */
function removeDead() {
  const list = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const [name, pid] of list.matchAll(/^nk(\d+)-\S+/gm)) if (!existsSync(`/proc/${pid}`)) removeNamespace(name);
}

function removeNamespace(name) {
  try {
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  } catch {
    // another test has removed it
  }
}

/** Several commands of ip in one process. */
function batch(options, lines) {
  execFileSync('ip', [...options, '-batch', '-'], {
    input: `${lines.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}
