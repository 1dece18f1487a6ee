import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { smdTypeOf } from 'nekube/api';
import { type JsonObject, type KubeObject, parseYaml } from 'nekube/apimachinery';
import { deducedType, type FieldPath, formatPath, ParseableType, Schema, Violations } from 'nekube/smd';
import { editedConfiguration, newConfiguration } from './edited-configuration.ts';
import type { Configuration } from '../field-conflicts.ts';

interface Case {
  readonly name: string;
  readonly base: JsonObject & { readonly metadata: JsonObject };
  readonly live?: JsonObject & { readonly metadata: JsonObject };
  readonly owned: Readonly<Record<string, JsonObject>>;
  readonly edited: Configuration;
  readonly configuration: JsonObject;
  readonly changed: readonly string[];
  readonly dropped?: readonly string[];
  readonly foreign?: readonly string[];
  readonly ignored?: readonly string[];
}

const testdata = new URL('../../../src/ownership/testdata/', import.meta.url);
const cases = parseYaml(readFileSync(new URL('edit.yaml', testdata))) as unknown as readonly Case[];

function typeOf({ apiVersion, kind }: Configuration): ParseableType {
  const found = smdTypeOf(apiVersion, kind);
  return found === undefined ? deducedType : new ParseableType(new Schema(found.schema).type(found.typeName));
}

function withOwners(object: Case['base'], { owned, edited }: Case): KubeObject {
  const managedFields = Object.entries(owned).map(([manager, fieldsV1]) => ({
    manager,
    operation: 'Apply',
    apiVersion: edited.apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1,
  }));
  return { ...object, metadata: { ...object.metadata, managedFields } } as unknown as KubeObject;
}

const texts = (paths: readonly FieldPath[]): string[] => paths.map(formatPath);

describe('an edit of a whole object', () => {
  for (const one of cases)
    test(one.name, () => {
      const live = withOwners(one.live ?? one.base, one);
      const edit = { base: withOwners(one.base, one), edited: one.edited, live };
      const made = editedConfiguration(edit, { fieldManager: 'console', type: typeOf(one.edited) });
      if (made instanceof Violations) return assert.fail(made.message);
      const { configuration, changed, dropped, foreign, ignored } = made;
      assert.deepEqual(configuration, one.configuration);
      assert.deepEqual(texts([...changed.paths()]), one.changed);
      assert.deepEqual(texts(dropped), one.dropped ?? []);
      assert.deepEqual(
        foreign.map(
          ({ path, owners }) => `${formatPath(path)} of ${owners.map(({ manager }) => manager).join() || 'nobody'}`,
        ),
        one.foreign ?? [],
      );
      assert.deepEqual(texts(ignored), one.ignored ?? []);
    });

  test('one that does not fit the type says where', () => {
    const base = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { replicas: 1 } };
    const edited = { ...base, spec: { replicas: { a: 1 } } };
    const made = editedConfiguration({ base, edited, live: base } as never, {
      fieldManager: 'console',
      type: typeOf(base as never),
    });
    assert.ok(made instanceof Violations);
    assert.match(made.message, /\.spec\.replicas/);
  });

  test('of a new one, only what a person may state is applied', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', uid: '1', resourceVersion: '2', generation: 1, labels: { a: 'b' } },
      status: {},
      data: { a: 'b' },
    };
    assert.deepEqual(newConfiguration(object as never), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: { a: 'b' } },
      data: { a: 'b' },
    });
  });
});
