import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';
import { tableCells, tableOrder, tableRowConditions } from './index.ts';

/** A row of a Table as kube-apiserver's printers make it of an object at a time. */
interface Row {
  readonly group: string;
  readonly resource: string;
  readonly now: string;
  readonly object: KubeObject;
  readonly cells: JsonValue[];
  readonly conditions?: JsonObject[];
}

const file = new URL('../../../src/api/columns/testdata/cells.jsonl', import.meta.url);
const rows = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

describe('cells are those of kube-apiserver', () => {
  for (const resource of new Set(rows.map((row) => row.resource))) {
    test(`of ${resource}`, () => {
      for (const row of rows.filter((r) => r.resource === resource)) {
        assert.deepEqual(tableCells(row.group, resource)(row.object, new Date(row.now)), row.cells);
        assert.deepEqual(tableRowConditions(row.group, resource, row.object), row.conditions ?? []);
      }
    });
  }
});

const now = new Date('2026-01-02T00:00:00Z');
const metadata = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' };

test('resources without columns of their own show their creation time', () => {
  for (const [group, resource] of [
    ['', 'limitranges'],
    ['rbac.authorization.k8s.io', 'roles'],
    ['apiextensions.k8s.io', 'customresourcedefinitions'],
  ]) {
    assert.deepEqual(tableCells(group!, resource!)({ metadata }, now), ['a', '2026-01-01T00:00:00Z']);
  }
});

test('unknown resources show name and age', () => {
  assert.deepEqual(tableCells('example.com', 'widgets')({ metadata }, now), ['a', '24h']);
});

test('an API service is local, or at a service with the reason why it is not available', () => {
  const cells = tableCells('apiregistration.k8s.io', 'apiservices');
  assert.deepEqual(cells({ metadata, spec: {} }, now), ['a', 'Local', 'Unknown', '24h']);
  const spec = { service: { namespace: 'n', name: 's' } };
  const failing = { conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }] };
  assert.deepEqual(cells({ metadata, spec, status: failing }, now), ['a', 'n/s', 'False (MissingEndpoints)', '24h']);
  const available = { conditions: [{ type: 'Available', status: 'True', reason: 'Passed' }] };
  assert.deepEqual(cells({ metadata, spec, status: available }, now), ['a', 'n/s', 'True', '24h']);
});

test('flow schemas are sorted by precedence, then name', () => {
  const schema = (name: string, matchingPrecedence: number): KubeObject => ({
    metadata: { name },
    spec: { matchingPrecedence },
  });
  const sorted = [schema('c', 5), schema('b', 9), schema('a', 9)].sort(
    tableOrder('flowcontrol.apiserver.k8s.io', 'flowschemas'),
  );
  assert.deepEqual(
    sorted.map((s) => s.metadata.name),
    ['c', 'a', 'b'],
  );
});
