import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import * as am from './index.ts';

function readText(name: string): string {
  return readFileSync(new URL(`../../src/apimachinery/testdata/${name}`, import.meta.url), 'utf8');
}

function readLines<T>(name: string): T[] {
  return readText(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** What the Go libraries of kube-apiserver make of a patch. */
interface Vector {
  readonly name?: string;
  readonly original: am.JsonObject;
  readonly patch: am.JsonValue;
  readonly patched?: am.JsonValue;
  readonly error?: string;
}

/** Applies the patch, and checks that neither argument changed. */
function applied<P>(
  apply: (original: am.JsonObject, patch: P) => am.JsonValue,
  original: am.JsonObject,
  patch: P,
): am.JsonValue {
  const before = JSON.stringify([original, patch]);
  try {
    return apply(original, patch);
  } finally {
    assert.equal(JSON.stringify([original, patch]), before);
  }
}

describe('JSON patch', () => {
  for (const { original, patch, patched, error } of readLines<Vector>('json-patch.jsonl')) {
    test(JSON.stringify(patch), () => {
      if (error === undefined) assert.deepEqual(applied(am.applyJsonPatch, original, patch), patched);
      else assert.throws(() => applied(am.applyJsonPatch, original, patch), am.isPatchError);
    });
  }

  const kindOf = (patch: am.JsonValue): string => {
    try {
      am.applyJsonPatch({ a: 'x'.repeat(1_000_000) }, patch);
      return 'applied';
    } catch (error) {
      return am.isPatchError(error) ? error.kind : String(error);
    }
  };

  test('errors tell how to answer', () => {
    assert.equal(kindOf({}), 'malformed');
    assert.equal(kindOf([{ op: 'test', path: '/a', value: 1 }]), 'test-failed');
    assert.equal(kindOf([{ op: 'remove', path: '/b' }]), 'rejected');
    assert.equal(kindOf(new Array(10_001).fill({ op: 'add', path: '/b', value: 1 })), 'too-large');
    assert.equal(kindOf(new Array(10_000).fill({ op: 'add', path: '/b', value: 1 })), 'applied');
  });

  test('copies are limited in size', () => {
    const copies = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ op: 'copy', from: '/a', path: `/${i}` }));
    assert.equal(kindOf(copies(3)), 'applied');
    assert.equal(kindOf(copies(4)), 'rejected');
  });

  test('int64 survives', () => {
    const big = { a: 9007199254740993n };
    assert.deepEqual(am.applyJsonPatch(big, [{ op: 'copy', from: '/a', path: '/b' }]), {
      ...big,
      b: 9007199254740993n,
    });
    assert.deepEqual(am.applyJsonPatch(big, [{ op: 'test', path: '/a', value: 9007199254740993n }]), big);
  });

  test('a value that Go writes otherwise tests equal to nothing', () => {
    const inexact = (text: string) => [...am.findInexactValues(text)];
    assert.deepEqual(
      inexact('[{"op":"test","value":"a < b"},{"value":["\\u003c"]},null,{"value":{"a":[1.0]}},{"path":"<"}]'),
      [0, 3],
    );
    assert.deepEqual(inexact('[{"value":{"<":1}},{"value":"\\u00e9"},{"value":"é"},{"value":1e2}]'), [1, 3]);
    const patch = [{ op: 'test', path: '/a', value: '<' }];
    assert.deepEqual(am.applyJsonPatch({ a: '<' }, patch), { a: '<' });
    assert.throws(() => am.applyJsonPatch({ a: '<' }, patch, new Set([0])), { kind: 'test-failed' });
  });

  test('unknown fields of operations are named', () => {
    assert.deepEqual(am.findUnknownJsonPatchFields([{ op: 'add' }, { foo: 1, Op: 2 }]), [
      'unknown field "[1].foo"',
      'unknown field "[1].Op"',
    ]);
    const message = (patch: am.JsonValue) => {
      try {
        return am.findUnknownJsonPatchFields(patch);
      } catch (error) {
        return (error as Error).message;
      }
    };
    assert.equal(
      message({}),
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
    assert.equal(
      message([1]),
      'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
    );
    assert.equal(
      message([{ op: 1 }]),
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    );
  });

  test('any patch is applied or refused with a PatchError', () => {
    const path = fc
      .array(fc.constantFrom('a', '0', '-', '-1', '~1', '~', ''))
      .map((steps) => steps.map((s) => `/${s}`).join(''));
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', ''),
        path,
        from: path,
        value: fc.jsonValue(),
      },
      { requiredKeys: ['op'] },
    );
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.oneof(fc.array(operation, { maxLength: 4 }), fc.jsonValue()),
        (document, patch) => {
          try {
            am.applyJsonPatch(document as am.JsonValue, patch as am.JsonValue);
            return true;
          } catch (error) {
            return am.isPatchError(error);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('merge patch', () => {
  for (const { original, patch, patched, error } of readLines<Vector>('merge-patch.jsonl')) {
    test(JSON.stringify(patch), () => {
      if (error === undefined) assert.deepEqual(applied(am.applyMergePatch, original, patch), patched);
      else assert.throws(() => applied(am.applyMergePatch, original, patch), { kind: 'malformed', message: error });
    });
  }

  /** The algorithm of RFC 7386, section 2. */
  function model(target: am.JsonValue, patch: am.JsonValue): am.JsonValue {
    if (!am.isJsonObject(patch)) return patch;
    const merged: Record<string, am.JsonValue> = am.isJsonObject(target) ? { ...target } : {};
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete merged[key];
      else merged[key] = model(merged[key] ?? null, value);
    }
    return merged;
  }

  test('is that of the RFC where lists hold no nulls', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.array(fc.integer()), tie('object')),
      object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
    })).object as fc.Arbitrary<am.JsonObject>;
    fc.assert(
      fc.property(value, value, (original, patch) => {
        assert.deepEqual(am.applyMergePatch(original, patch), model(original, patch));
      }),
      { numRuns: 500 },
    );
  });

  test('a member named __proto__ is a member', () => {
    const patch = JSON.parse('{"data":{"__proto__":"x"}}') as am.JsonObject;
    assert.equal(JSON.stringify(am.applyMergePatch({ data: { a: '1' } }, patch)), '{"data":{"__proto__":"x","a":"1"}}');
  });
});

describe('strategic merge patch', () => {
  /** The fields of a struct in the test's schema file. */
  type Fields = Readonly<
    Record<string, { schema?: string; isMap?: boolean; mergeKey?: string; strategies?: string[] }>
  >;
  const structs = JSON.parse(readText('patch-schema.json')) as Readonly<Record<string, Fields>>;

  function schemaOf(structName: string): am.PatchSchema {
    return { structName, field: (name) => fieldOf(structs[structName]?.[name]) };
  }

  function fieldOf(field: Fields[string] | undefined): am.PatchField | undefined {
    if (field === undefined) return undefined;
    const { schema, isMap, mergeKey, strategies = [] } = field;
    const map: am.PatchSchema = { isMap: true, field: () => undefined };
    return {
      strategies,
      ...(schema && { schema: schemaOf(schema) }),
      ...(isMap && { schema: map }),
      ...(mergeKey && { mergeKey }),
    };
  }

  const [head, ...vectors] = readLines<Vector>('strategic-merge.jsonl');
  const apply = (original: am.JsonObject, patch: am.JsonObject) =>
    am.applyStrategicMergePatch(original, patch, schemaOf('Deployment'));

  for (const { name, patch, patched, error } of vectors) {
    test(name!, () => {
      const run = () => applied(apply, head!.original, patch as am.JsonObject);
      if (error === undefined) assert.deepEqual(run(), patched);
      else assert.throws(run, (e) => am.isPatchError(e) && e.message === error);
    });
  }

  test('errors tell how to answer', () => {
    const kind = (patch: am.JsonObject) => {
      try {
        return apply(head!.original, patch);
      } catch (error) {
        return (error as am.PatchError).kind;
      }
    };
    assert.equal(kind({ $patch: 'x' }), 'failed');
    assert.equal(kind({ $retainKeys: 1 }), 'malformed');
    assert.equal(kind({ metadata: { finalizers: [['x']] } }), 'failed');
    assert.equal(kind({ metadata: { finalizers: [null] } }), 'failed');
  });
});
