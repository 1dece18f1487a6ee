import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anyElement, excludeFilter, includeFilter, prefixMatcher } from './filter.ts';
import { comparePaths, type FieldPath, formatPath, pathOf } from './path.ts';
import { fieldElement, indexElement, keyElement, type PathElement, valueElement } from './path-element.ts';
import { FieldSet } from './set.ts';

const scalar = fc.constantFrom<string | number | boolean | null>('a', 'b', 1, 2, 1.5, true, false, null);
const element: fc.Arbitrary<PathElement> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'c').map(fieldElement) },
  {
    weight: 2,
    arbitrary: fc.tuple(scalar, scalar).map(([name, port]) =>
      keyElement([
        { name: 'port', value: port },
        { name: 'name', value: name },
      ]),
    ),
  },
  { weight: 1, arbitrary: scalar.map((value) => valueElement(value)) },
  { weight: 1, arbitrary: fc.nat(2).map(indexElement) },
);
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });

/** The naive model: texts of paths, in a Set. */
const model = (list: readonly FieldPath[]) => new Set(list.map(formatPath));
const members = (set: FieldSet) => [...set.paths()].map(formatPath);
const isPrefix = (prefix: string, list: readonly FieldPath[]) =>
  list.some((other) => other.some((_, i) => formatPath(other.slice(0, i + 1)) === prefix));

/** Both hold the same paths, and the set's are in order at every level. */
function same(set: FieldSet, expected: Iterable<string>): void {
  assert.deepEqual(members(set).sort(), [...expected].sort());
  assert.equal(set.size, members(set).length);
  assert.equal(set.empty, set.size === 0);
  assertOrdered(set);
}

function assertOrdered(set: FieldSet): void {
  for (const [i, node] of set.nodes.entries()) {
    assert.ok(node.member || node.children !== undefined);
    assert.ok(i === 0 || comparePaths([set.nodes[i - 1]!.element], [node.element]) < 0);
    if (node.children !== undefined) {
      assert.ok(!node.children.empty);
      assertOrdered(node.children);
    }
  }
}

describe('sets are sets of paths', () => {
  test('union, intersection and difference are those of the model', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const [setA, setB] = [FieldSet.of(...a), FieldSet.of(...b)];
        const [modelA, modelB] = [model(a), model(b)];
        same(setA.union(setB), new Set([...modelA, ...modelB]));
        same(
          setA.intersection(setB),
          [...modelA].filter((p) => modelB.has(p)),
        );
        same(
          setA.difference(setB),
          [...modelA].filter((p) => !modelB.has(p)),
        );
        assert.equal(
          setA.isSubsetOf(setB),
          [...modelA].every((p) => modelB.has(p)),
        );
        assert.ok(setA.union(setB).equals(setB.union(setA)));
        assert.ok(setA.difference(setB).union(setA.intersection(setB)).equals(setA));
      }),
    );
  });

  test('a recursive difference also takes what is below', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        const removed = model(b);
        const kept = a.filter((p) => !p.some((_, i) => removed.has(formatPath(p.slice(0, i + 1)))));
        same(FieldSet.of(...a).recursiveDifference(FieldSet.of(...b)), model(kept));
      }),
    );
  });

  test('leaves have no members below them', () => {
    fc.assert(
      fc.property(paths, (a) => {
        const leaves = a.filter((p) => !a.some((other) => other.length > p.length && isPrefix(formatPath(p), [other])));
        same(FieldSet.of(...a).leaves(), model(leaves));
      }),
    );
  });

  test('a path is a member when it was put in, alone or later', () => {
    fc.assert(
      fc.property(paths, path, (a, p) => {
        const set = FieldSet.of(...a);
        assert.equal(set.has(p), model(a).has(formatPath(p)));
        assert.ok(set.with(p).has(p));
        assert.ok(set.with(p).equals(FieldSet.of(...a, p)));
      }),
    );
  });

  test('paths below an element are those with it as prefix', () => {
    fc.assert(
      fc.property(paths, element, (a, first) => {
        const below = a.filter((p) => p.length > 1 && formatPath([p[0]!]) === formatPath([first]));
        same(FieldSet.of(...a).withPrefix(first), model(below.map((p) => p.slice(1))));
      }),
    );
  });

  test('the empty path is in no set', () => {
    assert.ok(FieldSet.of([]).empty);
    assert.equal(FieldSet.of(pathOf('a')).has([]), false);
  });

  test('operations that change nothing return the very set', () => {
    const set = FieldSet.of(pathOf('a', 'b'), pathOf('c'));
    assert.equal(set.union(FieldSet.of(pathOf('c'))), set);
    assert.equal(set.difference(FieldSet.of(pathOf('x'))), set);
    assert.equal(set.intersection(set.with(pathOf('x'))), set);
  });

  test('a set of ten thousand keys is made and combined at once', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => pathOf('data', `k${(i * 7919) % 10_000}`));
    const set = FieldSet.of(...many);
    assert.equal(set.size, 10_000);
    assert.ok(set.difference(FieldSet.of(...many.toReversed())).empty);
  });
});

describe('filters', () => {
  const set = FieldSet.of(
    pathOf('spec', 'containers', keyElement([{ name: 'name', value: 'a' }]), 'resources', 'limits'),
    pathOf('spec', 'containers', keyElement([{ name: 'name', value: 'a' }]), 'image'),
    pathOf('spec', 'containers', keyElement([{ name: 'name', value: 'a' }])),
    pathOf('spec', 'replicas'),
    pathOf('status', 'ready'),
  );

  test('an exclusion takes the paths and all below', () => {
    const rest = excludeFilter(FieldSet.of(pathOf('spec', 'containers'), pathOf('status')))(set);
    assert.deepEqual(members(rest), ['.spec.replicas']);
  });

  test('an inclusion with wildcards keeps the way and all below', () => {
    const matcher = prefixMatcher('spec', 'containers', anyElement, 'resources');
    assert.deepEqual(members(includeFilter(matcher)(set)), [
      '.spec.containers[name="a"]',
      '.spec.containers[name="a"].resources.limits',
    ]);
  });

  test('several inclusions keep what any of them keeps', () => {
    const include = includeFilter(
      prefixMatcher('status'),
      prefixMatcher('spec', 'replicas'),
      prefixMatcher('spec', 'x'),
    );
    assert.deepEqual(members(include(set)), ['.spec.replicas', '.status.ready']);
    assert.equal(includeFilter()(set), set);
    assert.equal(includeFilter(prefixMatcher('x'))(set).empty, true);
  });
});

test('elements are ordered by kind, then by name, key or value', () => {
  const ordered = [
    fieldElement('a'),
    fieldElement('b'),
    fieldElement('\uffff'),
    fieldElement('\u{10000}'),
    keyElement([{ name: 'name', value: 'a' }]),
    keyElement([
      { name: 'name', value: 'a' },
      { name: 'port', value: 1 },
    ]),
    keyElement([{ name: 'name', value: 'b' }]),
    keyElement([{ name: 'port', value: 1 }]),
    valueElement(-1),
    valueElement(0.5),
    valueElement(2n ** 60n),
    valueElement('a'),
    valueElement('b'),
    valueElement(false),
    valueElement(true),
    valueElement([1]),
    valueElement([1, 1]),
    valueElement([2]),
    valueElement({ a: 1, b: 1 }),
    valueElement({ a: 2 }),
    valueElement(null),
    indexElement(0),
    indexElement(10),
  ];
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) {
      assert.equal(Math.sign(comparePaths([a], [b])), Math.sign(i - j), `${a} and ${b}`);
    }
  }
});

test('paths show as messages show them', () => {
  const key = keyElement([
    { name: 'port', value: 80 },
    { name: 'name', value: 'a"b' },
  ]);
  assert.equal(
    formatPath(pathOf('spec', key, 0, valueElement('x'), valueElement(1.5))),
    '.spec[name="a\\"b",port=80][0][="x"][=1.5]',
  );
});
