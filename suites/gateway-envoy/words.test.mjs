// Envoy knows the words that policies may have: operators of access logs, and cipher suites.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceBuilder, staticBootstrap, validate } from '../../dist/gateway/envoy/index.js';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { TLS_CIPHERS } from '../../dist/gateway/model/tls-ciphers.js';
import * as operators from '../../dist/gateway/policies/log-operators.js';
import { newAuthority } from './authority.mjs';
import { envoy, httpListener, modelOf, skip } from './world.mjs';

const { cert, key } = newAuthority('it').issue('shop.example', ['shop.example']);
const secrets = { it: { kind: 'certificate', name: 'it', chain: cert, privateKey: key } };

function refusal(folder, { text = '', ciphers = TLS_CIPHERS }) {
  const accessLogs = [{ sink: { type: 'File', path: '/dev/null' }, format: { text } }];
  const chain = { tls: { certificates: ['it'], ciphers } };
  const model = modelOf({ listeners: [httpListener(1, [], { settings: { accessLogs }, chain })], secrets });
  const resources = new ResourceBuilder({ anyAddress: '0.0.0.0', systemCa: '/etc/ssl/certs/ca-certificates.crt' });
  return validate(envoy, staticBootstrap(resources.build(model)), folder);
}

test('words of policies that Envoy knows', { skip, timeout: 180_000 }, async (t) => {
  const folder = makeTemporaryFolder('nekube-gateway-words');
  t.after(() => removeTemporaryFolder(folder));
  const all = [
    ...operators.PLAIN_OPERATORS.map((name) => `%${name}%`),
    ...operators.OPERATORS_OF_SOMETHING.map((name) => `%${name}(X)%`),
    ...operators.OPERATORS_WITH_A_FORM.flatMap((name) => [`%${name}%`, `%${name}(X)%`]),
    ...operators.OPERATORS_WITH_A_LENGTH.map((name) => `%${name}:5%`),
  ];
  assert.equal(await refusal(folder, { text: all.join(' ') }), undefined);
  assert.match(await refusal(folder, { text: '%NONSENSE%' }), /NONSENSE/);
  assert.match(await refusal(folder, { ciphers: ['nonsense'] }), /cipher suites nonsense/);
});
