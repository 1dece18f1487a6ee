import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../routing/service.ts';
import { type BalancerPlan, CLEANUP_FINALIZER, planBalancer } from './plan-balancer.ts';

/** A service of the type LoadBalancer; with an address and the finalizer if it is told one. */
function service(ip?: string, otherwise: { spec?: Service['spec']; metadata?: object } = {}): Service {
  const held = ip === undefined ? {} : { finalizers: [CLEANUP_FINALIZER] };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: 'web', ...held, ...otherwise.metadata },
    spec: { type: 'LoadBalancer', ...otherwise.spec },
    status: { loadBalancer: ip === undefined ? {} : { ingress: [{ ip }] } },
  };
}

const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };

interface Case {
  readonly name: string;
  readonly of: Service;
  readonly taken?: readonly string[];
  readonly range?: string;
  readonly plan: BalancerPlan;
}

const cases: readonly Case[] = [
  {
    name: 'gets the first address that is free',
    of: service(),
    taken: ['10.1.0.1'],
    plan: { do: 'ensure', ip: '10.1.0.2' },
  },
  { name: 'keeps what it has', of: service('10.1.0.5'), plan: { do: 'nothing' } },
  {
    name: 'gets another if the one it has is another’s',
    of: service('10.1.0.1'),
    taken: ['10.1.0.1'],
    plan: { do: 'ensure', ip: '10.1.0.2' },
  },
  {
    name: 'gets another if the one it has is of another range',
    of: service('10.9.0.1'),
    plan: { do: 'ensure', ip: '10.1.0.1' },
  },
  {
    name: 'keeps its address without the finalizer, and gets that',
    of: service('10.1.0.5', { metadata: { finalizers: [] } }),
    plan: { do: 'ensure', ip: '10.1.0.5' },
  },
  {
    name: 'gets the address that it asks for',
    of: service(undefined, { spec: { loadBalancerIP: '10.1.0.4' } }),
    plan: { do: 'ensure', ip: '10.1.0.4' },
  },
  {
    name: 'is refused one that is another’s',
    of: service(undefined, { spec: { loadBalancerIP: '10.1.0.4' } }),
    taken: ['10.1.0.4'],
    plan: { do: 'refuse', why: "10.1.0.4 is another service's" },
  },
  {
    name: 'is refused one of another range',
    of: service(undefined, { spec: { loadBalancerIP: '1.1.1.1' } }),
    plan: { do: 'refuse', why: '1.1.1.1 is not of 10.1.0.0/29' },
  },
  {
    name: 'is refused if all are taken',
    of: service(),
    taken: [1, 2, 3, 4, 5, 6].map((i) => `10.1.0.${i}`),
    plan: { do: 'refuse', why: 'all addresses of 10.1.0.0/29 are taken' },
  },
  {
    name: 'shares the only address that there is',
    of: service(),
    range: '127.0.0.1/32',
    taken: ['127.0.0.1'],
    plan: { do: 'ensure', ip: '127.0.0.1' },
  },
  { name: 'that goes lets its balancer go', of: service('10.1.0.1', { metadata: going }), plan: { do: 'remove' } },
  {
    name: 'that goes and never had one is left alone',
    of: service(undefined, { metadata: going }),
    plan: { do: 'nothing' },
  },
  {
    name: 'that became another type lets its balancer go',
    of: service('10.1.0.1', { spec: { type: 'ClusterIP' } }),
    plan: { do: 'remove' },
  },
  {
    name: 'of a class is somebody else’s',
    of: service(undefined, { spec: { type: 'LoadBalancer', loadBalancerClass: 'x' } }),
    plan: { do: 'nothing' },
  },
  {
    name: 'of another type is left alone',
    of: service(undefined, { spec: { type: 'NodePort' } }),
    plan: { do: 'nothing' },
  },
];

for (const { name, of, taken = [], range = '10.1.0.0/29', plan } of cases) {
  test(`a service ${name}`, () => assert.deepEqual(planBalancer(of, range, new Set(taken)), plan));
}
