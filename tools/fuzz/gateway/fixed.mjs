// What is there in every round: a class, services with endpoints, and secrets, good and odd.
import { generateKeyPairSync } from 'node:crypto';
import { newAuthority } from '../../../suites/gateway-envoy/authority.mjs';

const namespace = 'default';
const authority = newAuthority('fuzz');
const { cert, key } = authority.issue('shop.example', ['shop.example', '*.shop.example']);
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'k' }] });
const SHA = '{SHA}2PRZAyDhNDqRW2OUFwZQqPNdaSY=';

/** The objects. */
export const FIXED = [
  { kind: 'GatewayClass', metadata: { name: 'nekube' }, spec: { controllerName: 'nekube.dev/gateway-controller' } },
  { kind: 'Namespace', metadata: { name: namespace } },
  service('web', [{ port: 80 }, { name: 'tls', port: 8080 }, { name: 'top', port: 65_535 }], ['127.0.0.1', '::1']),
  service('grpc', [{ port: 9000, appProtocol: 'kubernetes.io/h2c' }], ['127.0.0.2']),
  service('tls', [{ port: 443, appProtocol: 'kubernetes.io/wss' }], ['127.0.0.3']),
  service('dns', [{ port: 53, protocol: 'UDP' }], ['127.0.0.4']),
  service('empty', [{ port: 80 }], []),
  service('x'.repeat(63), [{ port: 1 }], ['127.0.0.5']),
  ...slices(
    'web',
    [{ port: 80 }, { name: 'tls', port: 8080 }, { name: 'top', port: 65_535 }],
    ['127.0.0.1', '127.0.0.9'],
  ),
  ...slices('grpc', [{ port: 9000 }], ['127.0.0.2']),
  ...slices('tls', [{ port: 443 }], ['127.0.0.3']),
  ...slices('dns', [{ port: 53, protocol: 'UDP' }], ['127.0.0.4']),
  ...slices('x'.repeat(63), [{ port: 1 }], ['127.0.0.5']),
  secret('certificate', { 'tls.crt': cert, 'tls.key': key.reveal() }, 'kubernetes.io/tls'),
  secret('users', { '.htpasswd': `ann:${SHA}\nb ob:${SHA}\r\n\nü:${SHA}\n` }),
  secret('keys', { ann: 'k1', 'b.o_b-': 'k 2', c: 'ü', d: '%' }),
  secret('odd-keys', { ann: '', bob: 'k1', cat: 'k1', dan: 'a\nb', eve: '\u0000' }),
  { kind: 'ConfigMap', metadata: { name: 'ca', namespace }, data: { 'ca.crt': authority.cert } },
  { kind: 'ConfigMap', metadata: { name: 'jwks', namespace }, data: { jwks } },
  {
    kind: 'ConfigMap',
    metadata: { name: 'odd-jwks', namespace },
    data: { jwks: '{"keys":[{"kty":"RSA","n":"!","e":"AQAB"}]}' },
  },
];

function service(name, ports) {
  const named = ports.map((port) => ({ name: '', protocol: 'TCP', ...port }));
  return { kind: 'Service', metadata: { name, namespace }, spec: { ports: named, ipFamilies: ['IPv4'] } };
}

function slices(name, ports, addresses) {
  const named = ports.map((port) => ({ name: '', protocol: 'TCP', ...port }));
  const labels = { 'kubernetes.io/service-name': name };
  const endpoints = addresses.map((address, i) => ({
    addresses: [address],
    conditions: { ready: true },
    zone: `z${i}`,
  }));
  return [
    { kind: 'EndpointSlice', metadata: { name, namespace, labels }, addressType: 'IPv4', ports: named, endpoints },
  ];
}

function secret(name, texts, type = 'Opaque') {
  const data = Object.fromEntries(
    Object.entries(texts).map(([field, text]) => [field, Buffer.from(text).toString('base64')]),
  );
  return { kind: 'Secret', metadata: { name, namespace }, type, data };
}
