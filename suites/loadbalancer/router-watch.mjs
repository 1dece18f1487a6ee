// What crosses the router, counted by a program of ours on each of its devices; and what a switch's slow path does to packets with
// IP options: it lets so many through, and drops all others; or all of them wait in a queue that is slow.
import { execFileSync } from 'node:child_process';
import { build, kernel, layout, mapSpec, TC } from 'nekube/bpf';

const { ETHERTYPE, Ethernet, Ipv4, Ipv6, PROTOCOL, Udp } = layout;
/** Numbers of devices that are told apart. */
const DEVICES = 64;
const L3 = Ethernet.size;
/** Extension headers of IPv6: options hop by hop, routes, fragments, options at the destination. */
const EXTENSION = { hopOptions: 0, routing: 43, fragment: 44, destinationOptions: 60 };
const GENEVE = 6081;

/**
 * What is counted of packets: all of IP; those with IP options or extension headers that routers look at, also within a tunnel; IP in IP; Geneve;
 * fragments; ICMP; and those with options that the slow path has dropped, or has made wait. A packet of several segments counts once.
 */
export const KINDS = ['any', 'ipOptions', 'ipip', 'geneve', 'fragment', 'icmp', 'dropped', 'delayed'];

const counts = mapSpec({
  name: 'seen',
  type: 'array',
  value: layout.u64,
  maxEntries: DEVICES * DEVICES * KINDS.length,
});
const Count = layout.struct('seen_count', { packets: layout.u64 });
const Index = layout.struct('seen_index', { index: layout.u32 });
const SlowPath = layout.struct('slow_path', {
  isPoliced: layout.u64,
  /** How many packets with options may still pass. */
  left: layout.u64,
  /** The number of the device by which they go a longer way; 0: they do not. */
  detour: layout.u64,
});
/** A mark of packets on that way: with the number of the device by which they leave. */
const DETOURED = 0x10000;
const slowPath = mapSpec({ name: 'slow_path', type: 'array', value: SlowPath, maxEntries: 1 });

/** Counts by the device that the packet came by (0: the router's own) and the one by which it leaves. */
const watch = build({ name: 'router_watch', type: 'sched_cls', attachType: 'tcx_egress' }, (b) => {
  const pass = () => b.return(TC.unspec >>> 0);
  const context = b.context(layout.SkBuff);
  const from = context.get('ingressIfindex');
  const to = context.get('ifindex');
  b.if(context.get('mark').ge(DETOURED), () => {
    context.set('mark', 0);
    pass();
  });
  b.if(from.ge(DEVICES), pass);
  b.if(to.ge(DEVICES), pass);
  const place = from.mul(DEVICES).add(to).mul(KINDS.length);
  const count = (kind) => {
    const key = b.stack(Index, { index: place.add(KINDS.indexOf(kind)) });
    b.lookup(counts, key, Count, pass).increment('packets', b.constant('u64', 1n));
  };
  const packet = b.packet().require(L3 + Ipv4.size, pass);
  const type = packet.at(Ethernet, 0).get('type');
  const hasOptions = () => {
    count('ipOptions');
    const state = b.lookup(slowPath, b.stack(Index, { index: 0 }), SlowPath, pass);
    b.if(state.get('isPoliced').ne(0), () => {
      const drop = () => {
        count('dropped');
        b.return(TC.shot);
      };
      const left = state.get('left');
      b.if(left.eq(0), drop);
      // two processors at once may take one more than there are: below zero
      b.if(left.shr(63).ne(0), drop);
      state.increment('left', b.constant('u64', 0xffff_ffff_ffff_ffffn));
    });
    const detour = state.get('detour');
    b.if(detour.ne(0), () => {
      count('delayed');
      context.set('mark', to.or(DETOURED));
      b.return(b.call('redirect', detour, 0));
    });
  };
  const isGeneve = (udp) => {
    const ports = b.packet().require(udp + Udp.size, pass);
    b.if(ports.at(Udp, udp).get('destination').eq(GENEVE), () => count('geneve'));
  };
  const four = () => {
    count('any');
    const ip = packet.at(Ipv4, L3);
    const protocol = ip.get('protocol');
    const fragment = ip.get('fragment').toHost().and(0x3fff);
    b.if(fragment.ne(0), () => count('fragment'));
    b.if(protocol.eq(PROTOCOL.icmp), () => count('icmp'));
    b.if(protocol.eq(PROTOCOL.ipip), () => {
      count('ipip');
      const inner = b.packet().require(L3 + 2 * Ipv4.size, pass);
      b.if(
        inner
          .at(Ipv4, L3 + Ipv4.size)
          .get('versionIhl')
          .gt(0x45),
        hasOptions,
      );
    });
    b.if(fragment.eq(0), () => b.if(protocol.eq(PROTOCOL.udp), () => isGeneve(L3 + Ipv4.size)));
    b.if(ip.get('versionIhl').gt(0x45), hasOptions);
  };
  const six = () => {
    count('any');
    const next = b
      .packet()
      .require(L3 + Ipv6.size, pass)
      .at(Ipv6, L3)
      .get('nextHeader');
    b.if(next.eq(EXTENSION.fragment), () => count('fragment'));
    b.if(next.eq(PROTOCOL.icmp6), () => count('icmp'));
    b.if(next.eq(PROTOCOL.ipv6), () => count('ipip'));
    b.if(next.eq(PROTOCOL.udp), () => isGeneve(L3 + Ipv6.size));
    const seen = b.variable(b.constant('u32', 0));
    for (const kind of ['hopOptions', 'routing', 'destinationOptions'])
      b.if(next.eq(EXTENSION[kind]), () => seen.assign(1));
    b.if(seen.eq(1), hasOptions);
  };
  b.if(type.eq(ETHERTYPE.ipv4), four);
  b.if(type.eq(ETHERTYPE.ipv6), six);
  b.return(TC.unspec >>> 0);
});

/** At the end of the longer way packets leave as they would have. */
const back = build({ name: 'router_back', type: 'sched_cls', attachType: 'tcx_ingress' }, (b) => {
  const mark = b.context(layout.SkBuff).get('mark');
  b.if(mark.lt(DETOURED), () => b.return(TC.shot));
  b.return(b.call('redirect', mark.and(DETOURED - 1), 0));
});

/** The program on the devices of a router, until it is closed. */
export class RouterWatch {
  #collection = kernel.loadCollection([watch, back]);
  #namespace;
  #detour = 0;
  #links = [];
  #devices = new Map();

  /** `devices` are the names of those that count, in the network namespace of the file. */
  constructor(namespace, devices) {
    this.#namespace = namespace;
    try {
      kernel.inNamespace(namespace, () => {
        for (const device of devices) {
          this.#devices.set(device, kernel.deviceIndex(device));
          this.#links.push(kernel.attachTcx(this.#collection.program(watch.name), device, 'egress', 'first'));
        }
      });
    } catch (error) {
      this.close();
      throw error;
    }
    this.#devices.set('router', 0);
  }

  /** How many packets of a kind have crossed; only those that came from, and went to, a host, if one is named. */
  seen(kind, { from, to } = {}) {
    const number = KINDS.indexOf(kind);
    if (number < 0) throw new RangeError(`${kind} is none of ${KINDS.join(', ')}`);
    const map = this.#collection.map(counts);
    const [sources, targets] = [from, to].map((name) => this.#numbers(name));
    let sum = 0n;
    for (const source of sources)
      for (const target of targets) sum += map.get((source * DEVICES + target) * KINDS.length + number) ?? 0n;
    return Number(sum);
  }

  /**
   * So many packets with IP options pass from now on, and no others; or all of them pass a queue that is as slow as is said, in bits a
   * second; all pass as others do when nothing is said.
   */
  slowPath({ passes, bitsPerSecond } = {}) {
    const isPoliced = passes === undefined ? 0n : 1n;
    const detour = bitsPerSecond === undefined ? 0n : BigInt(this.#slowDevice(bitsPerSecond));
    this.#collection.map(slowPath).set(0, { isPoliced, left: BigInt(passes ?? 0), detour });
  }

  /** The number of a device of which the other end gives packets back, and of which the queue is so slow. */
  #slowDevice(bitsPerSecond) {
    const run = (command, ...args) =>
      kernel.inNamespace(this.#namespace, () => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
    if (this.#detour === 0) {
      run('ip', 'link', 'add', 'slow0', 'type', 'veth', 'peer', 'name', 'slow1');
      for (const device of ['slow0', 'slow1']) run('ip', 'link', 'set', device, 'up');
      kernel.inNamespace(this.#namespace, () => {
        this.#detour = kernel.deviceIndex('slow0');
        this.#links.push(kernel.attachTcx(this.#collection.program(back.name), 'slow1', 'ingress'));
      });
    }
    const queue = ['rate', `${bitsPerSecond}bit`, 'burst', '2000', 'limit', '1000000'];
    run('tc', 'qdisc', 'replace', 'dev', 'slow0', 'root', 'tbf', ...queue);
    return this.#detour;
  }

  close() {
    for (const link of this.#links) link.close();
    this.#collection.close();
  }

  #numbers(name) {
    if (name === undefined) return [...this.#devices.values()];
    const number = this.#devices.get(name);
    if (number === undefined) throw new RangeError(`${name} is none of ${[...this.#devices.keys()].join(', ')}`);
    return [number];
  }
}
