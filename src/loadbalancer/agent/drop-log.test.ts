import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DropEvent } from '../datapath/events.ts';
import { COUNTERS } from '../datapath/maps.ts';
import type { Frontend } from '../model/config.ts';
import { addressBytes } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import { DropLog } from './drop-log.ts';
import { ownerAt, type PacketPlace } from './drop-owner.ts';

const padded = (address: string): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => addressBytes(address)[i] ?? 0);

function record(source: string, destination: string): Uint8Array {
  return DropEvent.encode({
    ...{ time: 1n, reason: COUNTERS.indexOf('drop_no_backend'), ifindex: 3, protocol: 17, sourcePort: 4000 },
    ...{ destinationPort: 80, family: source.includes(':') ? 6 : 4 },
    source: padded(source),
    destination: padded(destination),
  });
}

function start() {
  const time = { now: 0 };
  const lines: string[] = [];
  const log = new DropLog({ now: () => time.now, write: (line) => lines.push(line) });
  return { time, lines, log };
}

test('a drop is told with its reason and its addresses', () => {
  const { log, lines } = start();
  log.add(record('192.0.2.7', '10.96.0.10'));
  log.add(record('2001:db8::7', 'fd00:96::a'));
  assert.deepEqual(lines, [
    'udp 192.0.2.7:4000 > 10.96.0.10:80: drop_no_backend',
    'udp [2001:db8::7]:4000 > [fd00:96::a]:80: drop_no_backend',
  ]);
  assert.deepEqual(
    log.since(1).map(({ source }) => source),
    ['[2001:db8::7]:4000'],
  );
});

test('of many a second some have lines, and the others are counted in the next second', () => {
  const { log, lines, time } = start();
  for (let i = 0; i < 50; i++) log.add(record('192.0.2.7', '10.96.0.10'));
  assert.equal(lines.length, 5);
  time.now = 1000;
  log.add(record('192.0.2.7', '10.96.0.10'));
  assert.deepEqual(lines.slice(5), [
    '45 more packets were dropped',
    'udp 192.0.2.7:4000 > 10.96.0.10:80: drop_no_backend',
  ]);
});

test('a drop names the Service whose frontend it was for, or comes from, and is counted with it', () => {
  const maps = new ServiceMaps();
  const at = { port: 80, protocol: 'UDP', from: 'internal', mode: 'snat', algorithm: 'random', whenEmpty: 'reject' };
  const frontend = { ...at, name: 'default/web:http', address: '10.96.0.10', backends: [] } as unknown as Frontend;
  maps.set('default/web:http', [frontend]);
  const lines: string[] = [];
  const ownerOf = (place: PacketPlace) => ownerAt(maps.owners, place);
  const log = new DropLog({ now: () => 0, write: (line) => lines.push(line), ownerOf });
  log.add(record('192.0.2.7', '10.96.0.10'));
  log.add(record('192.0.2.7', '10.96.0.11'));
  assert.deepEqual(lines, [
    'udp 192.0.2.7:4000 > 10.96.0.10:80: drop_no_backend, of default/web:http',
    'udp 192.0.2.7:4000 > 10.96.0.11:80: drop_no_backend',
  ]);
  assert.deepEqual([...log.byService], [{ service: 'default/web:http', reason: 'drop_no_backend', count: 1 }]);
  log.keep(new Set());
  assert.deepEqual([...log.byService], []);
});

test('only the last are kept', () => {
  const { log } = start();
  for (let i = 0; i < 2000; i++) log.add(record('192.0.2.7', '10.96.0.10'));
  assert.equal(log.since().length, 1024);
  assert.equal(log.since()[0]?.number, 977);
});
