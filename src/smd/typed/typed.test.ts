import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fieldSetFromJson, fieldSetToJson } from '../fieldpath/fields-v1.ts';
import { pathOf } from '../fieldpath/path.ts';
import { FieldSet } from '../fieldpath/set.ts';
import { Schema } from '../schema/schema.ts';
import type { SchemaData } from '../schema/schema-data.ts';
import { equalValues, type Value } from '../value/value.ts';
import { isSame } from './compare.ts';
import { withNamedFields } from './named-fields.ts';
import { deducedType, ParseableType } from './parseable-type.ts';
import { reconcileFieldSet } from './reconcile.ts';
import type { TypedValue } from './typed-value.ts';
import { Violations } from './violations.ts';

/** Two values of a type, and what structured-merge-diff makes of them; sets are FieldsV1. */
interface TypedCase {
  readonly seed: number;
  readonly schema?: SchemaData;
  readonly type?: string;
  readonly a: Value;
  readonly b: Value;
  /** Why `a` is refused where equal list items are. */
  readonly strictA?: string;
  readonly errorA?: string;
  readonly errorB?: string;
  readonly compareError?: string;
  readonly mergeError?: string;
  readonly compare?: Readonly<Record<'removed' | 'modified' | 'added', Value>>;
  readonly [result: string]: unknown;
}

const cases = readFileSync(new URL('../../../src/smd/testdata/typed.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as TypedCase);

function typeOf(c: TypedCase): ParseableType {
  return c.schema === undefined ? deducedType : new ParseableType(new Schema(c.schema).type(c.type ?? ''));
}

function accepted<T>(result: T | Violations): T {
  assert.ok(!(result instanceof Violations), result instanceof Violations ? result.message : '');
  return result;
}

function sameSet(c: TypedCase, what: string, set: FieldSet | Violations): void {
  assert.equal(JSON.stringify(fieldSetToJson(accepted(set))), JSON.stringify(c[what]), `${what} of seed ${c.seed}`);
}

function sameValue(c: TypedCase, what: string, value: Value | undefined): void {
  assert.ok(equalValues(c[what] as Value, value), `${what} of seed ${c.seed}: ${JSON.stringify(value)}`);
}

/** Both objects, where both are of their type. */
function pairs(): [TypedCase, TypedValue, TypedValue][] {
  return cases
    .filter((c) => c.errorA === undefined && c.errorB === undefined)
    .map((c) => {
      const type = typeOf(c);
      const [a, b] = [type.parse(c.a, { allowDuplicates: true }), type.parse(c.b, { allowDuplicates: true })];
      return [c, accepted(a), accepted(b)];
    });
}

/** The defects of a message; the real one has them in any order. */
const defects = (message: string | undefined) => message?.split('\n').sort();

describe('typed values are as structured-merge-diff has them', () => {
  test('values are accepted or refused with the same defects', () => {
    for (const c of cases) {
      for (const [allowDuplicates, expected] of [
        [false, c.strictA ?? c.errorA],
        [true, c.errorA],
      ] as const) {
        const value = typeOf(c).parse(c.a, { allowDuplicates });
        const actual = value instanceof Violations ? value.message : undefined;
        assert.deepEqual(defects(actual), defects(expected), `seed ${c.seed}`);
      }
    }
  });

  test('field sets', () => {
    for (const [c, a, b] of pairs()) {
      sameSet(c, 'setA', a.toFieldSet());
      sameSet(c, 'setB', b.toFieldSet());
      sameSet(c, 'leavesA', accepted(a.toFieldSet()).leaves());
    }
  });

  test('comparison', () => {
    for (const [c, a, b] of pairs()) {
      const comparison = a.compare(b);
      if (c.compareError !== undefined) assert.equal((comparison as Violations).message, c.compareError);
      else
        for (const part of ['removed', 'modified', 'added'] as const) {
          sameSet({ ...c, [part]: c.compare![part] }, part, accepted(comparison)[part]);
        }
    }
  });

  test('merge', () => {
    for (const [c, a, b] of pairs()) {
      const merged = a.merge(b);
      if (c.mergeError !== undefined) assert.equal((merged as Violations).message, c.mergeError);
      else sameValue(c, 'merged', accepted(merged).value);
    }
  });

  test('removal and extraction of a part of the fields', () => {
    for (const [c, a] of pairs()) {
      const part = fieldSetFromJson(c.subset as Value) as FieldSet;
      sameSet(c, 'named', withNamedFields(part, a.type));
      sameValue(c, 'removed', a.removeItems(part).value);
      sameValue(c, 'extracted', a.extractItems(part).value);
      sameValue(c, 'extractedKeys', a.extractItems(part, { appendKeyFields: true }).value);
    }
  });
});

describe('values are shared and never changed', () => {
  const object = { a: { b: 1, c: [1, 2] }, d: { e: 1 } };
  const live = accepted(deducedType.parse(object));

  test('a merge keeps the parts it does not change', () => {
    const merged = accepted(live.merge(accepted(deducedType.parse({ a: { b: 2 } }))));
    assert.deepEqual(object, { a: { b: 1, c: [1, 2] }, d: { e: 1 } });
    assert.deepEqual(merged.value, { a: { b: 2, c: [1, 2] }, d: { e: 1 } });
    assert.equal((merged.value as typeof object).d, object.d);
    assert.equal((merged.value as typeof object).a.c, object.a.c);
  });

  test('a merge that changes nothing is the value itself', () => {
    assert.equal(live.merge(accepted(deducedType.parse({ a: { b: 1 } }))), live);
    assert.ok(isSame(accepted(live.compare(live))));
  });

  test('a key __proto__ is a key like others', () => {
    const hostile = accepted(deducedType.parse(JSON.parse('{"a":{"__proto__":{"x":1}}}')));
    const merged = accepted(accepted(deducedType.parse({ a: { y: 1 } })).merge(hostile));
    assert.equal(JSON.stringify(merged.value), '{"a":{"y":1,"__proto__":{"x":1}}}');
    assert.equal(({} as { x?: number }).x, undefined);
    assert.equal(accepted(hostile.toFieldSet()).toString(), '.a\n.a.__proto__\n.a.__proto__.x');
    assert.deepEqual(
      hostile.removeItems(FieldSet.of(pathOf('a', '__proto__', 'x'))).value,
      JSON.parse('{"a":{"__proto__":null}}'),
    );
  });

  test('integers beyond 2^53 are kept apart', () => {
    const big = accepted(deducedType.parse({ n: 2n ** 60n }));
    const other = accepted(deducedType.parse({ n: 2n ** 60n + 1n }));
    assert.equal(accepted(big.compare(other)).modified.toString(), '.n');
    assert.deepEqual(accepted(big.merge(other)).value, { n: 2n ** 60n + 1n });
  });
});

describe('a schema that does not fit', () => {
  const schema = new Schema({
    types: [{ name: 'object', map: { fields: [{ name: 'a', type: { namedType: 'missing' } }] } }, { name: 'nothing' }],
  });

  test('a missing type is told by its name', () => {
    assert.equal(new ParseableType(schema.type('other')).valid, false);
    assert.equal(
      (new ParseableType(schema.type('other')).parse({}) as Violations).message,
      'schema error: no type found matching: other',
    );
    assert.equal(
      (new ParseableType(schema.type('object')).parse({ a: 1 }) as Violations).message,
      '.a: schema error: no type found matching: missing',
    );
  });

  test('a type that allows nothing is told too', () => {
    const message = 'schema error: invalid atom: named type: nothing';
    assert.equal((new ParseableType(schema.type('nothing')).parse(1) as Violations).message, message);
  });

  test('values of different types are not worked with', () => {
    const object = accepted(new ParseableType(schema.type('object')).parse({}));
    const deduced = accepted(deducedType.parse({}));
    assert.equal((object.merge(deduced) as Violations).message, 'expected objects with types from the same schema');
    assert.ok(object.compare(deduced) instanceof Violations);
  });
});

test('what was owned in a type that has become atomic is owned as a whole', () => {
  const schema = new Schema({
    types: [
      {
        name: 'object',
        map: {
          fields: [
            { name: 'atom', type: { map: { elementType: { scalar: 'string' }, elementRelationship: 'atomic' } } },
            { name: 'list', type: { list: { elementType: { scalar: 'string' }, elementRelationship: 'atomic' } } },
            { name: 'free', type: { namedType: 'object' } },
            { name: 'any', type: { map: { elementType: { scalar: 'untyped' } } } },
          ],
        },
      },
    ],
  });
  const set = FieldSet.of(
    pathOf('atom', 'a'),
    pathOf('free', 'list', 0),
    pathOf('free', 'atom'),
    pathOf('any', 'x', 'y'),
    pathOf('gone', 'x'),
  );
  const fitted = reconcileFieldSet(set, schema.type('object'));
  assert.equal(fitted.toString(), '.atom\n.any.x.y\n.free.atom\n.free.list\n.gone.x');
  assert.equal(reconcileFieldSet(fitted, schema.type('object')), fitted);
});
