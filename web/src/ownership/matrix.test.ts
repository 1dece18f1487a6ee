import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Matrix, nameOf, ordered, pairOf, shadeOf } from './matrix.ts';

const manager = (name: string, subresource?: string) => ({
  manager: name,
  operation: 'Apply',
  ...(subresource && { subresource }),
});
const matrix: Matrix = {
  objects: 3,
  managers: ['big', 'a', 'b'].map((name, i) => ({ ...manager(name), objects: 1, fields: 100 - i })),
  pairs: [{ managers: [manager('a'), manager('b')], fields: 2, objects: 1, paths: [] }],
};

test('a pair is found in either order, and nobody is a pair with itself', () => {
  assert.equal(pairOf(matrix, manager('b'), manager('a'))?.fields, 2);
  assert.equal(pairOf(matrix, manager('a'), manager('big')), undefined);
  assert.equal(pairOf(matrix, manager('a'), manager('a')), undefined);
  assert.equal(pairOf(matrix, manager('a', 'status'), manager('b')), undefined);
});

test('who shares something comes first', () => {
  assert.deepEqual(
    ordered(matrix).map(({ manager: name }) => name),
    ['a', 'b', 'big'],
  );
});

test('one large number does not hide the small ones', () => {
  assert.deepEqual(
    [0, 1, 10, 1000].map((fields) => shadeOf(fields, 1000)),
    [0, 1, 2, 4],
  );
  assert.equal(shadeOf(1, 1), 1);
});

test('a subresource is part of the name', () => assert.equal(nameOf(manager('kubelet', 'status')), 'kubelet (status)'));
