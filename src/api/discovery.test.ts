import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  aggregatedDiscoveryDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
  builtinGroups,
  findResource,
  findResourceOfKind,
} from './index.ts';
import { apiVersionOf, type JsonObject } from 'nekube/apimachinery';

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../src/api/testdata/${name}.json`, import.meta.url), 'utf8'));

/** Texts are compared, so that the order of keys counts. */
function same(document: JsonObject, name: string): void {
  assert.equal(JSON.stringify(document), JSON.stringify(recorded(`discovery/${name}`)));
}

const group = (name: string) => builtinGroups().find((g) => g.group === name)!;

test('the plain roots', () => {
  same(apiVersionsDocument('127.0.0.1:16650'), 'api');
  same(apiGroupListDocument(builtinGroups()), 'apis');
});

test('the aggregated roots', () => {
  same(aggregatedDiscoveryDocument([group('')]), 'aggregated-api');
  same(aggregatedDiscoveryDocument(builtinGroups().filter((g) => g.group !== '')), 'aggregated-apis');
});

for (const name of ['apps', 'autoscaling', 'apiregistration.k8s.io', 'certificates.k8s.io'])
  test(`the document of the group ${name}`, () => same(apiGroupDocument(group(name)), `group-${name}`));

for (const name of [
  'apps/v1',
  'autoscaling/v2',
  'autoscaling/v1',
  'apiregistration.k8s.io/v1',
  'authorization.k8s.io/v1',
  'events.k8s.io/v1',
  'apiextensions.k8s.io/v1',
])
  test(`the resources of ${name}`, () => {
    const [groupName, version] = name.split('/') as [string, string];
    const served = group(groupName).versions.find((v) => v.version === version)!;
    same(apiResourceListDocument(groupName, served), `version-${name.replace('/', '-')}`);
  });

test('the resources of the core group', () => {
  same(apiResourceListDocument('', group('').versions[0]!), 'api-v1');
});

test('all storage version hashes are those of the kinds that are stored', () => {
  const hashes = builtinGroups().flatMap(({ group: name, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources
        .filter((r) => r.storageVersionHash !== undefined)
        .map((r): [string, string] => [`${name || 'core'}/${version}/${r.resource}`, r.storageVersionHash!]),
    ),
  );
  assert.deepEqual(Object.fromEntries(hashes), recorded('storage-version-hashes'));
});

test('a resource is found by its name and by its kind, with where it is stored', () => {
  const hpa = findResource('autoscaling', 'v1', 'horizontalpodautoscalers')!;
  assert.equal(hpa, findResourceOfKind('autoscaling/v1', 'HorizontalPodAutoscaler'));
  assert.equal(apiVersionOf(hpa.hub), 'autoscaling/v2');
  assert.equal(findResource('events.k8s.io', 'v1', 'events')!.hubApiVersion, 'v1');
  assert.equal(findResource('', 'v1', 'services')!.storagePrefix, 'services/specs');
  assert.equal(findResource('apps', 'v2', 'deployments'), undefined);
  assert.equal(findResourceOfKind('v1', 'Status'), undefined);
  const scale = findResource('apps', 'v1', 'deployments')!.subresources.find((s) => s.name === 'scale')!;
  assert.equal(scale.apiVersion, 'autoscaling/v1');
});
