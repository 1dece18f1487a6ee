import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayConfig, GatewayModel } from '../model/index.ts';
import { BindPorts } from './bind-ports.ts';

const source = { kind: 'Gateway', namespace: 'a', name: 'b' };

function gateway(name: string, ...ports: number[]): GatewayConfig {
  const listeners = ports.map((port) => ({
    ...{ name: `a/${name}/${port}`, port, transport: 'TCP' as const, sources: [source], chains: [] },
  }));
  return { key: `a/${name}`, source, addresses: [], listeners };
}

function modelOf(...gateways: GatewayConfig[]): GatewayModel {
  return { gateways, backends: new Map(), endpoints: new Map(), secrets: new Map() };
}

const portsIn = ({ gateways }: GatewayModel): (number | undefined)[] =>
  gateways.flatMap(({ listeners }) => listeners.map(({ bindPort }) => bindPort));

test('each listener has a port of its own, and keeps it', () => {
  const ports = new BindPorts();
  const [one, other] = [gateway('one', 80, 443), gateway('other', 80)];
  const first = ports.place(modelOf(one, other), () => undefined);
  const given = portsIn(first);
  assert.equal(new Set(given).size, 3);
  for (const port of given) assert.ok(port! >= 20_000 && port! < 30_000);
  const later = ports.place(modelOf(gateway('new', 80), one), () => given[2]);
  assert.deepEqual(portsIn(later), [given[2], given[0], given[1]], 'what nobody has any longer is free');
  assert.equal(later.gateways[1], first.gateways[0], 'what did not change is the same object');
});

test('what another process gave is kept, unless it cannot be', () => {
  const known = (port: number) => () => port;
  assert.deepEqual(portsIn(new BindPorts().place(modelOf(gateway('one', 80)), known(23_456))), [23_456]);
  assert.notDeepEqual(portsIn(new BindPorts().place(modelOf(gateway('one', 80)), known(80))), [80]);
  const both = portsIn(new BindPorts().place(modelOf(gateway('one', 80), gateway('two', 80)), known(23_456)));
  assert.equal(both[0], 23_456);
  assert.notEqual(both[1], 23_456);
});
