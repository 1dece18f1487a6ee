import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSort, readListAddress, toggleColumn } from './list-address.ts';

const read = (query: string) => readListAddress(new URLSearchParams(query));

test('an address says filter, order, columns and what is chosen', () => {
  assert.deepEqual(read('filter=app%3Dweb&sort=-age&cols=name,label:app,.metadata.labels["a,b"]&sel=shop/web-1'), {
    filter: 'app=web',
    sort: 'age',
    descending: true,
    columns: ['name', 'label:app', '.metadata.labels["a,b"]'],
    selected: ['shop/web-1'],
  });
});

test('an address that says nothing is the list as it is', () => {
  const nothing = { filter: '', sort: undefined, descending: false, columns: undefined, selected: [] };
  assert.deepEqual(read('cols=&sort='), nothing);
});

test('a column is sorted up, then down, then not', () => {
  assert.equal(nextSort(read(''), 'age'), 'age');
  assert.equal(nextSort(read('sort=age'), 'age'), '-age');
  assert.equal(nextSort(read('sort=-age'), 'age'), undefined);
  assert.equal(nextSort(read('sort=-age'), 'name'), 'name');
});

test('a column that is shown stands where the server has it, and an extra one last', () => {
  const all = ['name', 'status', 'age', 'ip'];
  const standard = ['name', 'status', 'age'];
  assert.equal(toggleColumn(standard, standard, 'status', all), 'name,age');
  assert.equal(toggleColumn(['name', 'age'], standard, 'status', all), undefined);
  assert.equal(toggleColumn(standard, standard, 'label:app', all), 'name,status,age,label:app');
  assert.equal(toggleColumn(['name', 'label:app'], standard, 'ip', all), 'name,ip,label:app');
});
