import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellOf, columnsOf, extraColumn } from './columns.ts';
import { RowMaker } from './row.ts';

const column = (name: string) => ({ name, type: 'string', priority: 0 });

test('each column has an id of its own, whatever a kind calls its columns', () => {
  const names = ['Name', 'Nominated Node', '日本', '中文', 'Name', 'Namespace', '<b>', '%', '$'];
  assert.deepEqual(
    columnsOf(names.map(column), true).map(({ id }) => id),
    ['name', 'namespace', 'nominated-node', '日本', '中文', 'name-2', 'namespace-2', 'b', 'column', 'column-2'],
  );
});

test('a column of a label is empty where an object has none, also when the language has something of that name', () => {
  const row = new RowMaker([]).make({ cells: ['a'], object: { metadata: { name: 'a', labels: { app: 'web' } } } }, 0);
  for (const [key, value] of [
    ['app', 'web'],
    ['toString', ''],
    ['constructor', ''],
    ['__proto__', ''],
  ])
    assert.equal(cellOf(row, extraColumn(`label:${key}`)!), value);
});
