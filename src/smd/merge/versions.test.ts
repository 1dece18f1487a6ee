import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fieldSetToJson } from '../fieldpath/fields-v1.ts';
import { pathOf } from '../fieldpath/path.ts';
import { FieldSet } from '../fieldpath/set.ts';
import { Schema } from '../schema/schema.ts';
import type { SchemaData } from '../schema/schema-data.ts';
import { deducedType, ParseableType } from '../typed/parseable-type.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { Violations } from '../typed/violations.ts';
import { equalValues, isMap, type Value } from '../value/value.ts';
import { Conflicts } from './conflict.ts';
import { differenceOfManagers, equalManagers, type Managers } from './managers.ts';
import { type Applied, type Converter, Updater } from './updater.ts';

/** As cases of one version, with field names that end in the version: `name_v1`. */
interface VersionedCase {
  readonly seed: number;
  readonly schema: SchemaData;
  /** Types are this with the version behind it. */
  readonly type: string;
  readonly steps: readonly {
    readonly op: 'apply' | 'update';
    readonly version: string;
    readonly manager: string;
    readonly force: boolean;
    readonly object: Value;
    /** Somebody owns something in a version that does not exist. */
    readonly gone?: boolean;
    readonly error?: { readonly reason: string; readonly message: string };
    readonly live?: Value;
    readonly unchanged?: boolean;
    readonly managers?: Readonly<Record<string, Value>>;
  }[];
}

const cases = readFileSync(new URL('../../../src/smd/testdata/versions.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as VersionedCase);

function renameFields(value: Value, from: string, to: string): Value {
  if (Array.isArray(value)) return value.map((item) => renameFields(item, from, to));
  if (!isMap(value)) return value;
  const rename = (key: string) => (key.endsWith(`_${from}`) ? key.slice(0, -from.length) + to : key);
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [rename(key), renameFields(v, from, to)]));
}

function converterOf(types: ReadonlyMap<string, ParseableType>): Converter {
  return (object, version) => {
    const from = object.type.name!.slice(-2);
    if (from === version) return object;
    return types.get(version)?.parse(renameFields(object.value ?? null, from, version), { allowDuplicates: true });
  };
}

function showManagers(managers: Managers): Record<string, Value> {
  return Object.fromEntries(
    [...managers].map(([name, { apiVersion, applied, set }]) => [
      name,
      { apiVersion, applied, set: fieldSetToJson(set) },
    ]),
  );
}

function runCase(c: VersionedCase): void {
  const schema = new Schema(c.schema);
  const types = new Map(['v1', 'v2', 'v3'].map((v) => [v, new ParseableType(schema.type(`${c.type}_${v}`))]));
  const convert = converterOf(types);
  const updater = new Updater({ convert });
  let live = types.get('v1')!.parse(null) as TypedValue;
  let managers: Managers = new Map();
  for (const [i, step] of c.steps.entries()) {
    const where = `seed ${c.seed} step ${i}`;
    if (step.gone) {
      const set = FieldSet.of(pathOf('x'));
      managers = new Map([...managers, ['gone', { set, apiVersion: 'v9', applied: true }]]);
    }
    const object = types.get(step.version)!.parse(step.object, { allowDuplicates: step.op === 'update' });
    if (object instanceof Violations) {
      assert.equal(step.error?.reason, 'Invalid', where);
      continue;
    }
    const inVersion = convert(live, step.version) as TypedValue;
    const change = { live: inVersion, version: step.version, managers, manager: step.manager };
    const result = step.op === 'apply' ? updater.apply(change, object, step.force) : updater.update(change, object);
    if (result instanceof Violations || result instanceof Conflicts) {
      assert.equal(result.message, step.error?.message, where);
      continue;
    }
    assert.equal(step.error, undefined, where);
    live = step.op === 'apply' ? ((result as Applied).object ?? inVersion) : object;
    managers = result.managers;
    assert.ok(equalValues(step.live, live.value), where);
    assert.deepEqual(showManagers(managers), step.managers, where);
  }
}

test('random changes in three versions end as structured-merge-diff ended them', () => {
  for (const c of cases) runCase(c);
});

describe('what managers own', () => {
  const owned = (name: string, apiVersion = 'v1', applied = true) => ({
    set: FieldSet.of(pathOf(name)),
    apiVersion,
    applied,
  });

  test('is equal when all of it is', () => {
    const a: Managers = new Map([['m', owned('a')]]);
    assert.ok(equalManagers(a, new Map([['m', owned('a')]])));
    for (const other of [owned('b'), owned('a', 'v2'), owned('a', 'v1', false)]) {
      assert.ok(!equalManagers(a, new Map([['m', other]])));
    }
    assert.ok(!equalManagers(a, new Map()));
  });

  test('differs by what only one of them has', () => {
    const before: Managers = new Map([
      ['same', owned('a')],
      ['lost', owned('a')],
      ['moved', owned('a')],
      ['more', owned('a')],
    ]);
    const after: Managers = new Map([
      ['same', owned('a')],
      ['moved', owned('a', 'v2')],
      ['more', { ...owned('a'), set: FieldSet.of(pathOf('a'), pathOf('b')) }],
      ['won', owned('c')],
    ]);
    const difference = differenceOfManagers(before, after);
    assert.deepEqual(showManagers(difference), {
      lost: { apiVersion: 'v1', applied: true, set: { 'f:a': {} } },
      moved: { apiVersion: 'v2', applied: true, set: { 'f:a': {} } },
      more: { apiVersion: 'v1', applied: false, set: { 'f:b': {} } },
      won: { apiVersion: 'v1', applied: true, set: { 'f:c': {} } },
    });
  });
});

test('a failing conversion is a violation with what was being done', () => {
  const convert: Converter = (object, version) => (version === 'v2' ? Violations.of('cannot') : object);
  const live = deducedType.parse({ a: 1 }) as TypedValue;
  const managers: Managers = new Map([['other', { set: FieldSet.of(pathOf('a')), apiVersion: 'v2', applied: true }]]);
  const updated = new Updater({ convert }).update({ live, version: 'v1', managers, manager: 'm' }, live);
  assert.equal((updated as Violations).message, 'cannot');
});
