import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { RowCursor } from './row-cursor.ts';

function cursorIn(...names: readonly string[]) {
  const rows = signal(names);
  return { rows, cursor: new RowCursor(rows, (name) => name, signal<string | undefined>(undefined)) };
}

test('from no row one goes to the first or the last, and stays within the rows', () => {
  const { cursor } = cursorIn('a', 'b', 'c');
  assert.equal(cursor.row, undefined);
  const seen: unknown[] = [];
  for (const steps of [-1, 1, -2, -1, Number.MAX_SAFE_INTEGER]) {
    cursor.move(steps);
    seen.push(cursor.row);
  }
  assert.deepEqual(seen, ['c', 'c', 'a', 'a', 'c']);
  cursor.leave();
  cursor.move(1);
  assert.equal(cursor.row, 'a');
});

test('one is at a row wherever others put it, and at none while it is not there', () => {
  const { rows, cursor } = cursorIn('a', 'b');
  cursor.goTo(1);
  rows.value = ['new', 'a', 'b'];
  assert.deepEqual([cursor.row, cursor.index.value], ['b', 2]);
  rows.value = ['new', 'a'];
  assert.deepEqual([cursor.row, cursor.index.value], [undefined, -1]);
  rows.value = ['b'];
  assert.equal(cursor.row, 'b');
});

test('rows that are the same are gone through one by one', () => {
  const { cursor } = cursorIn('a', 'b', 'b', 'c');
  const places: number[] = [];
  for (let i = 0; i < 4; i++) {
    cursor.move(1);
    places.push(cursor.index.value);
  }
  assert.deepEqual(places, [0, 1, 2, 3]);
});

test('where there are no rows one is at none', () => {
  const { cursor } = cursorIn();
  cursor.move(1);
  cursor.move(-1);
  cursor.goTo(3);
  assert.equal(cursor.row, undefined);
});
