import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { fieldSetFromJson, FieldSet, formatPath } from 'nekube/smd';
import { ownedFields } from './owned-fields.ts';
import { readOwnership } from './owners.ts';
import { OwnershipTally } from './tally.ts';
import { TakeoverReport } from './takeover.ts';
import { unownedFields } from './unowned-fields.ts';

/** An entry of managedFields: `ci`, `hpa/scale`, `kubectl-edit!` for one that updated. */
interface Entry {
  readonly by: string;
  readonly time?: string;
  readonly fields: JsonObject;
}

function objectOf(name: string, entries: readonly Entry[], object: JsonObject = {}): KubeObject {
  const managedFields = entries.map(({ by, time, fields }) => {
    const [manager = '', subresource] = by.replace('!', '').split('/');
    const operation = by.endsWith('!') || subresource !== undefined ? 'Update' : 'Apply';
    const times = { ...(time && { time }), ...(subresource && { subresource }) };
    return { manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: fields, ...times };
  });
  const metadata = { name, namespace: 'shop', managedFields, ...(object.metadata as JsonObject) };
  return { apiVersion: 'apps/v1', kind: 'Deployment', ...object, metadata } as unknown as KubeObject;
}

const ownersOf = (object: KubeObject) => readOwnership(object).owners;
const spec = (fields: JsonObject): JsonObject => ({ 'f:spec': fields });

test('fields are counted as people count them: without keys of items and without what only leads to others', () => {
  const set = fieldSetFromJson({
    'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a"': {} }, 'f:labels': { '.': {} } },
    'f:spec': {
      'f:selector': {},
      'f:containers': {
        'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} },
        'k:{"name":"b"}': { '.': {}, 'f:name': {} },
      },
    },
  });
  assert.ok(set instanceof FieldSet);
  assert.deepEqual([...ownedFields(set).paths()].map(formatPath).sort(), [
    '.metadata.finalizers[="a"]',
    '.metadata.labels',
    '.spec.containers[name="a"].image',
    '.spec.containers[name="b"]',
    '.spec.selector',
  ]);
});

describe('a tally', () => {
  const tally = new OwnershipTally({ withPaths: true });
  tally.add(
    ownersOf(
      objectOf('one', [
        { by: 'ci', time: '2026-02-01T00:00:00Z', fields: spec({ 'f:replicas': {}, 'f:paused': {} }) },
        { by: 'hpa/scale', fields: spec({ 'f:replicas': {} }) },
        { by: 'edit!', time: '2026-01-01T00:00:00Z', fields: spec({ 'f:replicas': {} }) },
        { by: 'edit!', time: '2026-01-03T00:00:00Z', fields: spec({ 'f:strategy': {} }) },
      ]),
    ),
  );
  tally.add(ownersOf(objectOf('two', [{ by: 'ci', time: '2026-01-01T00:00:00Z', fields: spec({ 'f:paused': {} }) }])));

  test('says for each manager how much it owns, with others, and when its entries changed', () => {
    const parties = tally
      .parties()
      .map((p) => [p.manager, p.operation, p.subresource, p.objects, p.fields, p.shared, p.oldest, p.newest]);
    assert.deepEqual(parties, [
      ['ci', 'Apply', '', 2, 3, 1, '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
      ['edit', 'Update', '', 1, 2, 1, '2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z'],
      ['hpa', 'Update', 'scale', 1, 1, 1, undefined, undefined],
    ]);
    assert.equal(tally.objects, 2);
  });

  test('says which fields two managers own together', () => {
    const pairs = tally
      .pairs()
      .map(({ parties, fields, objects, paths }) => [
        parties.map((p) => p.manager).join(),
        fields,
        objects,
        [...paths],
      ]);
    const replicas = [['.spec.replicas', 1]];
    assert.deepEqual(pairs.toSorted(), [
      ['ci,edit', 1, 1, replicas],
      ['ci,hpa', 1, 1, replicas],
      ['edit,hpa', 1, 1, replicas],
    ]);
  });
});

test('a tally is the same in whatever order the objects come', () => {
  const shared = (...by: readonly string[]) =>
    ownersOf(
      objectOf(
        'x',
        by.map((one) => ({ by: one, fields: spec({ 'f:a': {} }) })),
      ),
    );
  const objects = [shared('ci', 'hpa'), shared('ci', 'edit'), shared('edit', 'hpa')];
  const pairsOf = (order: readonly (typeof objects)[number][]): string[] => {
    const tally = new OwnershipTally();
    for (const owners of order) tally.add(owners);
    return tally.pairs().map(({ parties }) => parties.map(({ manager }) => manager).join('-'));
  };
  assert.deepEqual(pairsOf(objects), ['ci-edit', 'ci-hpa', 'edit-hpa']);
  assert.deepEqual(pairsOf(objects.toReversed()), pairsOf(objects));
});

test('nobody owns what no set has, and a list of nobody is one field', () => {
  const object = objectOf(
    'one',
    [
      {
        by: 'ci',
        fields: spec({
          'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } },
          'f:selector': {},
          'f:empty': {},
        }),
      },
    ],
    {
      metadata: { uid: '1', labels: { app: 'web' } },
      spec: {
        containers: [
          { name: 'a', image: 'i', policy: 'Always' },
          { name: 'b', image: 'j' },
        ],
        selector: { app: 'web' },
        empty: {},
        strategy: { max: 1, min: {} },
        tolerations: [{ key: 'x' }],
      },
      status: { replicas: 1 },
    },
  );
  assert.deepEqual(unownedFields(object, ownersOf(object)).map(formatPath).sort(), [
    '.metadata.labels.app',
    '.spec.containers[1].image',
    '.spec.containers[1].name',
    '.spec.containers[name="a"].policy',
    '.spec.strategy.max',
    '.spec.strategy.min',
    '.spec.tolerations',
  ]);
  assert.deepEqual(unownedFields(objectOf('none', []), []), []);
});

describe('a takeover report', () => {
  const report = new TakeoverReport();
  const add = (object: KubeObject): void => report.add(object, ownersOf(object));
  const OLD = '2025-01-01T00:00:00Z';
  const NEW = '2026-01-01T00:00:00Z';
  for (const name of ['one', 'two'])
    add(
      objectOf(
        name,
        [
          { by: 'ci', time: NEW, fields: spec({ 'f:paused': {}, 'f:selector': {} }) },
          { by: 'helm!', time: OLD, fields: spec({ 'f:paused': {}, 'f:replicas': {}, 'f:selector': { 'f:app': {} } }) },
          { by: 'hpa/scale', fields: spec({ 'f:replicas': {} }) },
          { by: 'kcm!', time: NEW, fields: { 'f:status': { 'f:replicas': {} } } },
        ],
        { spec: { paused: true, replicas: 1, selector: { app: 'web' }, minReadySeconds: 1 }, status: { replicas: 1 } },
      ),
    );
  add(objectOf('manual', [{ by: 'edit!', time: NEW, fields: spec({ 'f:replicas': {} }) }], { spec: { replicas: 1 } }));
  const takeover = report.result('2025-06-01T00:00:00.000Z');

  test('names managers not heard of, and who would be left', () => {
    const silent = takeover.silent.map(({ manager, fields, alone, leftTo, newest }) => ({
      manager,
      fields,
      alone,
      newest,
      leftTo: leftTo.map(({ party, fields: count }) => `${party.manager} ${count}`).sort(),
    }));
    assert.deepEqual(silent, [{ manager: 'helm', fields: 6, alone: 2, newest: OLD, leftTo: ['ci 2', 'hpa 2'] }]);
    assert.deepEqual(
      takeover.untimed.map(({ manager }) => manager),
      ['hpa'],
    );
  });

  test('names fields that no applied configuration mentions, but not of the status', () => {
    const fields = takeover.fields.map(({ path, owners, objects, examples }) => [
      path,
      owners.map(({ manager }) => manager),
      objects,
      examples,
    ]);
    const both = ['shop/one', 'shop/two'];
    assert.deepEqual(fields, [
      ['.spec.minReadySeconds', [], 2, both],
      ['.spec.replicas', ['helm', 'hpa'], 2, both],
    ]);
  });

  test('names objects that nobody applies', () => {
    assert.equal(takeover.objects, 3);
    assert.deepEqual(takeover.unapplied, [
      { apiVersion: 'apps/v1', kind: 'Deployment', objects: 1, examples: ['shop/manual'] },
    ]);
  });
});
