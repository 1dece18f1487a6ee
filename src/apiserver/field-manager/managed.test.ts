import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, KubeObject, ManagedFieldsEntry } from 'nekube/apimachinery';
import { FieldSet, pathOf } from 'nekube/smd';
import { capUpdaters } from './cap.ts';
import { keepFilter, resetFilter } from './fields.ts';
import { lastAppliedAnnotation, updateLastApplied } from './last-applied.ts';
import { checkManagedFields, decodeManaged, encodeManaged, keepReset, type Managed } from 'nekube/managedfields';
import { scaleEntriesOf, withScaleEntries } from './scale.ts';
import { ignoreManagedFieldsTimestamps } from './timestamps.ts';

function entry(manager: string, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry {
  const fieldsV1: JsonObject = { 'f:data': { [`f:${manager}`]: {} } };
  return { manager, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1, ...more };
}

const at = (second: number) => new Date(second * 1000).toISOString().replace('.000Z', 'Z');
const names = (entries: readonly ManagedFieldsEntry[] | undefined) => entries?.map((e) => e.manager);

describe('entries', () => {
  test('are sorted by operation, time, manager, version and subresource', () => {
    const sorted = [
      entry('z', { operation: 'Apply', time: at(1) }),
      entry('a', { operation: 'Apply', time: at(2) }),
      entry('c'),
      entry('a', { time: at(5) }),
      entry('b', { time: at(5), apiVersion: 'v1' }),
      entry('b', { time: at(5), apiVersion: 'v1', subresource: 'status' }),
      entry('b', { time: at(5), apiVersion: 'v2' }),
    ];
    const decoded = decodeManaged([...sorted].reverse()) as Managed;
    assert.deepEqual(encodeManaged(decoded), sorted);
  });

  const refused: readonly (readonly [string, ManagedFieldsEntry, string])[] = [
    ['an unknown operation', entry('a', { operation: 'Delete' }), 'operation must be `Apply` or `Update`'],
    ['no apiVersion', entry('a', { apiVersion: '' }), 'apiVersion must not be empty'],
    ['no fieldsType', entry('a', { fieldsType: '' }), 'missing fieldsType in managed fields entry 1'],
    ['an unknown fieldsType', entry('a', { fieldsType: 'V9' }), 'invalid fieldsType "V9" in managed fields entry 1'],
  ];
  for (const [name, bad, message] of refused) {
    test(`are refused with ${name}`, () => assert.equal(checkManagedFields([entry('ok'), bad]), message));
  }

  test('without fields own nothing', () => {
    assert.equal(checkManagedFields([entry('a', { fieldsV1: undefined })]), undefined);
    assert.equal(checkManagedFields(undefined), undefined);
  });

  test('an empty list survives decoding, other lists are left to it', () => {
    const object: KubeObject = { metadata: {} };
    keepReset({ metadata: { managedFields: [{}] } }, object);
    assert.equal(object.metadata.managedFields, undefined);
    keepReset({ metadata: { managedFields: [] } }, object);
    assert.deepEqual(object.metadata.managedFields, []);
  });
});

describe('the cap on updates', () => {
  const capped = (entries: ManagedFieldsEntry[]) => encodeManaged(capUpdaters(decodeManaged(entries) as Managed));

  test('leaves ten alone', () => {
    const ten = Array.from({ length: 10 }, (_, i) => entry(`m${i}`, { time: at(i) }));
    assert.equal(names(capped(ten))?.length, 10);
  });

  test('merges the oldest of a version', () => {
    const twelve = Array.from({ length: 12 }, (_, i) => entry(`m${String(i).padStart(2, '0')}`, { time: at(i + 1) }));
    const [bucket, ...others] = capped(twelve)!;
    assert.deepEqual(bucket, {
      ...entry('ancient-changes', { time: at(3) }),
      fieldsV1: { 'f:data': { 'f:m00': {}, 'f:m01': {}, 'f:m02': {} } },
    });
    assert.equal(others.length, 9);
  });

  test('keeps versions apart', () => {
    const twelve = Array.from({ length: 12 }, (_, i) =>
      entry(`m${i}`, { time: at(i + 1), apiVersion: `v${(i % 2) + 1}` }),
    );
    const buckets = capped(twelve)!.filter((e) => e.manager === 'ancient-changes');
    assert.deepEqual(
      buckets.map((e) => [e.apiVersion, e.time]),
      [
        ['v1', at(3)],
        ['v2', at(4)],
      ],
    );
  });
});

describe('new times alone are taken back', () => {
  const stored = (): KubeObject => ({
    metadata: { name: 'a', resourceVersion: '5', managedFields: [entry('m', { time: at(1) })] },
    data: { a: '1' },
    rules: null,
  });
  const cases: readonly (readonly [string, (object: KubeObject) => void, number, boolean?])[] = [
    ['where nothing else changed', () => {}, 1],
    ['where null became an empty list', (object) => (object.rules = []), 1],
    ['but not in a custom resource, which tells them apart', (object) => (object.rules = []), 2, true],
    ['but not where a field changed', (object) => (object.data = { a: '2' }), 2],
    ['but not where a label came', (object) => (object.metadata.labels = { l: 'x' }), 2],
    ['but not where an owner came', (object) => object.metadata.managedFields!.push(entry('n')), 2],
    ['but not where an owner has other fields', (object) => (object.metadata.managedFields![0]!.fieldsV1 = {}), 2],
  ];
  for (const [name, change, second, strict] of cases) {
    test(name, () => {
      const object = stored();
      object.metadata.managedFields![0]!.time = at(2);
      change(object);
      ignoreManagedFieldsTimestamps(object, stored(), strict);
      assert.equal(object.metadata.managedFields![0]!.time, at(second));
    });
  }
});

describe('a Scale', () => {
  const paths = { 'apps/v1': ['spec', 'replicas'], 'example.com/v1': null };
  const owner = (manager: string, fieldsV1: JsonObject, more: Partial<ManagedFieldsEntry> = {}) =>
    entry(manager, { apiVersion: 'apps/v1', fieldsV1, ...more });
  const replicas = { 'f:spec': { 'f:replicas': {} } };

  test('is owned by the owners of the replicas', () => {
    const entries = [
      owner('a', { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } }),
      owner('b', { 'f:spec': { 'f:paused': {} } }),
      owner('c', replicas, { apiVersion: 'gone/v1' }),
    ];
    assert.deepEqual(scaleEntriesOf(entries, paths), [owner('a', replicas, { apiVersion: 'autoscaling/v1' })]);
    assert.equal(scaleEntriesOf(undefined, paths), undefined);
  });

  test('written by another takes the replicas from their owner', () => {
    const entries = [owner('a', { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } }), owner('b', replicas)];
    const scale = [owner('s', replicas, { apiVersion: 'autoscaling/v1', subresource: 'scale', time: at(9) })];
    assert.deepEqual(withScaleEntries(entries, scale, 'apps/v1', paths), [
      owner('a', { 'f:spec': { 'f:paused': {} } }),
      owner('s', replicas, { subresource: 'scale' }),
    ]);
  });

  test('leaves what has no replicas as it is, and drops versions that are gone', () => {
    const entries = [
      owner('a', { 'f:spec': {} }, { apiVersion: 'example.com/v1' }),
      owner('b', { 'f:spec': {} }, { apiVersion: 'gone/v1' }),
    ];
    assert.deepEqual(names(withScaleEntries(entries, undefined, 'apps/v1', paths)), ['a']);
  });
});

describe('the last-applied annotation', () => {
  const object = (annotations?: Record<string, string>): KubeObject => ({
    metadata: { name: 'a', ...(annotations && { annotations }) },
  });
  const config: KubeObject = { kind: 'K', apiVersion: 'v1', metadata: { name: 'a' }, b: { z: 1, a: '<' } };

  test('is the configuration with sorted keys, in one line', () => {
    const live = object({ [lastAppliedAnnotation]: 'x', other: 'y' });
    updateLastApplied(live, config);
    assert.deepEqual(live.metadata.annotations, {
      [lastAppliedAnnotation]: '{"apiVersion":"v1","b":{"a":"\\u003c","z":1},"kind":"K","metadata":{"name":"a"}}\n',
      other: 'y',
    });
  });

  test('does not come by itself', () => {
    const live = object();
    updateLastApplied(live, config);
    assert.equal(live.metadata.annotations, undefined);
  });

  test('goes when it would make the annotations too large', () => {
    const live = object({ [lastAppliedAnnotation]: 'x' });
    updateLastApplied(live, { ...config, b: 'x'.repeat(300_000) });
    assert.deepEqual(live.metadata.annotations, {});
  });
});

test('filters say which fields can be owned', () => {
  const set = FieldSet.of(pathOf('spec', 'a', 'x'), pathOf('spec', 'b'), pathOf('status', 'c'));
  assert.equal(resetFilter([['status'], ['spec', 'a']])(set).toString(), '.spec.b');
  assert.equal(keepFilter([['spec', '*', 'x']])(set).toString(), '.spec.b\n.spec.a.x');
});
