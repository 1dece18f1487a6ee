import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpreter, TCX } from 'nekube/bpf';
import { ServiceMaps } from '../maps/service-maps.ts';
import { packet } from '../testing/packets.ts';
import { addressText } from '../maps/address.ts';
import { DropEvent, EVENTS_PER_SECOND } from './events.ts';
import { applyWrites } from './map-writer.ts';
import { COUNTERS, datapathMaps } from './maps.ts';
import { requestProgram } from './request.ts';

const CAPACITIES = { services: 8, backends: 8, table: 1024 };

/** A node with a frontend that has no backend and drops, in memory, at a time. */
function nodeAt(time: { now: bigint }) {
  const maps = datapathMaps(CAPACITIES, { flows: 16 });
  const program = requestProgram(4, maps, {
    nodeAddresses: { 4: '10.2.0.2' },
    mtu: 1500,
    snatPorts: { first: 61_000, count: 1 },
  });
  const machine = new interpreter.Interpreter({ now: () => time.now });
  const byName = new Map((program.maps ?? []).map((spec) => [spec.name, machine.map(spec)]));
  const services = new ServiceMaps({ capacities: CAPACITIES });
  services.set('default/web:http', [
    {
      ...{ name: 'default/web:http', address: '10.96.0.10', port: 80, protocol: 'TCP', from: 'external', mode: 'snat' },
      ...{ algorithm: 'maglev', backends: [], whenEmpty: 'drop' },
    },
  ]);
  applyWrites(services.takeWrites(), (name) => {
    const map = byName.get(name);
    return {
      setBytes: (key, value) => assert.equal(map?.update(key, value, 'any'), undefined),
      deleteBytes: (key) => map?.remove(key) === undefined,
    };
  });
  const send = (sourcePort: number): number =>
    machine.run(program, {
      data: packet({ source: '192.0.2.7', destination: '10.96.0.10', sourcePort, destinationPort: 80 }),
    }).result;
  const events = machine.map(maps.events) as unknown as { drain(): Uint8Array[] };
  const counter = (name: (typeof COUNTERS)[number]) => machine.map(maps.counters).get(COUNTERS.indexOf(name)) as bigint;
  return { send, told: () => events.drain().map((bytes) => DropEvent.decode(bytes)), counter };
}

test('a packet that is dropped is told of, with its reason and its addresses', () => {
  const { send, told } = nodeAt({ now: 5n << 30n });
  assert.equal(send(4000) | 0, TCX.drop);
  const [event, ...others] = told();
  assert.deepEqual(others, []);
  assert.deepEqual(
    {
      ...event,
      source: addressText(event!.source.slice(0, 4)),
      destination: addressText(event!.destination.slice(0, 4)),
    },
    {
      ...{ time: 5n << 30n, reason: COUNTERS.indexOf('drop_no_backend'), ifindex: 1, protocol: 6, family: 4 },
      ...{ source: '192.0.2.7', sourcePort: 4000, destination: '10.96.0.10', destinationPort: 80 },
    },
  );
});

test('of a flood some are told of each second, and all are counted', () => {
  const time = { now: 1n << 30n };
  const { send, told, counter } = nodeAt(time);
  for (let i = 0; i < 3 * EVENTS_PER_SECOND; i++) send(4000 + i);
  assert.equal(told().length, EVENTS_PER_SECOND);
  time.now = 2n << 30n;
  send(9000);
  assert.equal(told().length, 1);
  assert.equal(counter('drop_no_backend'), BigInt(3 * EVENTS_PER_SECOND + 1));
});

test('what finds no room because nobody reads is counted as lost', () => {
  const time = { now: 0n };
  const { send, told, counter } = nodeAt(time);
  for (let second = 1n; counter('lost_events') === 0n; second++) {
    assert.ok(second < 1000n);
    time.now = second << 30n;
    for (let i = 0; i < EVENTS_PER_SECOND; i++) send(4000 + i);
  }
  assert.equal(counter('drop_no_backend'), BigInt(told().length) + counter('lost_events'));
});
