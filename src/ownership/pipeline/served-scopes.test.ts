import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from 'nekube/apimachinery';
import { ConnectionError, type Kind, type ServedKind } from 'nekube/client';
import { type Manifest, placeManifests } from './manifest.ts';
import { scopesOf } from './served-scopes.ts';

const manifest = (apiVersion: string, kind: string, document: number): Manifest => ({
  configuration: { apiVersion, kind, metadata: { name: 'a' } },
  place: `"f.yaml", document ${document}`,
});

const manifests = [
  manifest('down.test/v1', 'Thing', 1),
  manifest('v1', 'ConfigMap', 2),
  manifest('down.test/v1', 'Other', 3),
];

const client = (failure: Error) => ({
  async served({ apiVersion, kind }: Kind) {
    if (apiVersion === 'down.test/v1') throw failure;
    return { apiVersion, kind, namespaced: true } as ServedKind<never>;
  },
});

const refusal = (code: number, reason: 'ServiceUnavailable' | 'Unauthorized', message: string) =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message });

test('an API whose server is down keeps its own objects, each named with its place, and no others', async () => {
  const down = refusal(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
  const scopeOf = await scopesOf(client(down), manifests);
  const placed = placeManifests(manifests, scopeOf, { namespace: 'shop', enforced: false });
  const told =
    'the server does not tell how down.test/v1 is served: the server is currently unable to handle the request';
  assert.deepEqual(placed.problems, [
    `"f.yaml", document 1: Thing.down.test a: ${told}`,
    `"f.yaml", document 3: Other.down.test a: ${told}`,
  ]);
  assert.deepEqual(
    placed.manifests.map(({ configuration }) => [configuration.kind, configuration.metadata.namespace]),
    [['ConfigMap', 'shop']],
  );
});

test('without a server, and for one who is not known, nothing is asked of the other kinds', async () => {
  const request = { method: 'GET', path: '/' } as const;
  for (const failure of [
    refusal(401, 'Unauthorized', 'Unauthorized'),
    new ConnectionError('https://it', request, new Error('ECONNREFUSED')),
  ])
    await assert.rejects(scopesOf(client(failure), manifests), failure);
});
