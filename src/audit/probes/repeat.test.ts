import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { causeOfValues } from './repeat.ts';

const now = Date.now();
const at = (ms: number): string => new Date(now + ms).toISOString();

const CASES: readonly (readonly [
  name: string,
  values: readonly (string | number | null)[],
  cause: string,
  path?: string,
])[] = [
  ['a number that grows is a count', [7, 8, 10], 'history'],
  ['also as a text', ['7', '8', '10'], 'history'],
  ['numbers that happen to grow are none', ['17999062909772', '31118651532299', '70894808643146'], 'random'],
  ['nor are those that also fall', [7, 12, 9], 'random'],
  ['the time of day is a stamp', [at(0), at(5), at(9)], 'stamps'],
  ['in seconds, too', [Math.floor(now / 1000), Math.floor(now / 1000) + 1, Math.floor(now / 1000) + 2], 'stamps'],
  ['and a time that goes with it', [at(9e9), at(9e9 + 5), at(9e9 + 9)], 'stamps'],
  ['versions of objects grow with all that is written', ['100', '4000', '90000'], 'stamps', '/data/resourceVersion'],
  ['what is there once is random', [null, 'a', null], 'random'],
];

describe('what differs each time', () => {
  for (const [name, values, cause, path = '/data/x'] of CASES)
    test(name, () => assert.equal(causeOfValues(values, path), cause));
});
