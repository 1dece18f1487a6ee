import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyOf, decode, encode, encodeAs, enumNumber } from './codec.ts';
import { sampleMessage } from '../testing/sample.ts';
import { messageNames } from './registry.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const METADATA = 'envoy.config.core.v3.Metadata';

const ENCODED: readonly (readonly [why: string, name: string, message: unknown, bytes: string])[] = [
  ['a text', CLUSTER, { name: 'a' }, '0a0161'],
  ['no zeros and no nulls', CLUSTER, { name: '', lb_policy: 'ROUND_ROBIN', alt_stat_name: null }, ''],
  ['a zero of a oneof', CLUSTER, { type: 'STATIC' }, '1000'],
  ['fields by their numbers', CLUSTER, { connect_timeout: '1.5s', type: 'EDS' }, '1003220808011080cab5ee01'],
  ['names in lowerCamelCase', CLUSTER, { connectTimeout: '0.000000001s' }, '22021001'],
  ['an empty message', 'envoy.config.core.v3.ConfigSource', { ads: {} }, '1a00'],
  ['a wrapper with zero', 'envoy.config.route.v3.WeightedCluster.ClusterWeight', { weight: 0 }, '1200'],
  ['a map by its keys', METADATA, { filter_metadata: { b: {}, a: {} } }, '0a050a016112000a050a01621200'],
  ['a struct', METADATA, { filter_metadata: { a: { n: 1 } } }, '0a150a016112100a0e0a016e120911000000000000f03f'],
  ['packed numbers', 'envoy.config.accesslog.v3.GrpcStatusFilter', { statuses: ['OK', 'CANCELED'] }, '0a020001'],
];

for (const [why, name, message, bytes] of ENCODED) {
  test(`encodes ${why}`, () => assert.equal(hex(encodeAs(name, message)), bytes));
}

const ROUTES = 'envoy.config.route.v3.RouteConfiguration';
const REFUSED: readonly (readonly [why: string, message: unknown, error: string])[] = [
  [
    'a field that there is not, by its path',
    { virtual_hosts: [{ routes: [{}, { route: { clutser: 'a' } }] }] },
    'virtual_hosts[0].routes[1].route: envoy.config.route.v3.RouteAction has no field "clutser"',
  ],
  ['a wrong kind', { name: 3 }, 'name: must be a text, but is 3'],
  [
    'two of a oneof',
    { virtual_hosts: [{ routes: [{ route: { cluster: 'a', cluster_header: 'b' } }] }] },
    'virtual_hosts[0].routes[0].route: one of cluster_specifier may be set, but cluster and cluster_header are',
  ],
  ['a field by both its names', { virtual_hosts: [], virtualHosts: [] }, 'virtual_hosts is given twice'],
  [
    'a duration without its unit',
    { virtual_hosts: [{ routes: [{ route: { timeout: '5' } }] }] },
    'virtual_hosts[0].routes[0].route.timeout: must be seconds as "1.5s", but is "5"',
  ],
  [
    'a message that is not known',
    { virtual_hosts: [{ typed_per_filter_config: { f: { '@type': 'a/b.C' } } }] },
    'virtual_hosts[0].typed_per_filter_config["f"]["@type"]: no message "b.C" is known',
  ],
  ['a list that is none', { virtual_hosts: {} }, 'virtual_hosts: must be a list, but is an object'],
  [
    'an enum value that there is not',
    { virtual_hosts: [{ require_tls: 'YES' }] },
    'virtual_hosts[0].require_tls: must be one of NONE, EXTERNAL_ONLY, ALL (envoy.config.route.v3.VirtualHost.TlsRequirementType), but is "YES"',
  ],
  [
    'a number out of range',
    { most_specific_header_mutations_wins: false, max_direct_response_body_size_bytes: -1 },
    'max_direct_response_body_size_bytes: must be an uint32, but is -1',
  ],
];

for (const [why, message, text] of REFUSED) {
  test(`refuses ${why}`, () =>
    assert.throws(() => encodeAs(ROUTES, message), { name: 'ResourceError', message: text }));
}

test('an Any has the fields of its message beside its type, or their value, or bytes', () => {
  const configs = [
    anyOf('envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes: 1 }),
    { '@type': 'type.googleapis.com/google.protobuf.StringValue', value: 'a' },
    { '@type': 'type.googleapis.com/google.protobuf.Empty' },
    { '@type': 'type.googleapis.com/of.somebody.Else', '@bytes': 'CgE=' },
  ];
  for (const typed_config of configs) {
    const bytes = encode('envoy.config.core.v3.TypedExtensionConfig', { typed_config });
    assert.deepEqual(decode('envoy.config.core.v3.TypedExtensionConfig', bytes), { typed_config });
  }
});

test('integers of 64 bits are exact, as texts', () => {
  const name = 'envoy.config.core.v3.SocketOption';
  for (const level of ['9223372036854775807', '-9223372036854775808'])
    assert.deepEqual(decode(name, encode(name, { level })), { level });
  assert.throws(() => encode(name, { level: 2 ** 60 }), /level: must be an int64/);
});

test('messages that hold themselves too often are refused, and the next one is not', () => {
  let permission: object = { any: true };
  for (let i = 0; i < 200; i++) permission = { not_rule: permission };
  const name = 'envoy.config.rbac.v3.Permission';
  assert.throws(() => encodeAs(name, permission), /nested deeper than 100 messages/);
  assert.equal(hex(encodeAs(name, { any: true })), '1801');
});

test('what is written is read again, whatever message it is', () => {
  const names = messageNames();
  assert.ok(names.length > 1000);
  for (const [seed, name] of names.entries()) {
    const message = sampleMessage(name, seed);
    const bytes = encodeAs(name, message);
    const again = decode(name as 'envoy.config.route.v3.Route', bytes);
    assert.deepEqual(again, message, `${name} of seed ${seed}`);
    assert.equal(hex(encodeAs(name, again)), hex(bytes));
  }
});

test('the number of a value that has a name, or none, of an enum', () => {
  const status = 'envoy.type.v3.StatusCode';
  assert.deepEqual(
    ['Forbidden', 299, undefined, 'NoSuch'].map((value) => enumNumber(status, value)),
    [403, 299, 0, 0],
  );
});
