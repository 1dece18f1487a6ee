import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonValue, type KubeObject, StatusError } from 'nekube/apimachinery';
import { maskError } from './mask-error.ts';

const secret = (parts: Record<string, JsonValue>) =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...parts }) as KubeObject;
const refusal = (message: string) =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500, message });

/** What a kube-apiserver 1.36 says of a Secret, and what may be read of it. */
const cases: readonly (readonly [Record<string, JsonValue>, string, string])[] = [
  [
    { stringData: { pin: 47, list: ['hunter2'], map: { deep: 'hunter2' } } },
    'failed: errors:\n  .stringData.list: expected string, got &value.valueUnstructured{Value:[]interface {}{"hunter2"}}\n  .stringData.pin: expected string, got &value.valueUnstructured{Value:47}',
    'failed: errors:\n  .stringData.list: expected string, got ***\n  .stringData.pin: expected string, got ***',
  ],
  [
    { data: ['line one\nline two'] },
    '.data: expected map, got &{[line one\nline two]}',
    '.data: expected map, got ***',
  ],
  [{ data: { a: 'hunter2' } }, 'cannot decode hunter2hunter2', 'cannot decode ******'],
  [{ stringData: { a: 'hunter', b: 'hunter2' } }, 'it is hunter2', 'it is ***'],
  [{ type: 'Opaque' }, '.type: Invalid value: "Opaque"', '.type: Invalid value: "Opaque"'],
];

for (const [parts, message, wanted] of cases)
  test(`what a server says of a Secret has no values: ${JSON.stringify(message)}`, () => {
    const masked = maskError(refusal(message), secret(parts)) as StatusError;
    assert.equal(masked.message, wanted);
    assert.equal(masked.status.code, 500);
  });

test('what is said of other objects, and other errors, are as they are', () => {
  const error = refusal('.data.a: expected string, got 4711');
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 4711 } };
  assert.equal(maskError(error, configMap as KubeObject), error);
  const conflict = new StatusError({ ...refusal('conflict with "flux"').status, reason: 'Conflict' });
  assert.equal(maskError(conflict, secret({ data: { user: 'flux' } })), conflict, 'it has names, and no values');
  const other = new Error('no answer');
  assert.equal(maskError(other, secret({})), other);
});
