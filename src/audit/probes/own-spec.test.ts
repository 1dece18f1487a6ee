import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { changedPlaces } from './own-spec.ts';

/** The spec that a resource was made with, the one that it has now, and the places that the operator wrote. */
const CASES: readonly (readonly [string, JsonObject | undefined, JsonObject | undefined, readonly string[]])[] = [
  ['a spec that is sent back as it was', { a: 1, b: ['x'] }, { b: ['x'], a: 1 }, []],
  ['a value that is filled in', { a: 1 }, { a: 1, b: 'x' }, ['/b']],
  ['a value that is another', { a: 1, b: { c: 'x' } }, { a: 2, b: { c: 'y' } }, ['/a', '/b/c']],
  ['a value that is taken away', { a: 1, b: 'x' }, { a: 1 }, ['/b']],
  ['zeros and empty ones for what was absent', { a: 1 }, { a: 1, b: '', c: 0, d: false, e: [], f: { g: {} } }, []],
  ['what was empty and is absent now', { a: 1, b: [], c: null }, { a: 1 }, []],
  ['an item of a list', { a: [{ b: 1 }, { b: 0 }] }, { a: [{ b: 1 }, { b: 2 }] }, ['/a/1']],
  ['no spec at all', undefined, undefined, []],
];

for (const [name, made, now, places] of CASES)
  test(`what an operator wrote into a spec: ${name}`, () => assert.deepEqual(changedPlaces(made, now), places));
