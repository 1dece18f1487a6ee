import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadOrCreatePki } from 'nekube/pki';
import { type ApiService, sortedGroups } from './api-service.ts';
import { registerStep } from './auto-register.ts';
import { trustData } from './cluster-trust.ts';
import { mergedGroups } from './merged-groups.ts';
import { endpointOf, type Slice } from './service-lookup.ts';
import { escapeKey } from './user-headers.ts';

const KIND = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' };

/** `GROUP/VERSION GROUP-PRIORITY VERSION-PRIORITY`, `remote` behind it for one of another server. */
function apiService(text: string): ApiService {
  const [at = '', groupPriority, versionPriority, remote] = text.split(' ');
  const [group = '', version = ''] = at.split('/');
  const spec = {
    group,
    version,
    groupPriorityMinimum: Number(groupPriority),
    versionPriority: Number(versionPriority),
    ...(remote !== undefined && { service: { namespace: 'default', name: 'it', port: 443 } }),
  };
  return { ...KIND, metadata: { name: `${version}.${group}` }, spec };
}

describe('groups and versions stand in the order of their priorities', () => {
  const cases: readonly (readonly [name: string, services: readonly string[], order: string])[] = [
    ['the highest group first', ['a/v1 10 1', 'b/v1 20 1'], 'b/v1 a/v1'],
    ['of the same by the name of the APIService', ['b/v1 10 1', 'a/v2 10 1'], 'b/v1 a/v2'],
    ['versions by their priority', ['a/v1 10 1', 'a/v2 10 5', 'a/v3 10 3'], 'a/v2 a/v3 a/v1'],
    ['versions of the same by their names', ['a/v1beta1 10 1', 'a/v1 10 1', 'a/v2 10 1'], 'a/v2 a/v1 a/v1beta1'],
    ['the highest of a group counts', ['a/v1 10 9', 'b/v1 20 1', 'a/v2 30 1'], 'a/v1 a/v2 b/v1'],
  ];
  for (const [name, services, order] of cases)
    test(name, () => {
      const groups = sortedGroups(services.map(apiService)).flat();
      assert.equal(groups.map(({ spec }) => `${spec.group}/${spec.version}`).join(' '), order);
    });
});

test('discovery has the groups of others among its own', () => {
  const version = (name: string) => ({ version: name, resources: [] });
  const own = ['', 'apiregistration.k8s.io', 'apps', 'custom'].map((group) => ({ group, versions: [version('v1')] }));
  const services = ['apps/v1 17800 1', 'metrics/v1 100 1 remote', 'custom/v2 1000 200 remote', 'gone/v1 5 5'];
  const groups = mergedGroups(own, services.map(apiService), ({ spec }) => version(spec.version));
  const shown = groups.map(({ group, versions }) => `${group}:${versions.map((v) => v.version).join()}`);
  assert.deepEqual(shown, [':v1', 'apiregistration.k8s.io:v1', 'apps:v1', 'custom:v2,v1', 'metrics:v1']);
});

describe('an APIService that the server keeps', () => {
  const desired = apiService('a/v1 1000 100');
  const managed = (service: ApiService, value: string): ApiService => ({
    ...service,
    metadata: { ...service.metadata, labels: { 'kube-aggregator.kubernetes.io/automanaged': value } },
  });
  const other = apiService('a/v1 5 5');
  const cases: readonly (readonly [string, ApiService | undefined, ApiService | undefined, string | undefined])[] = [
    ['is made', undefined, desired, 'create'],
    ['is left as it is', managed(desired, 'true'), desired, undefined],
    ['is brought back', managed(other, 'true'), desired, 'update'],
    ['goes with what it is about', managed(desired, 'true'), undefined, 'delete'],
    ['is left to who made it', other, desired, undefined],
    ['stays to who made it', other, undefined, undefined],
    ['is not one of those that are built in', managed(other, 'onstart'), undefined, undefined],
    ['that is nowhere need not go', undefined, undefined, undefined],
  ];
  for (const [name, current, wanted, step] of cases)
    test(name, () => assert.equal(registerStep(current, wanted), step));
});

describe('an endpoint of a service', () => {
  const slice = (ip: string, ready: boolean | undefined, addressType = 'IPv4', port: string | undefined = 'https') =>
    ({
      kind: 'EndpointSlice',
      metadata: {},
      addressType,
      endpoints: [{ addresses: [ip], conditions: ready === undefined ? {} : { ready } }],
      ports: [{ name: port, port: 8443 }],
    }) as unknown as Slice;
  const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: {}, spec });
  const https = { ports: [{ name: 'https', port: 443 }], ipFamilies: ['IPv6'] };
  const of = (spec: object, slices: readonly Slice[]) =>
    endpointOf(service(spec), { namespace: 'default', name: 'it', port: 443 }, slices, 0);
  test('is one that is ready, of the first family', () => {
    const slices = [slice('10.0.0.1', true), slice('fd00::2', false, 'IPv6'), slice('fd00::1', undefined, 'IPv6')];
    assert.deepEqual(of(https, slices), { host: 'fd00::1', port: 8443 });
    assert.deepEqual(of(https, slices.slice(0, 2)), { host: '10.0.0.1', port: 8443 });
  });
  const refused: readonly (readonly [string, object, readonly Slice[], RegExp])[] = [
    ['has its port', https, [slice('10.0.0.1', true, 'IPv4', 'http')], /no endpoints available for service "it"/],
    ['is ready', https, [slice('10.0.0.1', false)], /no endpoints available for service "it"/],
    ['is of a port of the service', { ports: [{ port: 80 }] }, [], /no service port 443 found for service "it"/],
    ['is nowhere else', { type: 'ExternalName' }, [], /unsupported service type "ExternalName"/],
  ];
  for (const [name, spec, slices, error] of refused) test(name, () => assert.throws(() => of(spec, slices), error));
});

test('keys of extras are escaped for the names of headers', () => {
  assert.equal(escapeKey('authentication.kubernetes.io/credential-id'), 'authentication.kubernetes.io%2Fcredential-id');
  assert.equal(escapeKey('50% ä'), '50%25%20%C3%A4');
});

test('what several servers tell of whom to trust stands side by side', () => {
  const now = new Date('2030-01-01T00:00:00Z');
  const [one, two] = [now, now].map((at) => loadOrCreatePki(undefined, { hosts: [], ips: [], now: () => at }));
  const headers = { usernameHeaders: ['X-Remote-User'], uidHeaders: [], groupHeaders: [], extraHeaderPrefixes: [] };
  const proxy = { ca: one!.frontProxy().caCert, allowedNames: ['front'], ...headers };
  const first = trustData({}, { clientCa: one!.caCert, frontProxy: proxy }, now);
  const both = trustData(first, { clientCa: two!.caCert, frontProxy: { ...proxy, allowedNames: ['other'] } }, now);
  assert.equal(both['client-ca-file'], one!.caCert + two!.caCert);
  assert.equal(both['requestheader-allowed-names'], '["front","other"]');
  assert.equal(both['requestheader-client-ca-file'], proxy.ca);
  assert.deepEqual(trustData(both, { clientCa: two!.caCert, frontProxy: undefined }, now), both);
  const broken = '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n';
  const known = { ...both, 'client-ca-file': broken + both['client-ca-file'] };
  assert.deepEqual(trustData(known, { clientCa: two!.caCert, frontProxy: undefined }, now), both);
  const later = new Date('2050-01-01T00:00:00Z');
  assert.deepEqual(trustData(both, { clientCa: '', frontProxy: undefined }, later), {});
});
