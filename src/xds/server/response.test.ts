import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../codec/codec.ts';
import { Resource } from '../resources/resource.ts';
import { cluster } from '../testing/resources.ts';
import { deltaDiscoveryResponse, discoveryResponse } from './response.ts';

const NAME = 'envoy.config.route.v3.RouteConfiguration';

/** Routes of so many bytes that they are sent without being copied. */
function large(name: string): Resource {
  const virtual_hosts = Array.from({ length: 1000 }, (_, i) => ({ name: `host-${i}`, domains: [`${i}.example`] }));
  return Resource.of(NAME, { name, virtual_hosts });
}

const resources = [cluster('a', 'x'), large('b'), cluster('c', 'y'), large('d'), large('e')];
const response = { type: 'the type', nonce: '1', version: 'v', resources, removed: ['x', 'y'] };

test('what is sent in pieces is one message with all resources in their order', () => {
  const pieces = deltaDiscoveryResponse(response);
  assert.ok(pieces.length > resources.length);
  const message = decode('envoy.service.discovery.v3.DeltaDiscoveryResponse', Buffer.concat(pieces));
  assert.deepEqual(
    message.resources?.map((one) => [one.name, one.version, one.resource]),
    resources.map(({ name, version, type, message: fields }) => [name, version, { '@type': type.url, ...fields }]),
  );
  assert.deepEqual([message.nonce, message.type_url, message.removed_resources], ['1', 'the type', ['x', 'y']]);
});

test('the state of the world is the same message without names', () => {
  const message = decode('envoy.service.discovery.v3.DiscoveryResponse', Buffer.concat(discoveryResponse(response)));
  assert.deepEqual(
    message.resources,
    resources.map(({ type, message: fields }) => ({ '@type': type.url, ...fields })),
  );
});
