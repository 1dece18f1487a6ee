import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adapterOf, baseEnvironment, CelError, declareType, type Schema, sizesOf } from './index.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    n: { type: 'integer' },
    d: { type: 'number' },
    b: { type: 'boolean' },
    s: { type: 'string', maxLength: 10 },
    ns: { type: 'array', maxItems: 4, items: { type: 'integer' } },
    ss: { type: 'array', maxItems: 4, 'x-kubernetes-list-type': 'set', items: { type: 'string', maxLength: 5 } },
    m: { type: 'object', maxProperties: 3, additionalProperties: { type: 'integer' } },
  },
};
const self = declareType(schema, { name: 'self' })!;
const environment = baseEnvironment().extend({ variables: { self: self.type } });

/** What sources are made of, right or wrong. */
const token = fc.constantFrom(
  ...'( ) [ ] { } . , ? : + - * / % ! == != < <= && || in true false null 1 2u 3.5 1e9 0x1f "a" \'b\' b"c" r"d" """e"""'.split(
    ' ',
  ),
  ...'x self self.n has all map filter exists size [?1] .?a {?"a":1} \\x ` @ # & | = " \' \\ // \n \ud800 é 💯'.split(
    ' ',
  ),
);

test('no source makes the compiler throw', () => {
  const source = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join('')),
    fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(' ')),
  );
  fc.assert(
    fc.property(source, (text) => {
      const { expression, issues } = environment.compile(text);
      assert.equal(expression === undefined, issues.count > 0);
      if (issues.count > 0) assert.match(issues.toString(), /^ERROR: <input>:/);
    }),
    { numRuns: 2000 },
  );
});

test('what nests deeply is refused, not followed until the stack ends', () => {
  for (const [open, close] of [
    ['(', ')'],
    ['[', ']'],
    ['{1:', '}'],
    ['f(', ')'],
    ['1+', ''],
    ['a.', ''],
    ['a?b:', ''],
  ] as const) {
    const source = `${open.repeat(20_000)}1${close.repeat(20_000)}`;
    assert.ok(environment.compile(source).expression === undefined, open);
  }
});

type Source = fc.Arbitrary<string>;

/** Expressions of each type, of each other. */
const typed = fc.letrec<Record<'int' | 'double' | 'bool' | 'text' | 'ints' | 'texts', string>>((tie) => {
  const int = tie('int');
  const bool = tie('bool');
  const text = tie('text');
  const ints = tie('ints');
  const texts = tie('texts');
  const double = tie('double');
  const of = (strings: TemplateStringsArray, ...parts: Source[]): Source =>
    fc.tuple(...parts).map((values) => String.raw(strings, ...values));
  const oneOf = (...sources: Source[]): Source => fc.oneof({ maxDepth: 4, withCrossShrink: true }, ...sources);
  return {
    int: oneOf(
      fc.constantFrom('self.n', '0', '1', '-7', '9223372036854775807', 'self.ns[0]', 'self.m["a"]'),
      of`(${int} + ${int})`,
      of`(${int} * ${int})`,
      of`(${int} / ${int})`,
      of`(${bool} ? ${int} : ${int})`,
      of`size(${text})`,
      of`${ints}.size()`,
      of`int(${double})`,
      of`${ints}.sum()`,
      of`self.?n.orValue(${int})`,
    ),
    double: oneOf(fc.constantFrom('self.d', '0.5', '-1e300'), of`(${double} - ${double})`, of`double(${int})`),
    bool: oneOf(
      fc.constantFrom('self.b', 'true', 'has(self.s)', 'has(self.m.a)', '("a" in self.m)'),
      of`(${int} < ${double})`,
      of`(${text} == ${text})`,
      of`(${texts} == ${texts})`,
      of`(${bool} && ${bool})`,
      of`(${bool} || ${bool})`,
      of`!(${bool})`,
      of`${text}.startsWith(${text})`,
      of`${text}.contains(${text})`,
      of`${text}.matches("^[a-c]+$")`,
      of`(${int} in ${ints})`,
      of`${ints}.all(x, x > ${int})`,
      of`${texts}.exists(t, t == ${text})`,
      of`${ints}.exists_one(x, x == ${int})`,
      of`self.m.all(k, v, v > ${int} || ${bool})`,
    ),
    text: oneOf(
      fc.constantFrom('self.s', '"a"', '"äöü💯"', 'self.ss[0]'),
      of`(${text} + ${text})`,
      of`string(${int})`,
      of`${text}.upperAscii()`,
      of`${texts}.join(",")`,
    ),
    ints: oneOf(
      fc.constantFrom('self.ns', '[1, 2, 3]', '[]'),
      of`[${int}, ${int}]`,
      of`(${ints} + ${ints})`,
      of`${ints}.map(x, x + ${int})`,
      of`${ints}.filter(x, ${bool})`,
    ),
    texts: oneOf(
      fc.constantFrom('self.ss', '["a", "b"]', 'self.m.map(k, k)'),
      of`[${text}]`,
      of`(${texts} + ${texts})`,
      of`${texts}.map(t, t + ${text})`,
    ),
  };
});

const object = fc.record(
  {
    n: fc.integer(),
    d: fc.double({ noNaN: true, noDefaultInfinity: true }),
    b: fc.boolean(),
    s: fc.string({ maxLength: 10 }),
    ns: fc.array(fc.integer(), { maxLength: 4 }),
    ss: fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 4 }),
    m: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer()),
  },
  { requiredKeys: [] },
);

/** kube-apiserver takes the elements of a list that is written down for the object itself, whose size is none: not here. */
const sizeOfSelf = sizesOf(self);
const sizeOfPath = (path: readonly string[]) => (path[0] === 'self' ? sizeOfSelf(path) : undefined);

test('an evaluation neither throws nor costs more than was estimated', () => {
  const adapt = adapterOf(schema);
  fc.assert(
    fc.property(fc.oneof(typed.bool, typed.int, typed.texts, typed.ints), object, (source, value) => {
      const { expression, issues } = environment.compile(source);
      assert.ok(expression !== undefined, `${source}\n${issues}`);
      const program = expression.program();
      if (program instanceof CelError) return;
      const values = adapt(value);
      const { cost } = program.evaluate((name) => (name === 'self' ? values : undefined));
      const { max } = expression.estimateCost({ sizeOf: sizeOfPath });
      assert.ok(cost <= max, `${source} of ${JSON.stringify(value)} costs ${cost}, estimated at most ${max}`);
    }),
    { numRuns: 1000 },
  );
});

test('an evaluation ends at its limit of cost, whatever would absorb an error', () => {
  const { expression } = environment.compile('[1, 2, 3, 4].exists(x, x == 9) || true');
  const program = expression!.program();
  assert.ok(!(program instanceof CelError));
  const { value } = program.evaluate(() => undefined, { costLimit: 5 });
  assert.ok(value instanceof CelError);
  assert.equal(value.message, 'operation cancelled: actual cost limit exceeded');
});
