import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressEntry, routeAddresses, wantedClusterIp } from './routable-addresses.ts';

const SERVICE = { clusterIps: ['10.96.0.7'], leadsHere: true };
const cases: readonly {
  readonly name: string;
  readonly entries: readonly AddressEntry[];
  readonly given?: readonly string[];
  readonly service?: typeof SERVICE;
  readonly told: readonly string[];
  readonly missing?: RegExp;
}[] = [
  { name: 'without entries what is given is told, with an empty routability', entries: [], told: ['10.0.0.1 '] },
  { name: 'an entry of any value has what is given', entries: [{ value: '' }], told: ['10.0.0.1 '] },
  {
    name: 'a ClusterIP is that of the Service, and what is listened on is not told',
    entries: [{ type: 'IPAddress', routability: 'Cluster' }],
    told: ['10.96.0.7 Cluster'],
  },
  {
    name: 'both kinds are told in the order of the entries',
    entries: [{ routability: 'Cluster' }, {}],
    told: ['10.96.0.7 Cluster', '10.0.0.1 '],
  },
  {
    name: 'who names a value has it before who takes any',
    entries: [{}, { value: '10.0.0.1' }],
    given: ['10.0.0.1', '10.0.0.2'],
    told: ['10.0.0.2 ', '10.0.0.1 '],
  },
  {
    name: 'what conformance tests ask for is told as it was asked',
    entries: [{ routability: 'testing.x-k8s.io/sentinel' }],
    told: ['10.0.0.1 testing.x-k8s.io/sentinel'],
  },
  {
    name: 'a routability that is not known is nothing else instead',
    entries: [{ routability: 'testing.x-k8s.io/other' }, {}],
    told: ['10.0.0.1 '],
    missing: /^spec\.addresses\[0\]: routability testing\.x-k8s\.io\/other is not known/,
  },
  {
    name: 'a ClusterIP that the Service has not is missing',
    entries: [{ routability: 'Cluster', value: '10.96.0.9' }],
    told: [],
    missing: /its Service has 10\.96\.0\.7: 10\.96\.0\.9 must be free/,
  },
  {
    name: 'a second ClusterIP is missing',
    entries: [{ routability: 'Cluster' }, { routability: 'Cluster' }],
    told: ['10.96.0.7 Cluster'],
    missing: /^spec\.addresses\[1\]: its Service has 10\.96\.0\.7 and no more/,
  },
  {
    name: 'a Service that leads nowhere has no address that could be reached',
    entries: [{ routability: 'Cluster' }],
    given: ['127.0.2.1'],
    service: { clusterIps: ['10.96.0.7'], leadsHere: false },
    told: [],
    missing: /pods do not reach what the Gateway listens on \(127\.0\.2\.1\)/,
  },
  {
    name: 'a Service that is not there yet has no address yet',
    entries: [{ routability: 'Cluster' }],
    service: { clusterIps: [], leadsHere: true },
    told: [],
    missing: /has no ClusterIP yet/,
  },
];

for (const { name, entries, given = ['10.0.0.1'], service = SERVICE, told, missing } of cases) {
  test(name, () => {
    const routed = routeAddresses(entries, { addresses: given }, service);
    assert.deepEqual(
      routed.addresses.map(({ value, routability }) => `${value} ${routability}`),
      told,
    );
    if (missing === undefined) assert.deepEqual(routed.missing, []);
    else assert.match(routed.missing.join('; '), missing);
    assert.equal(routed.addresses.length + routed.missing.length, Math.max(entries.length, routed.addresses.length));
  });
}

test('a Service is asked to have the ClusterIP that an entry names', () => {
  assert.equal(wantedClusterIp([{ value: '10.0.0.1' }, { routability: 'Cluster', value: '10.96.0.9' }]), '10.96.0.9');
  assert.equal(wantedClusterIp([{ routability: 'Cluster' }]), undefined);
});
