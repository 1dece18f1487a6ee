// Connections and uploads through a real network: straight to a pod, through our programs, and through kube-proxy's rules, in turn.
//
// The nodes that take requests are three machines of one topology: ours, one with iptables, one with nftables; each has all Services.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TestNodes } from '../../suites/loadbalancer/nodes.mjs';
import { ADDRESSES, Topology } from '../../suites/loadbalancer/topology.mjs';
import { iptablesRules, nftRules } from './kube-proxy.mjs';
import { iptablesRestore } from './programming.mjs';
import { service, services } from './services.mjs';

const PODS = ['p1', 'p2'];
const PORT = 8080;
/** Of the way without anybody between: a reply is known by the pod's port, and a client's port comes again. */
const DIRECT_PORT = 8081;
const CAPACITIES = { services: 65_536, backends: 262_144, table: 16_777_216 };
/** By the networks of their frontends: who takes what is sent there. */
const TAKERS = {
  iptables: { net: 97, host: 'lb2' },
  nftables: { net: 98, host: 'cl2' },
};
/** Ours are one machine with two Services. */
const OURS = { snat: { net: 96, port: 80 }, 'dsr-ipip': { net: 96, port: 81 } };

/** A network with so many Services in each machine, until it is closed. */
export class Traffic {
  #network = new Topology();
  #nodes;
  #client;
  #answers;
  #children = [];
  /** Where each way begins: `{address, port}`. */
  ways = { direct: { address: ADDRESSES[4].p1, port: DIRECT_PORT } };

  static async open(count) {
    const traffic = new Traffic();
    try {
      await traffic.#start(count);
    } catch (error) {
      await traffic.close();
      throw error;
    }
    return traffic;
  }

  async #start(count) {
    const servers = PODS.map((pod) => this.#run(pod, 'server.mjs', `${PORT}`, `${DIRECT_PORT}`));
    await Promise.all(servers.map(({ stdout }) => once(stdout, 'data')));
    this.#balance(count);
    this.#rule(count);
    this.#client = this.#run('cl', 'client.mjs');
    this.#answers = createInterface({ input: this.#client.stdout })[Symbol.asyncIterator]();
  }

  #run(host, script, ...args) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const inside = ['netns', 'exec', this.#name(host), process.execPath, path, ...args];
    const child = spawn('ip', inside, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.push(child);
    return child;
  }

  #name(host) {
    return this.#network.namespace(host).split('/').at(-1);
  }

  /** Ours: both Services that are measured stand in the middle of the others. */
  #balance(count) {
    this.#nodes = new TestNodes(this.#network, {
      ...{ capacities: CAPACITIES, tables: { size: 251 } },
      // room for all connections of a run, as conntrack has it
      options: () => ({ flows: { flows: 65_536 }, snatPorts: { first: 20_000, count: 40_000 } }),
    });
    const { datapath, maps } = this.#nodes.of('lb');
    const what = { from: 'internal', mode: 'dsr-ipip', algorithm: 'maglev', whenEmpty: 'reject', protocol: 'TCP' };
    const place = { isLocal: false, isTerminating: false, carriesPort: false };
    const set = ({ name, address, port, endpoints }) => {
      const backends = endpoints.map((one) => ({ address: one.split(':')[0], port: PORT, ...place }));
      maps.set(name, [{ name, address, port, backends, ...what }]);
    };
    const others = services(count, {});
    others.forEach((one, i) => {
      if (i !== count >> 1) set(one);
    });
    datapath.apply(maps.takeWrites());
    maps.settle();
    const { address } = service(count >> 1, { endpoints: [] });
    for (const [mode, { port }] of Object.entries(OURS)) {
      this.#nodes.balance({ family: 4, protocol: 'TCP', mode, port, pods: PODS, at: address });
      this.ways[mode] = { address, port };
    }
  }

  /** kube-proxy's: the Service that is measured stands in the middle of the others, as on average. */
  #rule(count) {
    const real = PODS.map((pod) => `${ADDRESSES[4][pod]}:${PORT}`);
    for (const [kind, { net, host }] of Object.entries(TAKERS)) {
      const command = kind === 'nftables' ? ['nft', '-f', '-'] : [iptablesRestore()];
      if (command[0] === undefined || spawnSync(command[0], ['--version']).status !== 0) continue;
      const all = services(count, { net, at: count >> 1, real });
      const rules = kind === 'nftables' ? nftRules(all) : iptablesRules(all);
      const inside = ['netns', 'exec', this.#name(host), ...command];
      const { status, stderr } = spawnSync('ip', inside, { input: rules, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${command[0]}: ${stderr.slice(0, 500)}`);
      this.#network.set(host, { 'net.ipv4.ip_forward': '1' });
      this.#network.exec('rt', 'ip', 'route', 'add', `10.${net}.0.0/16`, 'via', ADDRESSES[4][host]);
      this.ways[kind] = { address: all[count >> 1].address, port: 80 };
    }
  }

  /** Microseconds of so many connects. */
  async connects(way, times) {
    return (await this.#order({ ...this.ways[way], times })).microseconds;
  }

  /** Connections a second, so many at once. */
  async perSecond(way, times, atOnce) {
    return (await this.#order({ ...this.ways[way], times, atOnce })).perSecond;
  }

  /** Bytes a second of an upload. */
  async upload(way, bytes) {
    return (await this.#order({ ...this.ways[way], bytes })).perSecond;
  }

  async #order(order) {
    this.#client.stdin.write(`${JSON.stringify(order)}\n`);
    const { value } = await this.#answers.next();
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  async close() {
    const ends = this.#children.map((child) => {
      const end = child.exitCode === null && once(child, 'close');
      child.kill('SIGKILL');
      return end;
    });
    await Promise.all(ends);
    this.#nodes?.close();
    await this.#network.close();
  }
}
