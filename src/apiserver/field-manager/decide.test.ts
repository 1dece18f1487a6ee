import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { deducedType, formatPath, type Decision } from 'nekube/smd';
import { FieldManager } from './field-manager.ts';
import { lastAppliedAnnotation } from './last-applied.ts';

const widget = (spec: object, annotations?: Record<string, string>): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', ...(annotations && { annotations }) },
  spec: spec as KubeObject['spec'],
});

/** The field manager of a kind whose second version names `a` otherwise; conversions are waited for. */
function fields(): { readonly manager: FieldManager; readonly asked: string[] } {
  const asked: string[] = [];
  const manager = new FieldManager({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    subresource: '',
    empty: () => widget({}),
    decode: (object) => object,
    typeIn: () => deducedType,
    convert: () => assert.fail('conversions are waited for'),
    convertLater: async (object, apiVersion) => {
      asked.push(apiVersion);
      const [from, to] = apiVersion === 'example.com/v2' ? ['a', 'second'] : ['second', 'a'];
      const { [from]: value, ...spec } = object.spec ?? {};
      return { ...object, apiVersion, spec: { ...spec, ...(value !== undefined && { [to]: value }) } } as KubeObject;
    },
    now: () => new Date(0),
  });
  return { manager, asked };
}

const owned = (manager: string, apiVersion: string, ...names: string[]) => ({
  manager,
  operation: 'Apply',
  apiVersion,
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:spec': Object.fromEntries(names.map((name) => [`f:${name}`, {}])) },
});

function live(spec: object, annotations: Record<string, string> | undefined, ...entries: object[]): KubeObject {
  const object = widget(spec, annotations);
  return { ...object, metadata: { ...object.metadata, uid: 'u', managedFields: entries as never } };
}

describe('an apply whose conflicts are decided', () => {
  test('is decided anew with each conversion that it waits for, and ends as the last says', async () => {
    const before = live({ a: 1, b: 1 }, undefined, owned('other', 'example.com/v2', 'second', 'b'));
    const { manager, asked } = fields();
    const met: string[][] = [];
    const decide = (conflicts: readonly { readonly path: Parameters<typeof formatPath>[0] }[]): Decision[] => {
      met.push(conflicts.map(({ path }) => formatPath(path)));
      return conflicts.map(({ path }) => (formatPath(path) === '.spec.b' ? 'yield' : 'force'));
    };
    const applied = await manager.settle((one) => one.apply(before, widget({ a: 2, b: 2 }), 'main', false, decide));
    assert.deepEqual(applied.spec, { a: 2, b: 1 });
    assert.ok(met.length > 1);
    for (const paths of met) assert.deepEqual(paths, ['.spec.b', '.spec.second']);
    assert.ok(asked.includes('example.com/v2'));
    assert.deepEqual(
      applied.metadata.managedFields!.map(({ manager: name, fieldsV1 }) => [name, fieldsV1]),
      [
        ['main', { 'f:spec': { '.': {}, 'f:a': {} } }],
        ['other', { 'f:spec': { 'f:b': {} } }],
      ],
    );
  });

  test('is told what the object would be, and who owns what since when', async () => {
    const before = live({ a: 1 }, undefined, owned('other', 'example.com/v1', 'a'));
    await fields().manager.settle((one) =>
      one.apply(before, widget({ a: 2 }), 'main', false, ([field], taken) => {
        assert.equal(field!.owner.manager, 'other');
        assert.equal(field!.time, '2026-01-01T00:00:00Z');
        assert.deepEqual([field!.live, field!.applied, taken().spec], [1, 2, { a: 2 }]);
        return ['share'];
      }),
    );
  });

  test('of kubectl is not asked about what its last client-side apply left as it was', async () => {
    const text = JSON.stringify(widget({ a: 1 }));
    const before = live({ a: 1, b: 1 }, { [lastAppliedAnnotation]: text }, owned('other', 'example.com/v1', 'a', 'b'));
    const apply = (decision: Decision) =>
      fields().manager.settle((one) =>
        one.apply(before, widget({ a: 2, b: 2 }), 'kubectl', false, (conflicts) => {
          assert.deepEqual(
            conflicts.map(({ path }) => formatPath(path)),
            ['.spec.b'],
          );
          return [decision];
        }),
      );
    assert.deepEqual((await apply('yield')).spec, { a: 2, b: 1 });
    await assert.rejects(
      async () => apply('fail'),
      (error) => {
        assert.ok(isStatusError(error, 'Conflict'));
        assert.deepEqual(
          error.status.details?.causes?.map(({ field }) => field),
          ['.spec.b'],
        );
        return true;
      },
    );
  });
});
