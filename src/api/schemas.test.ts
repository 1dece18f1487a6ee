import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bootstrapObjects,
  builtinResources,
  convert,
  normalizeObject,
  patchSchemaOf,
  protobufFacts,
  type SmdAtom,
  smdTypeOf,
  structType,
  tableColumns,
  typeOf,
} from './index.ts';
import type { KubeObject } from 'nekube/apimachinery';

/** What structured merge knows at a path of a kind; `*` is an element. */
function smdAt(apiVersion: string, kind: string, path: string): unknown {
  const { schema, typeName } = smdTypeOf(apiVersion, kind)!;
  const resolve = (ref: SmdAtom & { namedType?: string }): SmdAtom =>
    ref.namedType === undefined ? ref : schema.types.find((t) => t.name === ref.namedType)!;
  let atom = resolve({ namedType: typeName } as SmdAtom);
  for (const step of path.split('.')) {
    const next =
      step === '*' ? (atom.list ?? atom.map)!.elementType! : atom.map!.fields!.find((f) => f.name === step)!.type;
    atom = {
      ...resolve(next),
      ...('elementRelationship' in next && { map: { elementRelationship: next.elementRelationship } }),
    };
  }
  const { scalar, list, map } = atom;
  if (scalar !== undefined) return scalar;
  return list ? [list.elementRelationship, ...(list.keys ?? [])].join(' ') : (map!.elementRelationship ?? 'struct');
}

const merges: readonly [apiVersion: string, kind: string, path: string, want: string][] = [
  ['v1', 'Pod', 'spec.containers', 'associative name'],
  ['v1', 'Pod', 'spec.containers.*.ports', 'associative containerPort protocol'],
  ['v1', 'Pod', 'spec.containers.*.args', 'atomic'],
  ['v1', 'Pod', 'spec.tolerations', 'atomic'],
  ['v1', 'Pod', 'spec.volumes', 'associative name'],
  ['v1', 'Pod', 'spec.nodeSelector', 'atomic'],
  ['v1', 'Pod', 'metadata.finalizers', 'associative'],
  ['v1', 'Pod', 'metadata.ownerReferences', 'associative uid'],
  ['v1', 'Pod', 'metadata.creationTimestamp', 'untyped'],
  ['v1', 'Pod', 'spec.containers.*.resources.limits.*', 'untyped'],
  ['v1', 'Service', 'spec.ports', 'associative port protocol'],
  ['v1', 'Service', 'spec.selector', 'atomic'],
  ['v1', 'ServiceAccount', 'imagePullSecrets', 'atomic'],
  ['v1', 'ServiceAccount', 'secrets', 'associative name'],
  ['v1', 'Secret', 'data.*', 'string'],
  ['apps/v1', 'Deployment', 'spec.selector', 'atomic'],
  ['apps/v1', 'Deployment', 'spec.replicas', 'numeric'],
  ['apps/v1', 'Deployment', 'spec.paused', 'boolean'],
  ['autoscaling/v1', 'Scale', 'spec.replicas', 'numeric'],
];

for (const [apiVersion, kind, path, want] of merges)
  test(`structured merge of ${kind} ${path}: ${want}`, () => assert.equal(smdAt(apiVersion, kind, path), want));

test('every stored kind has a merge schema, a patch schema and a message', () => {
  for (const { apiVersion, kind, verbs } of builtinResources().filter((r) => r.verbs.includes('patch'))) {
    assert.ok(smdTypeOf(apiVersion, kind), kind);
    assert.ok(patchSchemaOf(apiVersion, kind), kind);
    assert.ok(protobufFacts().messages[protobufFacts().kinds[`${apiVersion}/${kind}`]!], `${kind} ${verbs}`);
  }
});

test('strategic merge knows keys, strategies, embedded structs and maps', () => {
  const pod = patchSchemaOf('v1', 'Pod')!.field('spec')!.schema!;
  const { mergeKey, strategies, schema } = pod.field('volumes')!;
  assert.deepEqual([mergeKey, strategies, schema!.structName], ['name', ['merge', 'retainKeys'], 'Volume']);
  assert.deepEqual(schema!.field('emptyDir')!.strategies, []);
  assert.equal(pod.field('bogus'), undefined);
  assert.equal(pod.field('nodeSelector')!.schema!.isMap, true);
  assert.equal(patchSchemaOf('v1', 'Bogus'), undefined);
});

test('protobuf fields come by number, also those of lists under a name of their own', () => {
  const { messages } = protobufFacts();
  const fields = messages['k8s.io.api.core.v1.Volume']!.fields!;
  assert.deepEqual(fields, [
    { json: 'name', num: 1, wire: 'bytes', type: 'string' },
    { name: 'volumeSource', num: 2, wire: 'bytes', type: 'k8s.io.api.core.v1.VolumeSource', inline: true },
  ]);
  assert.deepEqual(messages['k8s.io.api.authorization.v1.ExtraValue'], { items: 'string' });
  const extra = messages['k8s.io.api.authorization.v1.SubjectAccessReviewSpec']!.fields!.find(
    (f) => f.json === 'extra',
  )!;
  assert.deepEqual([extra.type, extra.mapKey], ['k8s.io.api.authorization.v1.ExtraValue', 'string']);
});

test('events keep everything when they change between their groups', () => {
  const event = {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'p' },
    reason: 'r',
    message: 'm',
    source: { component: 'c' },
    firstTimestamp: '2024-01-02T03:04:05Z',
    lastTimestamp: '2024-01-02T03:04:06Z',
    count: 3,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'rc',
    reportingInstance: 'ri',
  } as KubeObject;
  const other = convert(event, 'events.k8s.io/v1');
  assert.deepEqual(
    [other.apiVersion, other.regarding, other.note, other.deprecatedCount, other.reportingController],
    ['events.k8s.io/v1', { kind: 'Pod', name: 'p' }, 'm', 3, 'rc'],
  );
  assert.deepEqual(convert(other, 'v1'), event);
  assert.equal(convert(event, 'v1'), event);
  assert.throws(() => convert(event, 'apps/v1'), TypeError);
});

test('the objects of a fresh server are in stored form', () => {
  const names = bootstrapObjects().map(({ resource, objects }) => `${resource.resource} ${objects.length}`);
  assert.ok(names.includes('clusterroles 69') && names.includes('namespaces 4'), names.join());
  for (const { objects } of bootstrapObjects())
    for (const object of objects) {
      // the stored form adds an empty status to some
      const { status, ...stored } = normalizeObject(typeOf(object.apiVersion!, object.kind!)!, object);
      const { status: _, ...given } = object;
      assert.deepEqual(stored, given);
    }
});

test('tables have columns with their descriptions', () => {
  const columns = tableColumns('v1', 'pods')!;
  assert.deepEqual(columns.map((c) => c.name).slice(0, 4), ['Name', 'Ready', 'Status', 'Restarts']);
  assert.ok(columns.every((c) => c.description.length > 0));
});

test('types are found by kind and by name', () => {
  assert.equal(typeOf('v1', 'Pod')!.schemaName, 'io.k8s.api.core.v1.Pod');
  assert.equal(structType('meta/v1.ObjectMeta').schemaName, 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  assert.equal(typeOf('v1', 'Nope'), undefined);
  assert.throws(() => structType('core/v1.Nope'), TypeError);
});
