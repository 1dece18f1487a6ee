import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespacedName } from 'nekube/apimachinery';
import { clusterIpsOf, type EndpointSlice, isHeadless, type Service, serviceOf } from '../routing/service.ts';
import { answerOf, canonical, type ClusterView } from './cluster-names.ts';
import { parseName } from './names.ts';
import { type RecordData, TYPES } from './records.ts';

const zone = { zone: ['cluster', 'local'], servers: ['10.0.0.10'], ttl: 5 };
const http = [{ name: 'http', port: 80, protocol: 'TCP' as const }];

function service(name: string, spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'shop', name }, spec };
}

function slice(of: string, otherwise: Partial<EndpointSlice>): EndpointSlice {
  const metadata = { namespace: 'shop', name: `${of}-1`, labels: { 'kubernetes.io/service-name': of } };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    ports: http,
    ...otherwise,
  };
}

const services = [
  service('web', {
    clusterIP: '10.0.0.7',
    clusterIPs: ['10.0.0.7', 'fd00::7'],
    ports: [...http, { name: 'dns', port: 53, protocol: 'UDP' }, { port: 99 }],
  }),
  service('db', { clusterIP: 'None', ports: http }),
  service('empty', { clusterIP: 'None', ports: http }),
  service('elsewhere', { type: 'ExternalName', externalName: 'example.com' }),
  service('alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
];
const slices = [
  slice('db', {
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [
      { addresses: ['10.244.0.2'], hostname: 'db-0' },
      { addresses: ['10.244.0.3'], conditions: { ready: true } },
      { addresses: ['10.244.0.4'], hostname: 'db-2', conditions: { ready: false } },
    ],
  }),
  slice('db', { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::0:2'], hostname: 'db-0' }] }),
  slice('empty', { endpoints: [{ addresses: ['10.244.0.5'], conditions: { ready: false } }] }),
  slice('web', { endpoints: [{ addresses: ['10.244.0.9'] }] }),
];

const view: ClusterView = {
  service: (namespace, name) => services.find((one) => namespacedName(one.metadata) === `${namespace}/${name}`),
  hasNamespace: (namespace) => namespace === 'shop' || namespace === 'default',
  slicesOf: (one) => slices.filter((slice) => serviceOf(slice) === namespacedName(one.metadata)),
  serviceAt: (ip) => services.find((one) => clusterIpsOf(one).map(canonical).includes(ip)),
  endpointsAt: (ip) =>
    slices.flatMap((slice) => {
      const owner = services.find((one) => namespacedName(one.metadata) === serviceOf(slice))!;
      const endpoints = (slice.endpoints ?? []).filter(({ addresses }) => addresses.map(canonical).includes(ip));
      return isHeadless(owner) ? endpoints.map((endpoint) => ({ service: owner, endpoint })) : [];
    }),
};

function textOf(record: RecordData): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `${record.type} ${record.address}`;
    case 'TXT':
      return `TXT ${record.text}`;
    case 'SRV':
      return `SRV ${record.priority} ${record.weight} ${record.port} ${record.target.join('.')}`;
    case 'SOA':
      return `SOA ${record.server.join('.')}`;
    default:
      return `${record.type} ${record.target.join('.')}`;
  }
}

const NXDOMAIN = 'NXDOMAIN, SOA ns.dns.cluster.local';
const NODATA = 'NOERROR, SOA ns.dns.cluster.local';

/** What is asked, its type, and what is answered: records, or why there are none; undefined: the name is not ours. */
const cases: readonly (readonly [string, keyof typeof TYPES, readonly string[] | string | undefined])[] = [
  ['web.shop.svc.cluster.local', 'A', ['A 10.0.0.7']],
  ['WEB.Shop.svc.CLUSTER.local', 'A', ['A 10.0.0.7']],
  ['web.shop.svc.cluster.local', 'AAAA', ['AAAA fd00::7']],
  ['web.shop.svc.cluster.local', 'TXT', NODATA],
  ['web.other.svc.cluster.local', 'A', NXDOMAIN],
  ['absent.shop.svc.cluster.local', 'A', NXDOMAIN],
  ['x.web.shop.svc.cluster.local', 'A', NXDOMAIN],
  ['_http._tcp.web.shop.svc.cluster.local', 'SRV', ['SRV 0 100 80 web.shop.svc.cluster.local']],
  ['_http._tcp.web.shop.svc.cluster.local', 'A', NODATA],
  ['_tcp.web.shop.svc.cluster.local', 'SRV', NODATA],
  ['_http._udp.web.shop.svc.cluster.local', 'SRV', NXDOMAIN],
  ['_absent._tcp.web.shop.svc.cluster.local', 'SRV', NXDOMAIN],
  [
    'web.shop.svc.cluster.local',
    'SRV',
    ['SRV 0 50 80 web.shop.svc.cluster.local', 'SRV 0 50 53 web.shop.svc.cluster.local'],
  ],
  ['db.shop.svc.cluster.local', 'A', ['A 10.244.0.2', 'A 10.244.0.3']],
  ['db.shop.svc.cluster.local', 'AAAA', ['AAAA fd00::0:2']],
  ['db-0.db.shop.svc.cluster.local', 'A', ['A 10.244.0.2']],
  ['10-244-0-3.db.shop.svc.cluster.local', 'A', ['A 10.244.0.3']],
  ['db-2.db.shop.svc.cluster.local', 'A', NXDOMAIN],
  [
    '_http._tcp.db.shop.svc.cluster.local',
    'SRV',
    [
      'SRV 0 33 8080 db-0.db.shop.svc.cluster.local',
      'SRV 0 33 8080 10-244-0-3.db.shop.svc.cluster.local',
      'SRV 0 33 80 db-0.db.shop.svc.cluster.local',
    ],
  ],
  ['empty.shop.svc.cluster.local', 'A', NXDOMAIN],
  ['elsewhere.shop.svc.cluster.local', 'A', ['CNAME example.com']],
  ['elsewhere.shop.svc.cluster.local', 'CNAME', ['CNAME example.com']],
  ['alias.shop.svc.cluster.local', 'A', ['CNAME web.shop.svc.cluster.local', 'A 10.0.0.7']],
  ['10-244-0-2.shop.pod.cluster.local', 'A', ['A 10.244.0.2']],
  ['10-244-0-2.shop.pod.cluster.local', 'AAAA', NODATA],
  ['fd00--2.shop.pod.cluster.local', 'AAAA', ['AAAA fd00::2']],
  ['10-244-0-2.absent.pod.cluster.local', 'A', NXDOMAIN],
  ['10-244-0-999.shop.pod.cluster.local', 'A', NXDOMAIN],
  ['7.0.0.10.in-addr.arpa', 'PTR', ['PTR web.shop.svc.cluster.local']],
  ['2.0.244.10.in-addr.arpa', 'PTR', ['PTR db-0.db.shop.svc.cluster.local']],
  ['3.0.244.10.in-addr.arpa', 'PTR', ['PTR 10-244-0-3.db.shop.svc.cluster.local']],
  [
    '7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa',
    'PTR',
    ['PTR web.shop.svc.cluster.local'],
  ],
  ['9.0.244.10.in-addr.arpa', 'PTR', undefined],
  ['1.1.1.1.in-addr.arpa', 'PTR', undefined],
  ['10.in-addr.arpa', 'PTR', undefined],
  ['dns-version.cluster.local', 'TXT', ['TXT 1.1.0']],
  ['cluster.local', 'SOA', ['SOA ns.dns.cluster.local']],
  ['cluster.local', 'NS', ['NS ns.dns.cluster.local']],
  ['ns.dns.cluster.local', 'A', ['A 10.0.0.10']],
  ['svc.cluster.local', 'A', NODATA],
  ['shop.svc.cluster.local', 'A', NODATA],
  ['absent.svc.cluster.local', 'A', NXDOMAIN],
  ['shop.pod.cluster.local', 'A', NODATA],
  ['x.cluster.local', 'A', NXDOMAIN],
  ['example.com', 'A', undefined],
  ['example.com.shop.svc.cluster.local', 'A', NXDOMAIN],
  ['notcluster.local', 'A', undefined],
  ['local', 'A', undefined],
  ['', 'NS', undefined],
];

for (const [name, type, expected] of cases) {
  test(`${name || '.'} ${type}`, () => {
    const answer = answerOf({ name: parseName(name), type: TYPES[type] }, zone, view);
    const records = answer?.answers.map(textOf) ?? [];
    const none = answer && `${answer.code}, ${answer.authorities.map(textOf).join()}`;
    assert.deepEqual(records.length > 0 ? records : none, expected);
  });
}

test('addresses of what services are at come along', () => {
  const name = parseName('_http._tcp.web.shop.svc.cluster.local');
  const { additionals } = answerOf({ name, type: TYPES.SRV }, zone, view)!;
  assert.deepEqual(
    additionals.map((record) => [record.name.join('.'), textOf(record)]),
    [
      ['web.shop.svc.cluster.local', 'A 10.0.0.7'],
      ['web.shop.svc.cluster.local', 'AAAA fd00::7'],
    ],
  );
});
