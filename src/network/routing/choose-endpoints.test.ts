import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEndpoints, type ClientPlace, type RouteEndpoint } from './choose-endpoints.ts';

/** `a` is ready on node n1, in zone z1; what is said is otherwise. */
function endpoint(ip: string, otherwise: Partial<RouteEndpoint> = {}): RouteEndpoint {
  const ready = { ready: true, serving: true, terminating: false };
  return { ip, port: 80, ...ready, node: 'n1', zones: [], nodes: [], ...otherwise };
}

const unready = { ready: false, serving: false };
const ending = { ready: false, serving: true, terminating: true };
const gone = { ready: false, serving: false, terminating: true };

interface Case {
  readonly name: string;
  readonly endpoints: readonly RouteEndpoint[];
  readonly onlyLocal?: boolean;
  readonly client?: ClientPlace;
  readonly chosen: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'all that are ready', endpoints: [endpoint('a'), endpoint('b', unready), endpoint('c')], chosen: ['a', 'c'] },
  { name: 'none of none', endpoints: [], chosen: [] },
  { name: 'none that is not ready', endpoints: [endpoint('a', unready)], chosen: [] },
  {
    name: 'what ends is not taken while another is ready',
    endpoints: [endpoint('a', ending), endpoint('b')],
    chosen: ['b'],
  },
  {
    name: 'what ends and serves is taken if nothing is ready',
    endpoints: [endpoint('a', ending), endpoint('b', gone)],
    chosen: ['a'],
  },
  {
    name: 'what serves is not taken where it is not ready and does not end',
    endpoints: [endpoint('a', { ready: false, serving: true })],
    chosen: [],
  },
  {
    name: 'hints do not count by a local policy',
    endpoints: [endpoint('a', { zones: ['z1'] }), endpoint('b', { zones: ['z2'] })],
    onlyLocal: true,
    client: { node: 'n1', zone: 'z2' },
    chosen: ['a', 'b'],
  },
  {
    name: 'only those on the client’s node by a local policy',
    endpoints: [endpoint('a'), endpoint('b', { node: 'n2' })],
    onlyLocal: true,
    client: { node: 'n2' },
    chosen: ['b'],
  },
  {
    name: 'no endpoint of another node by a local policy, also if there is none here',
    endpoints: [endpoint('a')],
    onlyLocal: true,
    client: { node: 'n2' },
    chosen: [],
  },
  {
    name: 'one that ends here rather than one that is ready elsewhere, by a local policy',
    endpoints: [endpoint('a', ending), endpoint('b', { node: 'n2' })],
    onlyLocal: true,
    client: { node: 'n1' },
    chosen: ['a'],
  },
  {
    name: 'a client beside the nodes is local to each, and to no endpoint outside',
    endpoints: [endpoint('a'), endpoint('b', { node: 'n2' }), endpoint('c', { node: undefined } as never)],
    onlyLocal: true,
    chosen: ['a', 'b'],
  },
  {
    name: 'those for the zone if all have hints',
    endpoints: [endpoint('a', { zones: ['z1'] }), endpoint('b', { zones: ['z2', 'z3'] })],
    client: { node: 'n1', zone: 'z3' },
    chosen: ['b'],
  },
  {
    name: 'all if one has no hint for a zone',
    endpoints: [endpoint('a', { zones: ['z1'] }), endpoint('b')],
    client: { node: 'n1', zone: 'z1' },
    chosen: ['a', 'b'],
  },
  {
    name: 'all if none is for the zone',
    endpoints: [endpoint('a', { zones: ['z1'] }), endpoint('b', { zones: ['z2'] })],
    client: { zone: 'z9' },
    chosen: ['a', 'b'],
  },
  {
    name: 'hints of those that are not ready do not count',
    endpoints: [endpoint('a', { zones: ['z1'] }), endpoint('b', { zones: ['z2'] }), endpoint('c', unready)],
    client: { zone: 'z1' },
    chosen: ['a'],
  },
  {
    name: 'those for the node before those for the zone',
    endpoints: [endpoint('a', { zones: ['z1'], nodes: ['n1'] }), endpoint('b', { zones: ['z1'], nodes: ['n2'] })],
    client: { node: 'n2', zone: 'z1' },
    chosen: ['b'],
  },
  {
    name: 'those for the zone if none is for the node',
    endpoints: [endpoint('a', { zones: ['z1'], nodes: ['n1'] }), endpoint('b', { zones: ['z2'], nodes: ['n2'] })],
    client: { node: 'n3', zone: 'z2' },
    chosen: ['b'],
  },
];

for (const { name, endpoints, onlyLocal = false, client = {}, chosen } of cases) {
  test(`takes ${name}`, () => {
    assert.deepEqual(
      chooseEndpoints(endpoints, { onlyLocal, client }).map(({ ip }) => ip),
      chosen,
    );
  });
}
