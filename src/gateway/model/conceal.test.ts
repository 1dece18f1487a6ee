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
