import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jiffiesPerSecond } from './jiffies.ts';

test('jiffies are counted as often as kernels are made for', {
  skip: process.platform !== 'linux' && 'it is Linux that counts',
}, () => {
  const found = jiffiesPerSecond();
  assert.ok([100, 250, 300, 1000].includes(found), `${found}`);
});
