import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { kernel, TCX } from 'nekube/bpf';
import type { Backend, Frontend, Mode, TransportProtocol } from '../model/config.ts';
import { addressBytes, type Family } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import { outer, packet, type PacketShape, tooBig } from '../testing/packets.ts';
import { applyWrites } from './map-writer.ts';
import { COUNTERS, datapathMaps, flowLayoutsOf } from './maps.ts';
import { decapsulationProgram } from './node.ts';
import { replyProgram } from './reply.ts';
import type { DatapathOptions } from './options.ts';
import { requestProgram } from './request.ts';
import { noKernel } from '../testing/machines.ts';

const CAPACITIES = { services: 64, backends: 64, table: 4096 };
const maps = datapathMaps(CAPACITIES, { flows: 1024 });

/** The addresses of a family, by what they are. */
const ADDRESSES = {
  4: { client: '192.0.2.7', frontend: '10.96.0.10', pod: '10.244.2.10', node: '10.2.0.2', stranger: '203.0.113.9' },
  6: {
    client: '2001:db8::7',
    frontend: 'fd00:96::a',
    pod: 'fd00:244:2::a',
    node: 'fd00:2::2',
    stranger: '2001:db8:9::9',
  },
} as const;

const OPTIONS: DatapathOptions = {
  nodeAddresses: { 4: ADDRESSES[4].node, 6: ADDRESSES[6].node },
  mtu: 1500,
  // one port, so that it is known which
  snatPorts: { first: 61_234, count: 1 },
};

const open: kernel.Collection[] = [];
after(() => open.forEach((one) => one.close()));

/** A node's programs, with one Service of one backend. */
function nodeWith(
  family: Family,
  given: Partial<Frontend> & { readonly backend?: Partial<Backend>; readonly protocol: TransportProtocol },
) {
  const { backend, ...more } = given;
  const { frontend, pod, node } = ADDRESSES[family];
  const loaded = kernel.loadCollection([
    requestProgram(family, maps, OPTIONS),
    decapsulationProgram(family, maps, OPTIONS),
    replyProgram(family, maps),
  ]);
  open.push(loaded);
  const services = new ServiceMaps({ capacities: CAPACITIES });
  const one: Backend = {
    address: pod,
    port: 8080,
    isLocal: false,
    isTerminating: false,
    carriesPort: false,
    ...backend,
  };
  const what: Omit<Frontend, 'protocol'> = {
    name: 'default/web:http',
    address: frontend,
    port: 80,
    from: 'internal',
    mode: 'dsr-ipip',
    algorithm: 'maglev',
    backends: [one],
    whenEmpty: 'reject',
  };
  const set = (frontend: Partial<Frontend> & { readonly protocol: TransportProtocol }): void => {
    assert.deepEqual(services.set('default/web:http', [{ ...what, ...frontend }]), []);
    applyWrites(services.takeWrites(), (name) => loaded.map(name));
    services.settle();
  };
  set(more);
  const { tunnelSourceKey } = flowLayoutsOf(family);
  const length = family === 4 ? 32 : 64;
  loaded
    .map(`tunnel_src${family}`)
    .setBytes(tunnelSourceKey.encode({ prefix: length, address: addressBytes(node) }), Uint8Array.of(1));
  const run = (name: string, data: Uint8Array) => {
    const { result, data: out } = loaded.program(`lb${family}_${name}`).testRun({ data });
    // whether there is a route, or the kernel is asked, is this machine's affair
    const verdict = (result | 0) === TCX.drop ? 'dropped' : 'sent';
    return { verdict, packet: Buffer.from(out).toString('hex') };
  };
  return { run, set, counted: () => counted(loaded) };
}

/** The counters that are not zero. */
function counted(loaded: kernel.Collection): Record<string, number> {
  const values = COUNTERS.map((name, i) => {
    const all = loaded.map('counters').getPerCpu(i) as bigint[];
    return [name, all.reduce((sum, one) => sum + Number(one), 0)] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value > 0));
}

const passed = (data: Uint8Array) => ({ verdict: 'sent', packet: Buffer.from(data).toString('hex') });

for (const family of [4, 6] as const)
  for (const protocol of ['TCP', 'UDP'] as const)
    describe(`IPv${family}, ${protocol}`, { skip: noKernel }, () => {
      const { client, frontend, pod, node, stranger } = ADDRESSES[family];
      const request = (more: Partial<PacketShape> = {}): Uint8Array =>
        packet({
          source: client,
          destination: frontend,
          sourcePort: 4000,
          destinationPort: 80,
          protocol,
          payload: 'hi',
          ...more,
        });

      test('a request by dsr-ipip travels as it is in a header to the pod, which has its port', () => {
        const { run, counted } = nodeWith(family, { protocol });
        const inner = request();
        assert.deepEqual(run('request', inner), passed(outer({ source: node, destination: pod, id: 8080, inner })));
        assert.deepEqual(counted(), { forwarded_ipip: 1 });
      });

      test('at the pod’s node it is taken out, and gets the pod’s address and port; the reply has the frontend’s', () => {
        const { run, counted } = nodeWith(family, { protocol, backend: { isLocal: true } });
        const inner = request();
        assert.deepEqual(
          run('take_out', outer({ source: node, destination: pod, id: 0, inner })),
          passed(request({ destination: pod, destinationPort: 8080 })),
        );
        const reply = {
          source: pod,
          destination: client,
          sourcePort: 8080,
          destinationPort: 4000,
          protocol,
          flags: 0x12,
        };
        assert.deepEqual(run('reply', packet(reply)), passed(packet({ ...reply, source: frontend, sourcePort: 80 })));
        assert.deepEqual(counted(), { decapsulated: 1, replied_direct: 1 });
      });

      const header = family === 4 ? 20 : 40;
      const filling = (bytes: number) => 'x'.repeat(bytes - header - (protocol === 'TCP' ? 20 : 8));

      test('a packet that fits with its outer header is sent, and of one that does not the client is told how large it may be', () => {
        const { run, counted } = nodeWith(family, { protocol });
        const mtu = OPTIONS.mtu - header;
        const fits = request({ dontFragment: true, payload: filling(mtu) });
        assert.deepEqual(
          run('request', fits),
          passed(outer({ source: node, destination: pod, id: 8080, inner: fits })),
        );
        const big = request({ dontFragment: true, payload: filling(mtu + 1) });
        assert.deepEqual(run('request', big), passed(tooBig({ from: frontend, to: client, mtu, packet: big })));
        assert.deepEqual(counted(), { forwarded_ipip: 1, told_too_big: 1 });
      });

      test('a tunnel of who is no node is dropped', () => {
        const { run, counted } = nodeWith(family, { protocol, backend: { isLocal: true } });
        assert.equal(
          run('take_out', outer({ source: stranger, destination: pod, inner: request() })).verdict,
          'dropped',
        );
        assert.deepEqual(counted(), { drop_tunnel_source: 1 });
      });

      test('of several ports of a frontend on a pod that counts which the packet carries, if it is one of them', () => {
        const backend = (port: number): Backend => ({
          ...{ address: pod, port, isLocal: true, isTerminating: false, carriesPort: true },
        });
        const { run, counted } = nodeWith(family, { protocol, backends: [backend(8080), backend(8081)] });
        const inner = request();
        // where IPv6 carries it: the end of the source
        const from = (port: number) => (family === 4 ? node : `fd00:2::${port.toString(16)}`);
        for (const port of [8080, 8081])
          assert.deepEqual(
            run('take_out', outer({ source: from(port), destination: pod, id: port, inner })),
            passed(request({ destination: pod, destinationPort: port })),
          );
        assert.equal(
          run('take_out', outer({ source: from(8082), destination: pod, id: 8082, inner })).verdict,
          'dropped',
        );
        assert.deepEqual(counted(), { decapsulated: 2, drop_no_target_port: 1 });
      });

      test('a tunnel for what is no frontend is left alone', () => {
        const { run } = nodeWith(family, { protocol, backend: { isLocal: true } });
        const tunnel = outer({ source: node, destination: pod, inner: request({ destinationPort: 81 }) });
        assert.deepEqual(run('take_out', tunnel), passed(tunnel));
      });

      test('a client that has asked by the frontend, and asks the pod itself from the same port, is answered by the pod', () => {
        const { run } = nodeWith(family, { protocol, backend: { isLocal: true } });
        const reply = packet({
          ...{ source: pod, destination: client, sourcePort: 8080, destinationPort: 4000, protocol, flags: 0x12 },
        });
        run('take_out', outer({ source: node, destination: pod, id: 8080, inner: request() }));
        assert.notDeepEqual(run('reply', reply), passed(reply));
        // what belongs to a connection that is open changes nothing
        const asked = { destination: pod, destinationPort: 8080 };
        if (protocol === 'TCP') run('take_out', request({ ...asked, flags: 0x10 }));
        if (protocol === 'TCP') assert.notDeepEqual(run('reply', reply), passed(reply));
        assert.deepEqual(run('take_out', request(asked)), passed(request(asked)));
        assert.deepEqual(run('reply', reply), passed(reply));
        run('take_out', outer({ source: node, destination: pod, id: 8080, inner: request() }));
        assert.notDeepEqual(run('reply', reply), passed(reply));
      });

      test('by snat a request comes from the node, and its reply goes to the client', () => {
        const { run, counted } = nodeWith(family, { protocol, mode: 'snat' });
        const sent = { source: node, destination: pod, sourcePort: 61_234, destinationPort: 8080, ttl: 63 };
        for (let packets = 0; packets < 2; packets++)
          assert.deepEqual(run('request', request()), passed(request(sent)));
        const reply = { source: pod, destination: node, sourcePort: 8080, destinationPort: 61_234 };
        const back = { source: frontend, destination: client, sourcePort: 80, destinationPort: 4000, ttl: 63 };
        assert.deepEqual(run('request', request(reply)), passed(request(back)));
        assert.deepEqual(counted(), { forwarded_snat: 2, replied_snat: 1 });
      });

      test('by snat a packet that does not fit is told its size, and so is an answer, to whom it comes from', () => {
        const { run, counted } = nodeWith(family, { protocol, mode: 'snat' });
        run('request', request());
        const big = request({ dontFragment: true, payload: filling(OPTIONS.mtu + 1) });
        const size = { mtu: OPTIONS.mtu };
        assert.deepEqual(run('request', big), passed(tooBig({ ...size, from: frontend, to: client, packet: big })));
        const ports = { sourcePort: 8080, destinationPort: 61_234 };
        const answer = request({ ...ports, source: pod, destination: node, payload: filling(OPTIONS.mtu + 1) });
        assert.deepEqual(run('request', answer), passed(tooBig({ ...size, from: node, to: pod, packet: answer })));
        assert.deepEqual(counted(), { forwarded_snat: 1, told_too_big: 2 });
      });

      test('by snat a flow whose backend is another than before gets its answers from that one', () => {
        const other = family === 4 ? '10.244.3.10' : 'fd00:244:3::a';
        const { run, set } = nodeWith(family, { protocol, mode: 'snat' });
        run('request', request());
        const place = { isLocal: false, isTerminating: false, carriesPort: false };
        set({ protocol, mode: 'snat', backends: [{ address: other, port: 8080, ...place }] });
        const sent = { source: node, destination: other, sourcePort: 61_234, destinationPort: 8080, ttl: 63 };
        assert.deepEqual(run('request', request()), passed(request(sent)));
        const reply = { source: other, destination: node, sourcePort: 8080, destinationPort: 61_234 };
        const back = { source: frontend, destination: client, sourcePort: 80, destinationPort: 4000, ttl: 63 };
        assert.deepEqual(run('request', request(reply)), passed(request(back)));
      });

      test('by snat a flow for which no port is left is dropped, and those that have one go on', () => {
        const { run, counted } = nodeWith(family, { protocol, mode: 'snat' });
        run('request', request());
        assert.equal(run('request', request({ sourcePort: 4001 })).verdict, 'dropped');
        run('request', request());
        assert.deepEqual(counted(), { forwarded_snat: 2, drop_snat_ports: 1 });
      });

      test('a backend on this node gets the request without a tunnel, in every mode', () => {
        for (const mode of ['snat', 'dsr-ipip'] as readonly Mode[]) {
          const { run } = nodeWith(family, { protocol, mode, backend: { isLocal: true } });
          assert.deepEqual(run('request', request()), passed(request({ destination: pod, destinationPort: 8080 })));
          const reply = { source: pod, destination: client, sourcePort: 8080, destinationPort: 4000, protocol };
          assert.deepEqual(run('reply', packet(reply)), passed(packet({ ...reply, source: frontend, sourcePort: 80 })));
        }
      });

      test('who is not of the source ranges is dropped', () => {
        const range = family === 4 ? '192.0.2.0/24' : '2001:db8::/48';
        const { run, counted } = nodeWith(family, { protocol, sourceRanges: [range] });
        assert.equal(run('request', request()).verdict, 'sent');
        assert.equal(run('request', request({ source: stranger })).verdict, 'dropped');
        assert.deepEqual(counted(), { forwarded_ipip: 1, drop_source_range: 1 });
      });

      test('a packet that has no hop left goes no further by snat', () => {
        const { run } = nodeWith(family, { protocol, mode: 'snat' });
        assert.equal(run('request', request({ ttl: 1 })).verdict, 'dropped');
      });

      test('a client keeps its backend if the Service says so, unless that ends', () => {
        const other = family === 4 ? '10.244.3.10' : 'fd00:244:3::a';
        const backends = (ends: boolean): Backend[] =>
          [pod, other].map((address) => ({
            ...{ address, port: 8080, isLocal: false, carriesPort: false },
            isTerminating: ends && address === pod,
          }));
        // where the outer header's destination stands
        const to = (packet: string) => packet.slice(2 * (family === 4 ? 30 : 38), 2 * (family === 4 ? 34 : 54));
        const { run, set } = nodeWith(family, { protocol, backends: backends(false), affinitySeconds: 3600 });
        const ports = Array.from({ length: 20 }, (_, i) => 5000 + i);
        const chosen = () => new Set(ports.map((sourcePort) => to(run('request', request({ sourcePort })).packet)));
        assert.equal(chosen().size, 1);
        const hex = Buffer.from(addressBytes(pod)).toString('hex');
        const before = [...chosen()][0];
        set({ protocol, backends: backends(true), affinitySeconds: 3600 });
        const again = run('request', request({ sourcePort: 6000 })).packet;
        assert.notEqual(to(again), hex);
        // flows that it has go on
        assert.equal([...chosen()][0], before);
      });

      test('what is for no frontend is left alone', () => {
        const { run } = nodeWith(family, { protocol });
        for (const other of [request({ destinationPort: 81 }), request({ destination: stranger })])
          assert.deepEqual(run('request', other), passed(other));
      });
    });
