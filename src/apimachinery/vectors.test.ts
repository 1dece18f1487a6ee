import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as am from './index.ts';

/** One line of a vector file: what Go's library makes of an input. */
interface Vector {
  readonly op: string;
  readonly in: string;
  readonly with?: string;
  readonly out?: unknown;
  readonly error?: string;
}

/** The same operations here; each returns what the Go side printed. */
const operations: Record<string, (v: Vector) => unknown> = {
  quantity: (v) => am.canonicalQuantity(v.in),
  'quantity-add': (v) => {
    const [a, b] = [am.parseQuantity(v.in), am.parseQuantity(v.with!)];
    return [a.cmp(b), `${a.add(b)}`, `${a.sub(b)}`, `${a.value()}`, `${a.milliValue()}`];
  },
  time: (v) => am.canonicalTime(v.in) ?? undefined,
  microtime: (v) => am.canonicalMicroTime(v.in) ?? undefined,
  duration: (v) => am.formatDuration(am.parseDuration(v.in)),
  age: (v) => {
    const ms = Number(v.in.slice(0, -1)) * 1000;
    return [am.humanDuration(ms), am.shortHumanDuration(ms)];
  },
  json: (v) => sorted(am.parseJson(v.in)),
  'json-strict': (v) => am.findDuplicateFields(v.in).map((path) => am.strictFieldError('duplicate', path)),
  yaml: (v) => sorted(am.parseYaml(v.in)),
  'yaml-strict': (v) => sorted(am.parseYaml(v.in, { strict: true })),
  'to-yaml': (v) => am.stringifyYaml(am.parseJson(v.in)),
};

/** Go's maps are written with sorted keys. */
function sorted(value: am.JsonValue): string {
  return am.stringifyJson(sortKeys(value));
}

function sortKeys(value: am.JsonValue): am.JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!am.isJsonObject(value)) return value;
  const out: am.JsonObject = {};
  for (const key of Object.keys(value).sort()) am.setMember(out, key, sortKeys(value[key]!));
  return out;
}

/** YAML's and Go's ways to write one JSON value differ in escapes and big numbers. */
function expected({ op, out }: Vector): unknown {
  return op.startsWith('yaml') ? sorted(am.parseJson(out as string)) : (out ?? undefined);
}

function attempt(v: Vector): { out?: unknown; error?: string } {
  try {
    return { out: operations[v.op]!(v) };
  } catch (e) {
    if (!am.isParseError(e)) throw e;
    return { error: e.message };
  }
}

const FILES = ['quantity', 'quantity-add', 'time', 'duration', 'age', 'json', 'json-strict', 'yaml', 'to-yaml'];

for (const file of FILES) {
  test(`${file} agrees with Go`, () => {
    const lines = readFileSync(new URL(`../../src/apimachinery/testdata/${file}.jsonl`, import.meta.url), 'utf8');
    const wrong: string[] = [];
    for (const line of lines.split('\n').filter(Boolean)) {
      const vector = JSON.parse(line) as Vector;
      const want = vector.error === undefined ? { out: expected(vector) } : { error: vector.error };
      const got = attempt(vector);
      try {
        assert.deepEqual(got, want);
      } catch {
        wrong.push(`${vector.op} ${JSON.stringify(vector.in)}: want ${show(want)}, got ${show(got)}`);
      }
    }
    assert.equal(wrong.length, 0, wrong.join('\n'));
  });
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
}
