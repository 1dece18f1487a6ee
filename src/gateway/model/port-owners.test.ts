import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayConfig, GatewayModel } from './model.ts';
import { portOwners, takenMessage } from './port-owners.ts';

/** A gateway as `NAME@DAY:PORT,PORT`. */
function gateway(text: string): GatewayConfig {
  const [, name = '', day = '', ports = ''] = /^(\w+)@(\d):(.*)$/.exec(text)!;
  const source = { kind: 'Gateway', namespace: 'default', name };
  const listeners = ports.split(',').map((port) => ({
    ...{ name: `default/${name}/${port}`, port: Number(port), transport: 'TCP' as const },
    ...{ sources: [source], chains: [] },
  }));
  return { key: `default/${name}`, source, created: `2026-01-0${day}T00:00:00Z`, addresses: [], listeners };
}

function modelOf(...gateways: string[]): GatewayModel {
  const none = { backends: new Map(), endpoints: new Map(), secrets: new Map() };
  return { gateways: gateways.map(gateway), ...none };
}

const places = ({ port }: { readonly port: number }): string[] => [`${port}`];

const cases: { name: string; models: string[][]; owners: Record<string, string> }[] = [
  { name: 'the older has it', models: [['a@2:80', 'b@1:80']], owners: { 80: 'b' } },
  { name: 'of the same age the first by name', models: [['a@1:80', 'b@1:80']], owners: { 80: 'a' } },
  { name: 'who has it keeps it', models: [['b@2:80'], ['a@1:80', 'b@2:80']], owners: { 80: 'b' } },
  { name: 'who waits has it when it is free', models: [['b@1:80', 'a@2:80'], ['a@2:80']], owners: { 80: 'a' } },
  {
    name: 'of those who wait the oldest has it',
    models: [
      ['z@1:80', 'a@3:80', 'b@2:80'],
      ['z@1:81', 'a@3:80', 'b@2:80'],
    ],
    owners: { 80: 'b', 81: 'z' },
  },
  {
    name: 'one port that is taken leaves the others',
    models: [['b@1:80', 'a@2:80,443']],
    owners: { 80: 'b', 443: 'a' },
  },
];

for (const { name, models, owners } of cases) {
  test(`ports: ${name}`, () => {
    let now = portOwners(modelOf(), places);
    for (const gateways of models) now = portOwners(modelOf(...gateways), places, now);
    const names = [...now].map(([place, { gateway: key }]) => [place, key.replace('default/', '')]);
    assert.deepEqual(Object.fromEntries(names), owners);
  });
}

test('who has no port is told who has', () => {
  const owner = { gateway: 'default/a', listener: 'default/a/80' };
  assert.equal(
    takenMessage('[::]:80', owner, gateway('b@1:80')),
    'Gateway default/a already listens at [::]:80; one of both must have another address or port',
  );
  assert.equal(
    takenMessage('[::]:443/udp', owner, gateway('a@1:443')),
    'Another listener of it has [::]:443/udp; one of both must have another port',
  );
});
