import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumOf, Interpreter, type ObjectMemory } from '../interpreter/index.ts';
import { loadCollection, createMap } from '../kernel/index.ts';
import { Ethernet, ETHERTYPE, Ipv4, ipv4, ipv4Text, mac, PROTOCOL } from '../layout/index.ts';
import { XDP } from '../spec/index.ts';
import * as dsr from './dsr-ipip.ts';
import { Random } from './random.ts';
import { whyNoKernel } from './rights.ts';

const program = dsr.dsrIpip();
const service = { address: ipv4('10.96.0.10'), port: 80, protocol: PROTOCOL.tcp };
const picks = Array.from({ length: dsr.TABLE_SIZE }, (_, i) => i % 3);
const settings = { address: ipv4('10.2.0.2'), seed: 7 };
const backend = (i: number): { address: number; port: number; flags: number } => ({
  address: ipv4('10.244.1.10') + i,
  port: 8080 + i,
  flags: 0,
});

interface Flow {
  readonly client?: string;
  readonly port?: number;
  readonly destination?: string;
  readonly protocol?: number;
  readonly fragment?: number;
}

function packetOf({
  client = '10.1.0.2',
  port = 4000,
  destination = '10.96.0.10',
  protocol = 6,
  fragment = 0,
}: Flow): Uint8Array {
  const bytes = new Uint8Array(74);
  const [to, from] = [mac('02:00:00:00:00:01'), mac('02:00:00:00:00:02')];
  bytes.set(Ethernet.encode({ destination: to, source: from, type: ETHERTYPE.ipv4 }));
  const header = { versionIhl: 0x45, tos: 0, totalLength: 60, id: 1, fragment, ttl: 64, protocol, checksum: 0 };
  bytes.set(Ipv4.encode({ ...header, source: ipv4(client), destination: ipv4(destination) }), 14);
  new DataView(bytes.buffer).setUint32(34, port * 0x1_0000 + 80);
  return bytes;
}

function interpreter(): Interpreter {
  const made = new Interpreter();
  made.map(dsr.services).set(service, { id: 1, count: 3, flags: 0 });
  made.map(dsr.config).set(0, settings);
  for (let i = 0; i < 3; i++) made.map(dsr.backends).set(i, backend(i));
  made.map(dsr.serviceTable).set(0, picks);
  (made.map(dsr.tables) as unknown as ObjectMemory<number, number>).put(1, made.map(dsr.serviceTable));
  return made;
}

test('a packet to a service goes to a pod, inside of another header and otherwise as it was', () => {
  const original = packetOf({});
  const { result, data } = interpreter().run(program, { data: original });
  assert.equal(result, XDP.tx);
  const outer = Ipv4.decode(data.subarray(14));
  assert.deepEqual([outer.protocol, outer.totalLength, outer.fragment, outer.ttl], [PROTOCOL.ipip, 80, 0x4000, 64]);
  assert.equal(ipv4Text(outer.source), '10.2.0.2');
  const chosen = outer.destination - ipv4('10.244.1.10');
  assert.equal(outer.id, 8080 + chosen);
  const sum = checksumOf(data.subarray(14, 34));
  assert.equal((sum & 0xffff) + (sum >>> 16), 0xffff);
  assert.deepEqual(data.subarray(34), original.subarray(14));
  assert.deepEqual(Ethernet.decode(data).destination, mac('02:00:00:00:00:02'));
});

test('a flow has always the same pod, and flows have all of them', () => {
  const machine = interpreter();
  const pod = (port: number): number =>
    Ipv4.decode(machine.run(program, { data: packetOf({ port }) }).data.subarray(14)).id;
  const pods = Array.from({ length: 30 }, (_, i) => pod(3000 + i));
  assert.deepEqual([...new Set(pods)].sort(), [8080, 8081, 8082]);
  assert.deepEqual(
    pods,
    Array.from({ length: 30 }, (_, i) => pod(3000 + i)),
  );
});

for (const [what, flow] of [
  ['to no service', { destination: '10.96.0.11' }],
  ['of another protocol', { protocol: PROTOCOL.icmp }],
  ['to the service by UDP', { protocol: PROTOCOL.udp }],
  ['that is a fragment', { fragment: 0x2000 }],
] as const) {
  test(`a packet ${what} passes as it is`, () => {
    const original = packetOf(flow);
    const { result, data } = interpreter().run(program, { data: original });
    assert.equal(result, XDP.pass);
    assert.deepEqual(data, original);
  });
}

test('the kernel does the same to the byte', { skip: whyNoKernel() ?? false }, () => {
  const collection = loadCollection([program]);
  const table = createMap(dsr.serviceTable);
  table.set(0, picks);
  collection.map(dsr.services).set(service, { id: 1, count: 3, flags: 0 });
  collection.map(dsr.config).set(0, settings);
  for (let i = 0; i < 3; i++) collection.map(dsr.backends).set(i, backend(i));
  collection.map(dsr.tables).setDescriptor(1, table);
  const machine = interpreter();
  const random = new Random(1);
  try {
    for (let i = 0; i < 300; i++) {
      const port = random.below(65536);
      const data = packetOf({ port, client: ipv4Text(random.bits()), protocol: random.chance(90) ? 6 : 17 });
      if (random.chance(10)) data[14 + random.below(20)] = random.below(256);
      const [real, ours] = [collection.program('dsr_ipip').testRun({ data }), machine.run(program, { data })];
      assert.deepEqual([ours.result, ours.data], [real.result, real.data]);
    }
  } finally {
    table.close();
    collection.close();
  }
});
