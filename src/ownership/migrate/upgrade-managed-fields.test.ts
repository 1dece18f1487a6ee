import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type JsonValue, type ManagedFieldsEntry, stringifyJson } from 'nekube/apimachinery';
import { clientSideManagers, type Upgrade, upgradeManagedFields } from './upgrade-managed-fields.ts';

/** A case with what client-go made of it. */
interface Recorded extends Upgrade {
  readonly entries: readonly ManagedFieldsEntry[] | null;
  readonly want: JsonValue;
}

const recorded = readFileSync(new URL('../../../src/ownership/testdata/csaupgrade.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

test('ownership moves as client-go moves it, to the byte', () => {
  let moved = 0;
  for (const [i, one] of recorded.entries()) {
    const entries = one.entries ?? [];
    const upgraded = upgradeManagedFields(entries, one);
    const made = typeof upgraded === 'string' ? 'refused' : upgraded;
    assert.equal(stringifyJson(sorted(made)), stringifyJson(sorted(one.want ?? [])), `line ${i + 1}`);
    if (upgraded !== entries) moved++;
  }
  assert.ok(moved > recorded.length / 4, `${moved} of ${recorded.length} cases moved anything`);
});

/** The fields of entries in one order; those of sets keep theirs. */
function sorted(entries: unknown): JsonValue {
  if (!Array.isArray(entries)) return entries as JsonValue;
  const order = ['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'fieldsV1', 'subresource'];
  return entries.map((entry: Record<string, JsonValue>) =>
    Object.fromEntries(order.filter((name) => entry[name] !== undefined).map((name) => [name, entry[name]!])),
  );
}

test('who applied on the client side is told by the annotation about it, under whatever name', () => {
  const annotation = {
    'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/last-applied-configuration': {} } },
  };
  const entry = (manager: string, operation: 'Apply' | 'Update', fieldsV1: object, subresource?: string) =>
    ({
      manager,
      operation,
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1,
      ...(subresource && { subresource }),
    }) as ManagedFieldsEntry;
  const entries = [
    entry('ci', 'Update', annotation),
    entry('ci', 'Update', annotation, 'status'),
    entry('flux', 'Apply', annotation),
    entry('kubectl-client-side-apply', 'Update', { 'f:data': {} }),
    entry('kubectl-edit', 'Update', { 'f:data': {} }),
    entry('broken', 'Update', { 'x:': {} }),
  ];
  assert.deepEqual(clientSideManagers(entries), ['ci', 'kubectl-client-side-apply']);
});
