import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact } from './redact.ts';

test('private keys and passwords are not shown, and what stands beside them is', () => {
  const secret = (name: string) => ({ name, tls_certificate: { private_key: { inline_string: 'the key' } } });
  assert.deepEqual(redact('envoy.extensions.transport_sockets.tls.v3.Secret', secret('a')), {
    name: 'a',
    tls_certificate: { private_key: { inline_string: '[redacted]' } },
  });
});

test('fields that say nothing stay as they are', () => {
  const message = { name: null, tls_certificate: undefined };
  assert.deepEqual(redact('envoy.extensions.transport_sockets.tls.v3.Secret', message), message);
});

test('what is secret in a set of keys is not shown', () => {
  const provider = (k: string) => ({
    issuer: 'me',
    local_jwks: { inline_string: `{"keys": [{"kty": "oct", "kid": "one", "k": "${k}"}]}` },
  });
  const name = 'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider';
  assert.deepEqual(redact(name, provider('c2VjcmV0')), provider('[redacted]'));
  const any = { '@type': `type.googleapis.com/${name}`, ...provider('c2VjcmV0') };
  const filter = { name: 'jwt', typed_config: any };
  assert.deepEqual(redact('envoy.config.core.v3.TypedExtensionConfig', filter), {
    ...filter,
    typed_config: { ...any, ...provider('[redacted]') },
  });
});
