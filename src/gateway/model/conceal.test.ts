import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concealed } from './conceal.ts';
import type { GatewayModel } from './model.ts';
import { PrivateText } from './private-text.ts';

test('no private text of a concealed model can be revealed, wherever it stands', () => {
  const secret = new PrivateText('the key');
  const model = {
    gateways: [{ listeners: [{ settings: { basicAuth: { users: secret }, apiKeys: { keys: { one: secret } } } }] }],
    secrets: new Map([['a', { privateKey: secret }]]),
  } as unknown as GatewayModel;
  const found: string[] = [];
  const reveal = (value: unknown): void => {
    if (value instanceof PrivateText) found.push(value.reveal());
    else if (value instanceof Map) for (const one of value.values()) reveal(one);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) reveal(one);
  };
  reveal(concealed(model));
  assert.deepEqual(found, ['[redacted]', '[redacted]', '[redacted]']);
  assert.equal(secret.reveal(), 'the key');
});

test('what is secret in a set of keys is hidden, and the rest of it stays', () => {
  const jwks = '{"keys": [{"kty": "oct", "kid": "k", "k": "c2VjcmV0"}, {"kty":"RSA","n":"bg","e":"AQAB","d" : "ZA"}]}';
  const model = { providers: [{ keys: { type: 'Local', jwks } }], regex: '"k": "c2VjcmV0"' };
  const { providers, regex } = concealed(model as unknown as GatewayModel) as unknown as typeof model;
  const shown =
    '{"keys": [{"kty": "oct", "kid": "k", "k": "[redacted]"}, {"kty":"RSA","n":"bg","e":"AQAB","d" : "[redacted]"}]}';
  assert.deepEqual([providers[0]!.keys.jwks, regex], [shown, '"k": "c2VjcmV0"']);
});
