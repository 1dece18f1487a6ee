import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { interpreter, layout } from 'nekube/bpf';
import { addressBytes, type Family } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import type { Backend, Frontend, TransportProtocol } from '../model/config.ts';
import { applyWrites } from '../datapath/map-writer.ts';
import { datapathMaps } from '../datapath/maps.ts';
import { socketMaps } from './maps.ts';
import { socketPrograms } from './programs.ts';

const CAPACITIES = { services: 64, backends: 64, table: 4096 };
const maps = datapathMaps(CAPACITIES, { flows: 64 });
const sockets = socketMaps(64);
const FRONTEND = { 4: '10.96.0.10', 6: 'fd00:96::a' } as const;
const PODS = { 4: ['10.244.1.10', '10.244.2.10'], 6: ['fd00:244:1::a', 'fd00:244:2::a'] } as const;
const MACHINE = 1n;

/** A socket's peer, as it names it or is told. */
interface Peer {
  readonly address: string;
  readonly port: number;
}

/** Programs of sockets in the interpreter, with one Service. */
class Sockets {
  cookie = 7n;
  namespace = MACHINE;
  seconds = 100;
  readonly #machine = new interpreter.Interpreter({
    now: () => BigInt(this.seconds) * 1_000_000_000n,
    socketCookie: () => this.cookie,
    namespaceCookie: () => this.namespace,
  });
  readonly #programs = new Map(
    socketPrograms({ maps, sockets, options: { namespaceCookie: undefined } }).map((one) => [one.name, one]),
  );
  readonly #services = new ServiceMaps({ capacities: CAPACITIES });

  set(
    frontend: Partial<Frontend> & { readonly address: string },
    pods: readonly string[],
    service = 'default/web',
  ): void {
    const protocol = frontend.protocol ?? 'TCP';
    const backends = pods.map(
      (address): Backend => ({
        ...{ address, port: 8080, isLocal: false, isTerminating: false, carriesPort: false },
      }),
    );
    const usual = { name: service, port: 80, from: 'internal', mode: 'snat', algorithm: 'maglev' } as const;
    const whole: Frontend = { ...usual, whenEmpty: 'reject', protocol, backends, ...frontend };
    assert.deepEqual(this.#services.set(service, [whole]), []);
    const specs = [maps.table, ...Object.values(maps[4]), ...Object.values(maps[6]), maps.traffic];
    applyWrites(this.#services.takeWrites(), (name) => {
      const map = this.#machine.map(specs.find((spec) => spec.name === name)!);
      return { setBytes: (key, value) => void map.update(key, value, 'any'), deleteBytes: (key) => !map.remove(key) };
    });
    this.#services.settle();
  }

  /** Runs the program of a hook; what the call ends with, and the peer as the socket then has it. */
  run(hook: string, { address, port }: Peer, protocol: TransportProtocol = 'TCP') {
    const { BpfSockAddr } = layout;
    const family: Family = address.includes(':') ? 6 : 4;
    const context = new Uint8Array(BpfSockAddr.size);
    const view = new DataView(context.buffer);
    const at = BpfSockAddr.at[family === 4 ? 'userIp4' : 'userIp6'].offset;
    context.set(addressBytes(address), at);
    view.setUint16(BpfSockAddr.at.userPort.offset, port);
    view.setUint32(BpfSockAddr.at.protocol.offset, protocol === 'TCP' ? 6 : 17, true);
    const program = this.#programs.get(`lb${family}_${hook}`)!;
    const { result, retval, context: after } = this.#machine.run(program, { context });
    if (result === 0) return { error: retval };
    const peer = after.slice(at, at + (family === 4 ? 4 : 16));
    return { address: textOf(peer), port: new DataView(after.buffer).getUint16(BpfSockAddr.at.userPort.offset) };
  }

  /** The socket is closed, connected with a peer. */
  release({ address, port }: Peer): void {
    const { BpfSock } = layout;
    const context = new Uint8Array(BpfSock.size);
    const view = new DataView(context.buffer);
    const isFour = !address.includes(':');
    view.setUint32(BpfSock.at.family.offset, isFour ? 2 : 10, true);
    view.setUint16(BpfSock.at.destinationPort.offset, port);
    context.set(addressBytes(address), BpfSock.at[isFour ? 'destinationIp4' : 'destinationIp6'].offset);
    assert.equal(this.#machine.run(this.#programs.get('lb_sock_release')!, { context }).result, 1);
  }
}

function textOf(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : Buffer.from(bytes).toString('hex');
}

const hex = (address: string): string => textOf(addressBytes(address));

for (const family of [4, 6] as const)
  describe(`sockets of IPv${family}`, () => {
    const frontend = { address: FRONTEND[family], port: 80 };
    const [pod, other] = PODS[family];
    const same = ({ address, port }: Peer) => ({ address: hex(address), port });
    const backend = same({ address: pod, port: 8080 });

    /** A socket of UDP that names its peer with each datagram, and two frontends. */
    const two = (pods: readonly string[]) => {
      const one = new Sockets();
      const second = { address: family === 4 ? '10.96.0.11' : 'fd00:96::b', port: 80 };
      one.set({ ...frontend, protocol: 'UDP' }, pods);
      one.set({ ...second, protocol: 'UDP' }, pods, 'default/other');
      const asked = (peer: Peer) => one.run('sendmsg', peer, 'UDP');
      const answered = (peer: Peer) => one.run('recvmsg', peer, 'UDP');
      return { one, second, asked, answered };
    };

    test('that ask two frontends have another backend by the second, so that each answer is of one', () => {
      const { one, second, asked, answered } = two([pod, other]);
      let refused = 0;
      for (let cookie = 1n; cookie < 40n; cookie++) {
        one.cookie = cookie;
        const [first, next] = [asked(frontend), asked(second)];
        // seven slots of the table have one pod: one socket of a hundred and thirty
        if ('error' in next) {
          refused++;
          continue;
        }
        assert.notDeepEqual(first, next);
        assert.deepEqual(asked(frontend), first);
        assert.deepEqual(asked(second), next);
        const podOf = (peer: unknown) => [pod, other].find((one) => hex(one) === (peer as Peer).address) as string;
        assert.deepEqual(answered({ address: podOf(first), port: 8080 }), same(frontend));
        assert.deepEqual(answered({ address: podOf(next), port: 8080 }), same(second));
      }
      assert.ok(refused <= 2, `${refused} were refused`);
    });

    test('are refused by the second frontend of their only backend, until that has answered or was waited for', () => {
      const { one, second, asked, answered } = two([pod]);
      assert.deepEqual(asked(frontend), backend);
      assert.deepEqual(asked(second), { error: -111 });
      assert.deepEqual(answered({ address: pod, port: 8080 }), same(frontend));
      assert.deepEqual(asked(second), backend);
      assert.deepEqual(asked(frontend), { error: -111 });
      one.seconds += 6;
      assert.deepEqual(asked(frontend), backend);
      assert.deepEqual(answered({ address: pod, port: 8080 }), same(frontend));
    });

    for (const hook of ['connect', 'sendmsg'])
      test(`by ${hook} get a backend, and are told of the frontend`, () => {
        const one = new Sockets();
        one.set(frontend, [pod]);
        assert.deepEqual(one.run(hook, frontend), backend);
        for (const told of ['recvmsg', 'getpeername'])
          assert.deepEqual(one.run(told, { address: pod, port: 8080 }), same(frontend));
        one.cookie++;
        assert.deepEqual(one.run('recvmsg', { address: pod, port: 8080 }), backend);
      });

    test('have what is for no service as they named it', () => {
      const one = new Sockets();
      one.set(frontend, [pod]);
      for (const peer of [
        { ...frontend, port: 81 },
        { address: other, port: 80 },
      ])
        assert.deepEqual(one.run('connect', peer), same(peer));
      assert.deepEqual(one.run('connect', frontend, 'UDP'), same(frontend));
    });

    test('are refused where nobody listens', () => {
      const one = new Sockets();
      one.set(frontend, []);
      assert.deepEqual(one.run('connect', frontend), { error: -111 });
    });

    test('have the same backend each time, and others others', () => {
      const one = new Sockets();
      one.set(frontend, [pod, other]);
      const picks = Array.from({ length: 64 }, (_, i) => {
        one.cookie = BigInt(i + 1);
        const first = one.run('sendmsg', frontend);
        assert.deepEqual(one.run('sendmsg', frontend), first);
        return JSON.stringify(first);
      });
      const ofFirst = picks.filter((pick) => pick === picks[0]).length;
      assert.ok(ofFirst > 16 && ofFirst < 48, `${ofFirst} of 64`);
    });

    test('of one namespace keep their backend by affinity, for as long as they come back', () => {
      const one = new Sockets();
      one.set({ ...frontend, affinitySeconds: 60 }, [pod, other]);
      const first = one.run('connect', frontend);
      for (let i = 0; i < 32; i++) {
        one.cookie++;
        one.seconds += 50;
        assert.deepEqual(one.run('connect', frontend), first);
      }
      const kept = [first];
      one.namespace++;
      for (let i = 0; i < 64 && kept.length < 2; i++) {
        one.cookie++;
        // each comes after the time of the one before is over
        one.seconds += 61;
        const next = one.run('connect', frontend);
        if (JSON.stringify(next) !== JSON.stringify(first)) kept.push(next);
      }
      assert.equal(kept.length, 2);
    });

    test('are inside: a policy Local for what comes from outside does not hold for them', () => {
      const one = new Sockets();
      const place = { isLocal: false, isTerminating: false, carriesPort: false };
      const insideBackends = [{ address: pod, port: 8080, ...place }];
      one.set({ ...frontend, from: 'external', insideBackends, whenEmpty: 'drop' }, []);
      assert.deepEqual(one.run('connect', frontend), backend);
    });

    test('are left to packets where clients must be of some range', () => {
      const one = new Sockets();
      one.set({ ...frontend, sourceRanges: [family === 4 ? '10.0.0.0/8' : 'fd00::/16'] }, [pod]);
      assert.deepEqual(one.run('connect', frontend), same(frontend));
    });

    test('are forgotten when they are closed', () => {
      const one = new Sockets();
      one.set(frontend, [pod]);
      one.run('connect', frontend);
      one.release({ address: pod, port: 8080 });
      assert.deepEqual(one.run('getpeername', { address: pod, port: 8080 }), backend);
    });
  });

test('a socket of IPv6 that names an address of IPv4 has a backend of IPv4', () => {
  const one = new Sockets();
  const [pod] = PODS[4];
  one.set({ address: FRONTEND[4] }, [pod]);
  const mapped = ({ address, port }: Peer) => ({ address: `::ffff:${address}`, port });
  const [frontend, backend] = [
    { address: FRONTEND[4], port: 80 },
    { address: pod, port: 8080 },
  ];
  const told = ({ address, port }: Peer) => ({ address: `${'0'.repeat(20)}ffff${hexOf4(address)}`, port });
  assert.deepEqual(one.run('connect', mapped(frontend)), told(backend));
  assert.deepEqual(one.run('getpeername', mapped(backend)), told(frontend));
  // what IPv4's hook has remembered is known where IPv6's tells
  assert.deepEqual(one.run('sendmsg', frontend), { address: pod, port: 8080 });
  assert.deepEqual(one.run('recvmsg', mapped(backend)), told(frontend));
});

function hexOf4(address: string): string {
  return Buffer.from(addressBytes(address)).toString('hex');
}
