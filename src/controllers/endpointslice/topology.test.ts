import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, EndpointSlice } from '../services/endpoint-slice.ts';
import { cpuRatios, type Node } from './node.ts';
import { Topology } from './topology.ts';

const READY = [{ type: 'Ready', status: 'True' }];

function node(zone: string | undefined, cpu: string, more: { labels?: object; isReady?: boolean } = {}): Node {
  const labels = { ...(zone !== undefined && { 'topology.kubernetes.io/zone': zone }), ...more.labels };
  return {
    metadata: { labels: labels as Record<string, string> },
    status: { allocatable: { cpu }, conditions: more.isReady === false ? [] : READY },
  };
}

test('zones have their part of the CPUs of nodes that are ready and for pods', () => {
  const controlPlane = node(undefined, '8', { labels: { 'node-role.kubernetes.io/control-plane': '' } });
  const nodes = [node('a', '3'), node('b', '500m'), node('b', '500m'), node(undefined, '4', { isReady: false })];
  assert.deepEqual(
    cpuRatios([...nodes, controlPlane]),
    new Map([
      ['a', 0.75],
      ['b', 0.25],
    ]),
  );
});

test('where a node does not tell its zone or its CPUs, or there is one zone, nobody can say', () => {
  for (const nodes of [[node('a', '1'), node(undefined, '1')], [node('a', '1'), node('b', '0')], [node('a', '1')], []])
    assert.equal(cpuRatios(nodes), undefined);
});

/** Endpoints by their zones, as `a a b`; one that is not ready has a `-`. */
function slice(zones: string): EndpointSlice {
  const endpoints = zones.split(' ').map((word): Endpoint => {
    const zone = word.replace('-', '');
    return { addresses: [], conditions: { ready: !word.endsWith('-') }, ...(zone !== '?' && { zone }) };
  });
  return { metadata: {}, addressType: 'IPv4', endpoints, ports: [] };
}

function hintsOf({ endpoints }: EndpointSlice): string {
  return (endpoints ?? []).map(({ hints }) => hints?.forZones?.map(({ name }) => name).join() ?? '-').join(' ');
}

const ENABLED = 'Topology Aware Hints has been enabled';
const cases: readonly {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly zones: string;
  readonly hints: string;
  readonly told: string;
}[] = [
  {
    name: 'endpoints are for their own zones where these have their share',
    nodes: [node('a', '1'), node('b', '1')],
    zones: 'a b',
    hints: 'a b',
    told: ENABLED,
  },
  {
    name: 'a zone with too many gives one to a zone with too few',
    nodes: [node('a', '1'), node('b', '1')],
    zones: 'a a a b a-',
    hints: 'b a a b -',
    told: ENABLED,
  },
  {
    name: 'there are fewer endpoints than zones',
    nodes: [node('a', '1'), node('b', '1')],
    zones: 'a b-',
    hints: '- -',
    told: 'Insufficient number of endpoints (1 endpoints, 2 zones)',
  },
  {
    name: 'some zone would be overloaded',
    nodes: [node('a', '1'), node('b', '1'), node('c', '1')],
    zones: 'a a a b',
    hints: '- - - -',
    told: 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)',
  },
  {
    name: 'an endpoint is in no zone',
    nodes: [node('a', '1'), node('b', '1')],
    zones: 'a b a ?',
    hints: '- - - -',
    told: 'One or more endpoints do not have a zone specified',
  },
  {
    name: 'nobody knows the nodes',
    nodes: [],
    zones: 'a b',
    hints: '- -',
    told: 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
  },
];

for (const { name, nodes, zones, hints, told } of cases)
  test(name, () => {
    const topology = new Topology();
    topology.setNodes(nodes);
    const { slices, events } = topology.addHints('default/web', 'IPv4', {
      create: [slice(zones)],
      update: [],
      unchanged: [],
    });
    assert.equal(slices.create.map(hintsOf).join(), hints);
    assert.deepEqual(
      events.map(({ message }) => message),
      [`${told}, addressType: IPv4`],
    );
  });

test('hints are told of once, and once when they go; slices whose hints are right are not written', () => {
  const topology = new Topology();
  topology.setNodes([node('a', '1'), node('b', '1')]);
  const first = topology.addHints('default/web', 'IPv4', { create: [slice('a b')], update: [], unchanged: [] });
  const again = topology.addHints('default/web', 'IPv4', { create: [], update: [], unchanged: first.slices.create });
  assert.deepEqual(again, { slices: { create: [], update: [], unchanged: first.slices.create }, events: [] });
  assert.deepEqual(topology.setNodes([node('a', '1'), node('b', '1'), node('c', '1')]), ['default/web']);
  assert.equal(topology.dropHints('default/web', 'IPv4').length, 1);
  assert.deepEqual(topology.dropHints('default/web', 'IPv4'), []);
  assert.deepEqual(topology.setNodes([]), []);
});
