import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as am from './index.ts';

/** JSON values with int64s among them. */
const values = fc.letrec<{ value: am.JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('yes', '0x1f', '1e3', '~', ' a', 'a: b', '- a', 'a\nb', '# x', '', '\u2028', '2001-01-01', '1:30'),
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((n) => (Number.isInteger(n) ? Math.trunc(n % 2 ** 53) + 0 : n)),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

/** Text that looks like a format's own, with mistakes. */
function texts(words: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 40 })
    .map((w) => w.join(''));
}

const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"a"',
  '"',
  '\\',
  '\\u',
  '1',
  '-',
  '.',
  'e',
  'true',
  'null',
  ' ',
  '\n',
];
const YAML_WORDS = [
  ...JSON_WORDS,
  '- ',
  '? ',
  ': ',
  'a: ',
  '\n  ',
  '&a',
  '*a',
  '!!',
  '|',
  '>',
  "'",
  '#',
  '%',
  '---',
  '\t',
  '<<: ',
];
const RUNS = { numRuns: 1000 };

/** Calls a reader; anything but a value or a ParseError fails the test. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (e) {
    if (!am.isParseError(e)) throw e;
  }
}

test('any text is read as JSON or refused, as JSON.parse does', () => {
  fc.assert(
    fc.property(texts(JSON_WORDS), (text) => {
      let native = true;
      try {
        JSON.parse(text);
      } catch {
        native = false;
      }
      let ours = true;
      try {
        am.findDuplicateFields(text);
      } catch (e) {
        if (!am.isParseError(e)) throw e;
        ours = false;
      }
      assert.equal(ours, native);
      survives(() => am.parseJson(text));
    }),
    RUNS,
  );
});

test('JSON survives a round trip', () => {
  fc.assert(
    fc.property(values, (value) => {
      assert.deepEqual(am.parseJson(am.stringifyJson(value)), value);
    }),
    RUNS,
  );
});

test('any text is read as YAML or refused', () => {
  fc.assert(
    fc.property(texts(YAML_WORDS), (text) => survives(() => am.parseYaml(text, { strict: true }))),
    { numRuns: 3000 },
  );
});

test('values survive being written as YAML and read again', () => {
  // go-yaml writes the key `<<` plain too, and then reads it as a merge
  const printable = values.filter(
    (v) => !/[\u0000-\u0008\u007f-\u009f]|\\u00[01]|"(<|\\u003c){2}":/.test(am.stringifyJson(v)),
  );
  fc.assert(
    fc.property(printable, (value) => {
      const text = am.stringifyYaml(value);
      assert.equal(am.jsonEqual(am.parseYaml(text), value), true, text);
    }),
    RUNS,
  );
});

test('lines of YAML are those of the whole, and each begins the entries that it says', () => {
  fc.assert(
    fc.property(values, (value) => {
      const lines = am.yamlLines(value);
      assert.equal(lines.map(({ text }) => `${text}\n`).join(''), am.stringifyYaml(value));
      const begun = lines.flatMap(({ path, begun: count }) =>
        Array.from({ length: count }, (_, i) => JSON.stringify(path.slice(0, path.length - count + i + 1))),
      );
      const entries = entriesOf(value, []).map((path) => JSON.stringify(path));
      assert.deepEqual(begun.toSorted(), entries.toSorted());
    }),
    RUNS,
  );
});

/** The ways to all that is in a value. */
function entriesOf(value: am.JsonValue, path: readonly (string | number)[]): (readonly (string | number)[])[] {
  const within: readonly (readonly [string | number, am.JsonValue])[] = Array.isArray(value)
    ? [...value.entries()]
    : am.isJsonObject(value)
      ? Object.entries(value)
      : [];
  return within.flatMap(([step, one]) => [[...path, step], ...entriesOf(one, [...path, step])]);
}

test('the canonical text of a quantity is the same quantity, and stays as it is once it is decimal', () => {
  const number = fc.tuple(fc.integer(), fc.option(fc.nat())).map(([a, b]) => (b === null ? `${a}` : `${a}.${b}`));
  const suffix = fc.constantFrom(
    '',
    'n',
    'u',
    'm',
    'k',
    'M',
    'G',
    'T',
    'P',
    'E',
    'Ki',
    'Mi',
    'Gi',
    'Ti',
    'Pi',
    'e3',
    'E-4',
  );
  fc.assert(
    fc.property(number, suffix, (n, s) => {
      const quantity = am.parseQuantity(n + s);
      // there is no suffix beyond E, and Go then writes none
      fc.pre(quantity.unscaled.toString().length + quantity.exponent < 20);
      const again = am.parseQuantity(quantity.toString());
      assert.equal(again.cmp(quantity), 0);
      // 1031.25Ki is written 1056000, a binary number without suffix, which is read as decimal: 1056k
      const last = again.format === quantity.format ? quantity : am.parseQuantity(again.toString());
      assert.equal(last.toString(), again.toString());
    }),
    RUNS,
  );
});

test('quantities, times and durations of any text are read or refused', () => {
  const words = ['1', '0', '-', '.', 'Ki', 'm', 'e', 'T', ':', 'Z', '2020-01-02', '03:04:05', 'h', 's', '+'];
  fc.assert(
    fc.property(texts(words), (text) => {
      survives(() => am.canonicalQuantity(text));
      survives(() => am.canonicalTime(text));
      survives(() => am.canonicalMicroTime(text));
      survives(() => am.parseDuration(text));
    }),
    RUNS,
  );
});

test('a document of nested aliases is refused', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 10; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  assert.throws(() => am.parseYaml(lines.join('\n')), { message: 'yaml: document contains excessive aliasing' });
});

test('depth is bounded by the limits, not by the stack', () => {
  const nested = (n: number) => '['.repeat(n) + ']'.repeat(n);
  assert.equal(am.stringifyJson(am.parseJson(nested(10_000))), nested(10_000));
  assert.equal(am.stringifyJson(am.parseYaml(nested(10_000))), nested(10_000));
  assert.throws(() => am.parseJson(nested(10_001)), { message: "invalid character '[' exceeded max depth" });
  assert.throws(() => am.parseYaml(nested(10_001)), { message: 'yaml: exceeded max depth of 10000' });
});

test('depth is that of brackets outside of strings, however many there are', () => {
  const wide = `[${Array(20_000).fill('{"a":"[[{\\\\\\"[","b":[]}').join(',')}]`;
  assert.deepEqual(am.parseJson(wide), JSON.parse(wide));
  const deep = `["]]]]\\"]]",${'['.repeat(10_000)}${']'.repeat(10_000)}]`;
  assert.throws(() => am.parseJson(deep), { message: "invalid character '[' exceeded max depth" });
});

test('strict errors come in document order, and unknown fields are not looked into', () => {
  const text =
    '{"a":{"x":1,"x":2},"b":1,"a":3,"b":2,"b":3,"c":[{"y":1},{"y":1,"n":"a","n":"b"}],"d":{"a":{"x":1,"x":2}},"e":1}';
  assert.deepEqual(am.strictFieldErrors(text, ['a', 'c[0].y', 'c[1].y', 'e']), [
    'unknown field "a"',
    'duplicate field "b"',
    'unknown field "c[0].y"',
    'unknown field "c[1].y"',
    'duplicate field "c[1].n"',
    'duplicate field "d.a.x"',
    'unknown field "e"',
  ]);
});
