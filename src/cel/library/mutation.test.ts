import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseEnvironment } from '../base-environment.ts';
import { CelError, type CelValue } from '../value.ts';
import { JSON_PATCH_LIBRARY } from './json-patch.ts';
import { JsonPatchValue, makeMutationObject, misnamedObjects, mutationType } from './mutation.ts';

const environment = baseEnvironment().extend({
  objectType: mutationType,
  makeObject: makeMutationObject,
  functions: JSON_PATCH_LIBRARY,
});

function evaluate(source: string): CelValue {
  const { expression, issues } = environment.compile(source);
  if (expression === undefined) return new CelError(issues.toString());
  const program = expression.program();
  return program instanceof CelError ? program : program.evaluate(() => undefined).value;
}

for (const [source, expected] of [
  ['Object{spec: Object.spec{replicas: 3}} == Object{spec: Object.spec{replicas: 1 + 2}}', true],
  ['Object{intList: [1, 2, 3]}.intList.sum()', 6n],
  ['Object{?existing: optional.none()} == Object{}', true],
  ['Object{}.?existing.hasValue()', false],
  ['has(Object{a: 1}.a) && !has(Object{a: 1}.b)', true],
  ["jsonpatch.escapeKey('k8s.io/my~label')", 'k8s.io~1my~0label'],
  ["JSONPatch{op: 'add', path: '/a', value: 3}.value == 3", true],
  ["JSONPatch{op: 'add', path: '/a'} == JSONPatch{op: 'add', path: '/a'}", true],
] as const) {
  test(`${source} is ${expected}`, () => assert.equal(evaluate(source), expected));
}

for (const [source, message] of [
  ['Invalid{}', "undeclared reference to 'Invalid'"],
  ["JSONPatch{op: 1, path: '/a'}", "expected type of field 'op' is 'string' but provided type is 'int'"],
] as const) {
  test(`${source} does not compile`, () => {
    const found = evaluate(source);
    assert.ok(found instanceof CelError && found.message.includes(message), String(found));
  });
}

test('a patch has what was written down', () => {
  const patch = evaluate("JSONPatch{op: 'move', from: '/a', path: '/b'}");
  assert.ok(patch instanceof JsonPatchValue);
  assert.deepEqual([patch.op, patch.from, patch.path, patch.value], ['move', '/a', '/b', undefined]);
});

test('objects must be named by their paths', () => {
  const value = evaluate('Object{spec: Object.spec{template: Object.other{}}}');
  assert.deepEqual(misnamedObjects(value), [
    'unexpected type name "Object.other", expected "Object.spec.template", which matches field name path from root Object type',
  ]);
});
