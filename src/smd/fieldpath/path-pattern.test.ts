import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import type { Value, ValueMap } from '../value/value.ts';
import { elementFromText } from './fields-v1.ts';
import { fieldElement, indexElement, keyElement, PathElement, valueElement } from './path-element.ts';
import { isMalformedPattern, parsePathPattern, PathPattern, patternOf } from './path-pattern.ts';
import { comparePaths, type FieldPath, formatPath } from './path.ts';

interface PatternCase {
  readonly name?: string;
  readonly pattern: string;
  readonly matches?: readonly Element[][];
  readonly others?: readonly Element[][];
}

interface MalformedCase {
  readonly pattern: string;
  readonly position: number;
  readonly malformed: string;
  readonly fix?: string;
}

type Element = string | ValueMap;

const table = load(readFileSync(new URL('../../../src/smd/testdata/path-patterns.yaml', import.meta.url), 'utf8')) as {
  readonly patterns: readonly PatternCase[];
  readonly malformed: readonly MalformedCase[];
};

function pathOf(elements: readonly Element[]): FieldPath {
  return elements.map((element) => {
    if (typeof element === 'string') return fieldElement(element);
    const [[letter, value] = ['', null]] = Object.entries(element);
    const read = elementFromText(`${letter}:${JSON.stringify(value)}`);
    assert.ok(read instanceof PathElement);
    return read;
  });
}

function parse(text: string): PathPattern {
  const pattern = parsePathPattern(text);
  assert.ok(!isMalformedPattern(pattern), JSON.stringify(pattern));
  return pattern;
}

describe('patterns match', () => {
  for (const { name, pattern, matches = [], others = [] } of table.patterns) {
    test(name ?? pattern, () => {
      const parsed = parse(pattern);
      for (const path of matches) assert.ok(parsed.matches(pathOf(path)), `${pattern} matches ${JSON.stringify(path)}`);
      for (const path of others) assert.ok(!parsed.matches(pathOf(path)), `${pattern} is not ${JSON.stringify(path)}`);
    });
  }
});

describe('what is no pattern is told with its place and fix', () => {
  for (const { pattern, position, malformed, fix } of table.malformed) {
    test(JSON.stringify(pattern), () => {
      const read = parsePathPattern(pattern);
      assert.ok(isMalformedPattern(read));
      assert.equal(read.malformed, `path ${JSON.stringify(pattern)} at position ${position}: ${malformed}`);
      assert.equal(read.position, position);
      assert.notEqual(read.fix, '');
      if (fix !== undefined) assert.equal(read.fix, fix);
    });
  }
});

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((n) => !Number.isSafeInteger(Number(n))),
  fc.boolean(),
);
const pieces = [
  '.',
  '[',
  ']',
  '*',
  '**',
  '"',
  '=',
  ',',
  ':',
  'k:',
  'v:',
  'i:',
  '{',
  '}',
  '\\',
  '\\u',
  ' ',
  'a',
  '1',
  'true',
];
const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...pieces) }));

function elements(names: fc.Arbitrary<string>): fc.Arbitrary<PathElement> {
  const key = fc.dictionary(names, scalar, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
  return fc.oneof(
    names.map(fieldElement),
    key.map((fields) => keyElement(Object.entries(fields).map(([field, value]) => ({ name: field, value })))),
    scalar.map((value) => valueElement(value)),
    fc.nat().map(indexElement),
  );
}

const anyPath = fc.array(elements(name), { minLength: 1, maxLength: 5 });
const plainPath = fc.array(elements(fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_/-]*$/)), { minLength: 1, maxLength: 5 });

test('no text makes parsing throw, and what is malformed has a place in the text', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...pieces), maxLength: 30 }));
  fc.assert(
    fc.property(text, anyPath, (pattern, path) => {
      const read = parsePathPattern(pattern);
      if (!isMalformedPattern(read)) return void read.matches(path);
      assert.ok(read.position >= 0 && read.position <= pattern.length);
    }),
    { numRuns: 5_000 },
  );
});

test('the pattern of a path matches this path, what is below it, and no other', () => {
  fc.assert(
    fc.property(anyPath, anyPath, (path, other) => {
      const pattern = parse(patternOf(path));
      assert.ok(pattern.matches(path), pattern.text);
      assert.equal(comparePaths(pattern.path!, path), 0);
      assert.ok(pattern.matches([...path, ...other]), pattern.text);
      for (let length = 0; length < path.length; length++) assert.ok(!pattern.matches(path.slice(0, length)));
      const begins = comparePaths(other.slice(0, path.length), path) === 0;
      if (formatPath(other.slice(0, path.length)) !== formatPath(path)) assert.equal(pattern.matches(other), begins);
    }),
    { numRuns: 5_000 },
  );
});

test('what messages print of a path is a pattern that matches it and what is below', () => {
  fc.assert(
    fc.property(plainPath, plainPath, (path, below) => {
      const pattern = parse(formatPath(path));
      assert.equal(patternOf(path), formatPath(path));
      assert.ok(pattern.matches(path), pattern.text);
      assert.ok(pattern.matches([...path, ...below]), pattern.text);
      assert.ok(!pattern.matches(path.slice(0, -1)));
    }),
    { numRuns: 2_000 },
  );
});

test('many wildcards cost no more than a walk over the path for each', () => {
  const pattern = parse(`${'**.a.'.repeat(200)}b`);
  const path = Array.from({ length: 1_000 }, () => fieldElement('a'));
  assert.ok(!pattern.matches(path));
  assert.ok(pattern.matches([...path, fieldElement('b')]));
});
