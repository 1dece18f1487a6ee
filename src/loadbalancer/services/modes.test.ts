import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Backend, Frontend, Mode } from '../model/config.ts';
import { modesOf, type TunnelAbilities, tunnelAbilities } from './modes.ts';

const OPTIONS = { mtu: 1500, snatPorts: { first: 61_000, count: 10 } };

/** A frontend of a mode, with backends that have several ports on one address, or not. */
function frontend(mode: Mode, family: 4 | 6, more: Partial<Backend> = {}): Frontend {
  const [address, pod, nodeAddress] =
    family === 4 ? ['10.96.0.10', '10.244.1.2', '10.239.0.2'] : ['fd00:96::a', 'fd00:244::2', 'fd00:239::2'];
  const backend = { address: pod, node: 'n2', nodeAddress, isLocal: false, isTerminating: false, ...more };
  return {
    ...{ name: 'default/web:http', address, port: 80, protocol: 'TCP', from: 'internal', mode, algorithm: 'maglev' },
    whenEmpty: 'reject',
    backends: [8080, 8081].map((port) => ({ ...backend, port, carriesPort: more.carriesPort ?? true })),
  };
}

const SEVERAL = 'pods have several ports of it, which the outer header of IPv6 does not carry here';

describe('a frontend is served', () => {
  const cases: {
    name: string;
    of: Frontend;
    abilities?: TunnelAbilities;
    mode: Mode;
    why?: string;
    reason: string;
  }[] = [
    {
      name: 'by dsr-ipip, whose outer header carries the port in IPv4',
      ...{ of: frontend('dsr-ipip', 4), mode: 'dsr-ipip', reason: 'PortCarried' },
    },
    {
      name: 'by dsr-ipip in IPv6, where tunnels come from a prefix with room for the port',
      of: frontend('dsr-ipip', 6),
      ...{ abilities: { carriesPort: [4, 6] }, mode: 'dsr-ipip', reason: 'PortCarried' },
    },
    {
      name: 'by dsr-geneve in IPv6, where nothing else carries the port',
      ...{ of: frontend('dsr-ipip', 6), mode: 'dsr-geneve', reason: 'FallsBackToGeneve' },
      why: `default/web:http at [fd00:96::a]:80 is balanced by dsr-geneve: ${SEVERAL}`,
    },
    {
      name: 'by snat, where a node’s address is not known',
      of: { ...frontend('dsr-ipip', 6), backends: withoutNode(frontend('dsr-ipip', 6)) },
      ...{ mode: 'snat', reason: 'FallsBackToSNAT' },
      why: `default/web:http at [fd00:96::a]:80 is balanced by snat: ${SEVERAL}, and no address is known of node n2 of fd00:244::2, to which Geneve would go`,
    },
    {
      name: 'by snat, where this node has no address of the family by which Geneve would go',
      of: frontend('dsr-geneve', 6, { carriesPort: false }),
      ...{ abilities: { carriesPort: [], nodeFamilies: [4] }, mode: 'snat', reason: 'FallsBackToSNAT' },
      why: 'default/web:http at [fd00:96::a]:80 is balanced by snat: this node has no address of IPv6, by which Geneve would go to node n2',
    },
    {
      name: 'as it asks where each pod has one port',
      ...{ of: frontend('dsr-ipip', 6, { carriesPort: false }), mode: 'dsr-ipip', reason: 'AsAsked' },
    },
    {
      name: 'as it asks where the pods with several ports are on this node',
      ...{ of: frontend('dsr-ipip', 6, { isLocal: true }), mode: 'dsr-ipip', reason: 'AsAsked' },
    },
    {
      name: 'as it asks where the packet itself has the pod’s port',
      ...{ of: frontend('dsr-ipopt', 6), mode: 'dsr-ipopt', reason: 'AsAsked' },
    },
  ];
  for (const { name, of, abilities, mode, why, reason } of cases)
    test(name, () => {
      const { frontends, problems, condition } = modesOf([of], abilities);
      assert.deepEqual(
        [frontends.map((one) => one.mode), problems, condition?.reason, condition?.status],
        [[mode], why === undefined ? [] : [why], reason, why === undefined ? 'True' : 'False'],
      );
    });

  function withoutNode({ backends }: Frontend): Backend[] {
    return backends.map(({ nodeAddress: _, ...one }) => one);
  }
});

test('of several frontends the condition tells of those that fell back, and of the farthest', () => {
  const { condition } = modesOf([
    frontend('dsr-ipip', 6),
    frontend('dsr-ipip', 4),
    { ...frontend('dsr-geneve', 4), port: 81, backends: [{ ...backendAlone(), isLocal: false }] },
  ]);
  assert.deepEqual(condition, {
    type: 'loadbalancer.nekube.dev/Mode',
    status: 'False',
    reason: 'FallsBackToSNAT',
    message:
      `default/web:http at [fd00:96::a]:80 is balanced by dsr-geneve: ${SEVERAL}; ` +
      'default/web:http at 10.96.0.10:81 is balanced by snat: no address is known of the node of 10.244.1.2, to which Geneve would go',
  });
});

function backendAlone(): Backend {
  return { address: '10.244.1.2', port: 8080, isLocal: false, isTerminating: false, carriesPort: false };
}

test('a Service without frontends has no condition', () => {
  assert.equal(modesOf([]).condition, undefined);
});

describe('what tunnels carry', () => {
  const both = { 4: '10.2.0.2', 6: 'fd00:2::2' };
  const cases = [
    { name: 'a port in IPv4 alone', options: { nodeAddresses: both }, carries: [4], families: [4, 6] },
    {
      name: 'a port in IPv6 as well, with sources that have room for it',
      options: {
        nodeAddresses: both,
        outer: { sources: { 6: { formula: 'spread', prefix: 'fd00:9::/64' } as const } },
      },
      ...{ carries: [4, 6], families: [4, 6] },
    },
    {
      name: 'none, where identifications are fixed and sources those of others',
      options: { nodeAddresses: { 4: '10.2.0.2' }, outer: { id: 0, sources: { 6: { formula: 'katran' } as const } } },
      ...{ carries: [], families: [4] },
    },
  ];
  for (const { name, options, carries, families } of cases)
    test(name, () => {
      assert.deepEqual(tunnelAbilities({ ...OPTIONS, ...options }), { carriesPort: carries, nodeFamilies: families });
    });
});
