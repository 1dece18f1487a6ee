import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayState } from '../model/index.ts';
import type { Condition } from './condition.ts';
import type { Statuses } from './statuses.ts';
import { type AssignedAddresses, type PlaneReport, withPlaneState } from './with-plane-state.ts';

const accepted = (generation: number): Condition => ({
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: 'valid',
  observedGeneration: generation,
});
const broken: Condition = { type: 'Programmed', status: 'False', reason: 'Invalid', message: 'no certificate' };

const statuses: Statuses = {
  gatewayClasses: new Map(),
  gateways: new Map([
    [
      'a/gw',
      {
        conditions: [accepted(3)],
        attachedListenerSets: 1,
        listeners: [
          { name: 'http', supportedKinds: [], attachedRoutes: 1, conditions: [accepted(3)] },
          { name: 'https', supportedKinds: [], attachedRoutes: 0, conditions: [accepted(3), broken] },
        ],
      },
    ],
  ]),
  listenerSets: new Map([
    [
      'a/set',
      {
        gateway: 'a/gw',
        conditions: [accepted(1)],
        listeners: [{ name: 'more', supportedKinds: [], attachedRoutes: 0, conditions: [accepted(1)] }],
      },
    ],
  ]),
  httpRoutes: new Map([
    ['a/good', { parents: [{ parentRef: { name: 'gw' }, controllerName: 'c', conditions: [accepted(1)] }] }],
    ['a/bad', { parents: [{ parentRef: { name: 'gw' }, controllerName: 'c', conditions: [accepted(2)] }] }],
  ]),
  grpcRoutes: new Map(),
  tlsRoutes: new Map(),
  tcpRoutes: new Map(),
  udpRoutes: new Map(),
  backendTlsPolicies: new Map(),
  clientPolicies: new Map(),
  backendPolicies: new Map(),
  securityPolicies: new Map(),
  xBackends: new Map(),
  xBackendTrafficPolicies: new Map(),
  xTelemetryPolicies: new Map(),
};

const ADDRESS: AssignedAddresses = { addresses: [{ type: 'IPAddress', value: '127.0.0.2' }] };

interface Said extends Partial<GatewayState> {
  readonly ready?: boolean;
  readonly addresses?: AssignedAddresses;
  readonly unsupported?: PlaneReport['unsupported'];
}

function told({
  ready = true,
  programmed = true,
  refusals = [],
  addresses = ADDRESS,
  unsupported = [],
}: Said): Statuses {
  return withPlaneState(statuses, {
    state: { ready, gateways: new Map([['a/gw', { programmed, refusals }]]) },
    unsupported,
    addresses: new Map([['a/gw', addresses]]),
  });
}

function programmed(conditions: readonly Condition[] | undefined): string {
  const found = conditions?.find(({ type }) => type === 'Programmed');
  return found === undefined ? 'none' : `${found.status} ${found.reason}`;
}

/** Of the Gateway, its listeners, the ListenerSet and its listener. */
function summary({ gateways, listenerSets }: Statuses): string[] {
  const [gateway, set] = [gateways.get('a/gw'), listenerSets.get('a/set')];
  return [
    gateway?.conditions,
    ...(gateway?.listeners.map(({ conditions }) => conditions) ?? []),
    set?.conditions,
    ...(set?.listeners.map(({ conditions }) => conditions) ?? []),
  ].map(programmed);
}

const cases: readonly (readonly [name: string, said: Said, expected: readonly string[]])[] = [
  [
    'what the data plane serves is programmed, but for listeners that cannot be',
    {},
    ['True Programmed', 'True Programmed', 'False Invalid', 'True Programmed', 'True Programmed'],
  ],
  [
    'without a data plane all is pending',
    { ready: false },
    ['False Pending', 'False Pending', 'False Invalid', 'False ParentNotProgrammed', 'False Pending'],
  ],
  [
    'what the data plane has not acknowledged is pending',
    { programmed: false },
    ['False Pending', 'False Pending', 'False Invalid', 'False ParentNotProgrammed', 'False Pending'],
  ],
  [
    'a gateway without an address is not programmed',
    { addresses: { addresses: [] } },
    ['False AddressNotAssigned', 'False Pending', 'False Invalid', 'False ParentNotProgrammed', 'False Pending'],
  ],
  [
    'nor is one whose address cannot be used',
    { addresses: { ...ADDRESS, problem: { reason: 'AddressNotUsable', message: '192.0.2.1 is not of this machine' } } },
    ['False AddressNotUsable', 'False Pending', 'False Invalid', 'False ParentNotProgrammed', 'False Pending'],
  ],
  [
    'a refused listener is invalid, and its gateway, but not the other listeners',
    {
      refusals: [
        { source: { kind: 'Gateway', namespace: 'a', name: 'gw', sectionName: 'http' }, message: 'port in use' },
      ],
    },
    ['False Invalid', 'False Invalid', 'False Invalid', 'True Programmed', 'True Programmed'],
  ],
  [
    'what is refused of something without a status is told by the gateway',
    { refusals: [{ source: { kind: 'Service', namespace: 'a', name: 'web' }, message: 'bad cluster' }] },
    ['False Invalid', 'True Programmed', 'False Invalid', 'True Programmed', 'True Programmed'],
  ],
];
for (const [name, said, expected] of cases) {
  test(name, () => {
    assert.deepEqual(summary(told(said)), expected);
  });
}

test('a refused route says so, with the words of the data plane; others are left', () => {
  const source = { kind: 'HTTPRoute', namespace: 'a', name: 'bad', rule: 1 };
  const { httpRoutes, gateways } = told({ refusals: [{ source, message: 'regex too large' }] });
  assert.equal(httpRoutes.get('a/good'), statuses.httpRoutes.get('a/good'));
  assert.deepEqual(httpRoutes.get('a/bad')?.parents[0]?.conditions.at(-1), {
    type: 'Programmed',
    status: 'False',
    reason: 'Invalid',
    message: 'the data plane refused it, and serves what was before: rules[1]: regex too large',
    observedGeneration: 2,
  });
  assert.equal(programmed(gateways.get('a/gw')?.conditions), 'True Programmed');
});

test('what a data plane cannot do is told where it was asked for', () => {
  const source = { kind: 'HTTPRoute', namespace: 'a', name: 'bad', rule: 0 };
  const { httpRoutes } = told({ unsupported: [{ source, message: 'JWT is not supported: use Envoy' }] });
  const [, condition] = httpRoutes.get('a/bad')?.parents[0]?.conditions ?? [];
  assert.deepEqual(
    [condition?.type, condition?.status, condition?.message],
    ['nekube.dev/Supported', 'False', 'rules[0]: JWT is not supported: use Envoy'],
  );
});

test('addresses are told, and without refusals routes are the same objects', () => {
  const after = told({});
  assert.deepEqual(after.gateways.get('a/gw')?.addresses, ADDRESS.addresses);
  assert.equal(after.httpRoutes, statuses.httpRoutes);
});

test('a set of listeners of a gateway that is none of ours waits', () => {
  const set = statuses.listenerSets.get('a/set')!;
  const lonely = { ...statuses, listenerSets: new Map([['a/set', { ...set, gateway: 'a/other' }]]) };
  const report = { state: { ready: true, gateways: new Map() }, unsupported: [], addresses: new Map() };
  const { conditions } = withPlaneState(lonely, report).listenerSets.get('a/set')!;
  assert.equal(programmed(conditions), 'False ParentNotProgrammed');
});
