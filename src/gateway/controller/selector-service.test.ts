import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorChange, selectorServiceOf } from './selector-service.ts';

const backendOf = (spec: object, name = 'pods') =>
  ({
    metadata: { name, namespace: 'shop', uid: 'u' },
    spec: { type: 'EndpointSelector', port: { number: 8080 }, ...spec },
  }) as never;
const selecting = (matchLabels: object, number = 8080) =>
  selectorServiceOf(backendOf({ endpointSelector: { matchLabels }, port: { number } }))!;

test('the Service of an XBackend has no address, no name of its own, and goes with it', () => {
  assert.deepEqual(selecting({ app: 'web' }), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      generateName: 'pods-',
      namespace: 'shop',
      labels: { 'gateway.nekube.dev/xbackend': 'pods' },
      ownerReferences: [
        {
          apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
          kind: 'XBackend',
          name: 'pods',
          uid: 'u',
          controller: true,
        },
      ],
    },
    spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 8080 }] },
  });
});

test('an XBackend of a long name has a label that is none too long', () => {
  const { metadata } = selectorServiceOf(
    backendOf({ endpointSelector: { matchLabels: { a: 'b' } } }, 'x'.repeat(200)),
  )!;
  assert.ok(metadata.labels!['gateway.nekube.dev/xbackend']!.length <= 63);
  assert.ok(metadata.generateName!.length <= 58);
});

test('an XBackend of a name outside has none', () => {
  assert.equal(selectorServiceOf(backendOf({ type: 'ExternalHostname' })), undefined);
});

test('what is as it shall be is not changed, and labels that go are taken away', () => {
  const before = selecting({ app: 'web', tier: 'a' });
  assert.equal(selectorChange(before, selecting({ tier: 'a', app: 'web' })), undefined);
  assert.deepEqual(selectorChange(before, selecting({ app: 'api' })), {
    spec: { selector: { tier: null, app: 'api' }, ports: [{ port: 8080, targetPort: 8080 }] },
  });
  assert.deepEqual(selectorChange(before, selecting({ app: 'web', tier: 'a' }, 9)), {
    spec: { selector: { app: 'web', tier: 'a' }, ports: [{ port: 9, targetPort: 9 }] },
  });
});
