// Gateway API as clusters have it that are older: fewer kinds, and definitions with fewer fields. What there is is served.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start } from 'nekube/envtest';
import { GATEWAY_CLASS, gatewayDefinitions } from '../../dist/gateway/index.js';
import { addressOf, ask, freePort, gateway, key, metadata, runGateway } from './running.mjs';

/** What the standard channel of 1.2 has. */
const KINDS = ['GatewayClass', 'Gateway', 'HTTPRoute', 'GRPCRoute', 'ReferenceGrant'];
/** What has come since, by kind. */
const NEWER = {
  GatewayClass: ['status.supportedFeatures'],
  Gateway: ['spec.allowedListeners', 'spec.tls', 'spec.defaultScope', 'status.attachedListenerSets'],
  HTTPRoute: ['spec.useDefaultGateways'],
  GRPCRoute: ['spec.useDefaultGateways'],
};
const timeout = 180_000;
let env;

before(async () => {
  env = await start({ level: 'envtest', name: 'older kinds' });
  for (const definition of gatewayDefinitions('standard')) {
    const { kind } = definition.spec.names ?? {};
    if (KINDS.includes(kind)) await env.client.create(olderOf(definition, NEWER[kind] ?? []));
  }
  await env.eventually(() => env.client.create(structuredClone(GATEWAY_CLASS)), { timeoutMs: 60_000 });
});
after(() => env?.stop());

/** A definition without fields. */
function olderOf(definition, fields) {
  const older = structuredClone(definition);
  for (const { schema } of older.spec.versions) for (const field of fields) remove(schema.openAPIV3Schema, field);
  return older;
}

function remove(schema, field) {
  const [first, ...rest] = field.split('.');
  if (rest.length > 0) return remove(schema.properties[first], rest.join('.'));
  delete schema.properties?.[first];
}

test('with fewer kinds and fields gateways are served, and it is said once what there is not', {
  timeout,
}, async (t) => {
  const port = await freePort();
  await env.client.create(gateway('web', port));
  const filters = [{ type: 'RequestRedirect', requestRedirect: { statusCode: 302, hostname: 'elsewhere.example' } }];
  const spec = { parentRefs: [{ name: 'web' }], rules: [{ filters }] };
  await env.client.create({ ...metadata('HTTPRoute', 'web'), spec });
  const running = runGateway(t, env, '--addresses', '127.0.2.0/24');
  await running.ready;
  const host = await addressOf(env, 'web');
  await env.eventually(async () => assert.equal((await ask(host, port)).status, 302), { timeoutMs: 60_000 });
  const { status } = await env.client.get(metadata('HTTPRoute', 'web'), key('web'));
  assert.equal(status.parents[0].conditions.find(({ type }) => type === 'Accepted').status, 'True');
  const said = [...running.log().matchAll(/Kinds that are not installed are not served .*kinds="([^"]*)"/g)];
  assert.equal(said.length, 1, running.log());
  for (const kind of ['TCPRoute', 'XBackend', 'ClientPolicy'])
    assert.ok(said[0][1].split(', ').includes(kind), said[0][1]);
  for (const kind of KINDS) assert.ok(!said[0][1].split(', ').includes(kind), said[0][1]);
});
