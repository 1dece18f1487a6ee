import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isJsonObject, type KubeObject, parseJson, strictFieldError, stringifyJson } from 'nekube/apimachinery';
import { DecodeError, type DecodeOptions, decodeObject, normalizeObject, type StructType, typeOf } from './index.ts';

/** A line of `testdata/decode.jsonl`; everything but name, type and body was recorded from Go (tools/facts/go/decode). */
interface Case {
  name: string;
  type: string;
  body: string;
  object?: string;
  error?: string;
  unknown?: string[];
  fromMap?: string;
  mapError?: string;
  stored?: string;
}

const file = new URL('../../src/api/testdata/decode.jsonl', import.meta.url);
const cases = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

for (const c of cases) {
  const [, apiVersion, kind] = /^(.*)\/([^/]*)$/.exec(c.type)!;
  const type = typeOf(apiVersion!, kind!)!;

  test(`decode: ${c.name}`, () => {
    const outcome = decode(type, c.body, { from: 'json' });
    assert.equal(outcome.error, c.error);
    assert.equal(outcome.text, c.object);
    assert.deepEqual(outcome.unknown, c.unknown ?? []);
  });

  test(`decode from a map: ${c.name}`, () => {
    const outcome = decode(type, c.body, { from: 'map' });
    assert.equal(outcome.error, c.mapError);
    assert.equal(outcome.text, c.mapError === undefined ? (c.fromMap ?? c.object) : undefined);
  });

  if (c.object !== undefined && !type.storedAsJson)
    test(`store: ${c.name}`, () => {
      const { kind: _, apiVersion: __, ...object } = parseJson(c.object!) as unknown as KubeObject;
      const given = { kind: kind!, apiVersion: apiVersion!, ...object } as KubeObject;
      const want = c.stored ?? stringifyJson(given as never);
      assert.equal(stringifyJson(normalizeObject(type, given) as never), want);
    });
}

function decode(
  type: StructType,
  body: string,
  options: DecodeOptions,
): { text?: string; error?: string; unknown: string[] } {
  const value = parseJson(body);
  const before = stringifyJson(value);
  try {
    const { object, unknownFields } = decodeObject(type, value, options);
    return {
      text: stringifyJson(object as never),
      unknown: unknownFields.map((path) => strictFieldError('unknown', path)),
    };
  } catch (e) {
    if (!(e instanceof DecodeError)) throw e;
    return { error: e.message, unknown: [] };
  } finally {
    assert.equal(stringifyJson(value), before, 'the input is not changed');
  }
}

test('a decoded object shares nothing with its input', () => {
  const body = parseJson('{"metadata":{"labels":{"a":"b"},"managedFields":[{"fieldsV1":{"f:data":{}}}]}}');
  const { object } = decodeObject(typeOf('v1', 'ConfigMap')!, body);
  object.metadata.labels!.a = 'changed';
  object.metadata.managedFields![0]!.fieldsV1!['f:data'] = null;
  assert.deepEqual(body, parseJson('{"metadata":{"labels":{"a":"b"},"managedFields":[{"fieldsV1":{"f:data":{}}}]}}'));
});

test('a key named like a part of JavaScript is a key like any other', () => {
  const body = parseJson('{"data":{"__proto__":"x","constructor":"y"},"__proto__":{}}');
  const { object, unknownFields } = decodeObject(typeOf('v1', 'ConfigMap')!, body);
  assert.equal(stringifyJson(object as never), '{"metadata":{},"data":{"__proto__":"x","constructor":"y"}}');
  assert.deepEqual(unknownFields, ['__proto__']);
  assert.ok(isJsonObject(object.data));
});
