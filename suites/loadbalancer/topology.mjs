// A network of namespaces that exist for one test: a client, a router, a node that takes requests, and two nodes with a pod each.
//
//   cl 10.1.0.2 ── rt ── lb 10.2.0.2      frontends: 10.96.0.0/16, by way of lb
//                  ├─── n1 10.3.0.2 ── p1 10.244.1.10
//                  └─── n2 10.4.0.2 ── p2 10.244.2.10
//
// IPv6 beside it: fd00:N::2 for 10.N.0.2, fd00:244:N::a for pods, fd00:96::/64 for frontends. Nodes are at ports of their own of the
// router, so that whatever goes from one to another passes it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const peer = fileURLToPath(new URL('peer.mjs', import.meta.url));
let made = 0;

/** The hosts beside the router, by name: the number of their network. */
const HOSTS = { cl: 1, lb: 2, n1: 3, n2: 4 };
/** The pods, by name: the node that each is on. */
const PODS = { p1: 'n1', p2: 'n2' };

/** Addresses of both families. */
export const ADDRESSES = {
  4: {
    cl: '10.1.0.2',
    lb: '10.2.0.2',
    n1: '10.3.0.2',
    n2: '10.4.0.2',
    p1: '10.244.1.10',
    p2: '10.244.2.10',
    frontend: '10.96.0.10',
  },
  6: {
    cl: 'fd00:1::2',
    lb: 'fd00:2::2',
    n1: 'fd00:3::2',
    n2: 'fd00:4::2',
    p1: 'fd00:244:1::a',
    p2: 'fd00:244:2::a',
    frontend: 'fd00:96::a',
  },
};

/** The network, until it is closed. */
export class Topology {
  #prefix = `nk${process.pid}-${made++}-`;
  #children = new Set();

  constructor({ mtu = 1500 } = {}) {
    removeDead();
    const names = ['rt', ...Object.keys(HOSTS), ...Object.keys(PODS)];
    try {
      for (const name of names) ip('netns', 'add', this.#name(name));
      for (const name of names) this.#settings(name);
      for (const [name, number] of Object.entries(HOSTS)) this.#host(name, number, mtu);
      for (const [pod, node] of Object.entries(PODS)) this.#pod(pod, node, mtu);
      this.#routes();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  /** The file of a namespace. */
  namespace(name) {
    return `/run/netns/${this.#name(name)}`;
  }

  /** Servers of TCP and UDP on a port of a pod, which answer with who asked and who was asked. */
  async serve(name, port) {
    const child = this.#spawn(name, 'serve', `${port}`);
    await once(child.stdout, 'data');
  }

  /** Asks, from a namespace, so often: what the servers said, as `{peer, self}`, or `{error}`. */
  async ask(name, { protocol, address, port, times = 1, bytes = 0 }) {
    const child = this.#spawn(name, 'ask', protocol, address, `${port}`, `${times}`, `${bytes}`);
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    await once(child, 'close');
    return JSON.parse(said);
  }

  async close() {
    const ends = [...this.#children].map((child) => {
      const end = once(child, 'close');
      child.kill('SIGKILL');
      return end;
    });
    await Promise.all(ends);
    this.#remove();
  }

  #spawn(name, ...args) {
    const inside = ['netns', 'exec', this.#name(name), process.execPath, peer, ...args];
    const child = spawn('ip', inside, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.add(child);
    child.on('close', () => this.#children.delete(child));
    return child;
  }

  #name(name) {
    return `${this.#prefix}${name}`;
  }

  #in(name, ...args) {
    ip('-n', this.#name(name), ...args);
  }

  /** Nodes and the router forward; nodes are strict about where packets come from, the router, as a switch, is not. */
  #settings(name) {
    this.#in(name, 'link', 'set', 'lo', 'up');
    const forwards = name in PODS || name === 'cl' ? '0' : '1';
    const strict = name === 'rt' ? '0' : '1';
    const settings = {
      'net.ipv4.ip_forward': forwards,
      'net.ipv6.conf.all.forwarding': forwards,
      'net.ipv4.conf.all.rp_filter': strict,
      'net.ipv4.conf.default.rp_filter': strict,
      'net.ipv4.conf.all.send_redirects': '0',
      'net.ipv4.conf.default.send_redirects': '0',
      'net.ipv6.conf.default.accept_dad': '0',
      'net.ipv6.conf.all.accept_dad': '0',
    };
    const words = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    execFileSync('ip', ['netns', 'exec', this.#name(name), 'sysctl', '-qw', ...words]);
  }

  #veth(a, b, mtu) {
    const ends = [a, b].map(({ name, device }) => ['name', device, 'netns', this.#name(name), 'mtu', `${mtu}`]);
    ip('link', 'add', ...ends[0], 'type', 'veth', 'peer', ...ends[1]);
    for (const { name, device, addresses } of [a, b]) {
      for (const address of addresses) this.#in(name, 'address', 'add', address, 'dev', device, ...nodad(address));
      this.#in(name, 'link', 'set', device, 'up');
    }
  }

  #host(name, number, mtu) {
    const of = (last) => [`10.${number}.0.${last}/24`, `fd00:${number}::${last}/64`];
    this.#veth({ name, device: 'eth0', addresses: of(2) }, { name: 'rt', device: name, addresses: of(1) }, mtu);
    this.#in(name, 'route', 'add', 'default', 'via', `10.${number}.0.1`);
    this.#in(name, '-6', 'route', 'add', 'default', 'via', `fd00:${number}::1`);
  }

  #pod(pod, node, mtu) {
    const number = pod.slice(1);
    const addresses = (four, six) => [`10.244.${number}.${four}/24`, `fd00:244:${number}::${six}/64`];
    const inside = { name: pod, device: 'eth0', addresses: addresses(10, 'a') };
    this.#veth(inside, { name: node, device: pod, addresses: addresses(1, '1') }, mtu);
    this.#in(pod, 'route', 'add', 'default', 'via', `10.244.${number}.1`);
    this.#in(pod, '-6', 'route', 'add', 'default', 'via', `fd00:244:${number}::1`);
  }

  #routes() {
    this.#in('rt', 'route', 'add', '10.96.0.0/16', 'via', ADDRESSES[4].lb);
    this.#in('rt', '-6', 'route', 'add', 'fd00:96::/64', 'via', ADDRESSES[6].lb);
    for (const [pod, node] of Object.entries(PODS)) {
      const number = pod.slice(1);
      this.#in('rt', 'route', 'add', `10.244.${number}.0/24`, 'via', ADDRESSES[4][node]);
      this.#in('rt', '-6', 'route', 'add', `fd00:244:${number}::/64`, 'via', ADDRESSES[6][node]);
    }
  }

  #remove() {
    for (const name of ['rt', ...Object.keys(HOSTS), ...Object.keys(PODS)])
      try {
        execFileSync('ip', ['netns', 'delete', this.#name(name)], { stdio: 'ignore' });
      } catch {
        // it was not made
      }
  }
}

/** What a run that was killed has left. */
function removeDead() {
  const list = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const [name, pid] of list.matchAll(/^nk(\d+)-\S+/gm))
    if (!existsSync(`/proc/${pid}`)) ip('netns', 'delete', name);
}

/** Addresses of IPv6 are good at once. */
function nodad(address) {
  return address.includes(':') ? ['nodad'] : [];
}

function ip(...args) {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
