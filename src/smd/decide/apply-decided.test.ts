import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { fieldSetToText } from '../fieldpath/fields-v1.ts';
import { ElementKind, fieldElement, type PathElement } from '../fieldpath/path-element.ts';
import { type FieldPath, formatPath } from '../fieldpath/path.ts';
import { Conflicts } from '../merge/conflict.ts';
import type { Managers } from '../merge/managers.ts';
import { type Change, Updater } from '../merge/updater.ts';
import { Schema } from '../schema/schema.ts';
import type { TypeRefData } from '../schema/schema-data.ts';
import { type Dice, diceOf, randomStruct } from '../testing/random-types.ts';
import { ParseableType } from '../typed/parseable-type.ts';
import type { TypedValue } from '../typed/typed-value.ts';
import { Violations } from '../typed/violations.ts';
import { equalValues, isMap, type Value, type ValueMap } from '../value/value.ts';
import { applyDecided } from './apply-decided.ts';
import type { Decision } from './decision.ts';

/** An object and who owns what of it. */
interface State {
  readonly live: TypedValue;
  readonly managers: Managers;
}

/** A kind whose objects are applied to, in two versions that differ in the names of some fields. */
interface World {
  readonly types: ReadonlyMap<string, ParseableType>;
  readonly updater: Updater;
}

const VERSIONS = ['v1', 'v2'];
/** Is `c` in the first version, at every level. */
const RENAMED = 'c_v2';

function renameType(data: TypeRefData): TypeRefData {
  const { map, list } = data;
  return {
    ...data,
    ...(list && { list: { ...list, ...(list.elementType && { elementType: renameType(list.elementType) }) } }),
    ...(map && {
      map: {
        ...map,
        ...(map.elementType && { elementType: renameType(map.elementType) }),
        ...(map.fields && {
          fields: map.fields.map((field) => ({
            ...field,
            name: field.name === 'c' ? RENAMED : field.name,
            ...(field.type && { type: renameType(field.type) }),
          })),
        }),
      },
    }),
  };
}

/** Entries of maps are renamed as well, which is as good a conversion. */
function renameKeys(value: Value, from: string, to: string): Value {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, from, to));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => [key === from ? to : key, renameKeys(below, from, to)]),
  );
}

function worldOf(dice: Dice): { readonly world: World; readonly value: (dice: Dice) => Value } {
  const root = randomStruct(dice, 4);
  const data = [root.data, renameType(root.data)];
  const schema = new Schema({ types: VERSIONS.map((name, i) => ({ name, ...data[i] })) });
  const types = new Map(VERSIONS.map((name) => [name, new ParseableType(schema.type(name))]));
  const convert = (object: TypedValue, version: string) => {
    if (object.type.name === version) return object;
    const [from, to] = version === 'v1' ? [RENAMED, 'c'] : ['c', RENAMED];
    return types.get(version)?.parse(renameKeys(object.value ?? null, from, to), { allowDuplicates: true });
  };
  return { world: { types, updater: new Updater({ convert }) }, value: root.value };
}

function converted({ types }: World, live: TypedValue, version: string): TypedValue {
  if (live.type.name === version) return live;
  const [from, to] = version === 'v1' ? [RENAMED, 'c'] : ['c', RENAMED];
  return parsed(types.get(version)!, renameKeys(live.value ?? null, from, to));
}

function parsed(type: ParseableType, value: Value): TypedValue {
  const made = type.parse(value, { allowDuplicates: true });
  assert.ok(!(made instanceof Violations), made instanceof Violations ? made.message : '');
  return made;
}

function configIn(world: World, version: string, value: Value): TypedValue {
  return parsed(world.types.get(version)!, version === 'v2' ? renameKeys(value, 'c', RENAMED) : value);
}

/** Some managers apply with force and update. */
function randomState(world: World, value: (dice: Dice) => Value, dice: Dice): State {
  let state: State = { live: parsed(world.types.get('v1')!, {}), managers: new Map() };
  for (let left = 2 + dice(4); left > 0; left--) {
    const manager = ['one', 'two', 'three', 'main'][dice(4)]!;
    const version = dice(4) === 0 ? 'v2' : 'v1';
    const config = configIn(world, version, value(dice));
    const change: Change = {
      live: converted(world, state.live, version),
      managers: state.managers,
      version,
      manager: dice(3) === 0 ? manager : `${manager}-updates`,
    };
    if (change.manager === manager) state = stockApply(world, change, config, true) as State;
    else {
      const updated = world.updater.update(change, config);
      assert.ok(!(updated instanceof Violations));
      state = { live: config, managers: updated.managers };
    }
  }
  return state;
}

function stockApply(world: World, change: Change, config: TypedValue, force: boolean): State | Conflicts {
  const applied = world.updater.apply(change, config, force);
  if (applied instanceof Conflicts) return applied;
  assert.ok(!(applied instanceof Violations), applied instanceof Violations ? applied.message : '');
  return { live: applied.object ?? change.live, managers: applied.managers };
}

// The manual procedure, made of stock applies and of edits as a person makes them in a file.

function itemAt(list: Value[], { kind, key, value }: PathElement): number {
  if (kind === ElementKind.value) return list.findIndex((item) => equalValues(item, value));
  return list.findIndex((item) =>
    key.every((field) =>
      equalValues((item as ValueMap)[field.name] ?? (field.name === 'port' ? 80 : undefined), field.value),
    ),
  );
}

function getAt(value: Value | undefined, path: FieldPath): Value | undefined {
  if (path.length === 0 || value === undefined) return value;
  const [first, ...rest] = path as [PathElement, ...PathElement[]];
  if (first.kind === ElementKind.field) return getAt(isMap(value) ? value[first.name] : undefined, rest);
  return Array.isArray(value) ? getAt(value[itemAt(value, first)], rest) : undefined;
}

/** A copy with another value at a path, or with nothing there, nor around it where it was alone. */
function editAt(value: Value, path: FieldPath, to: Value | undefined): Value | undefined {
  if (path.length === 0) return to;
  const [first, ...rest] = path as [PathElement, ...PathElement[]];
  if (first.kind === ElementKind.field) {
    const map = { ...(value as ValueMap) };
    if (map[first.name] === undefined) return value;
    const below = editAt(map[first.name]!, rest, to);
    if (below === undefined) delete map[first.name];
    else map[first.name] = below;
    return Object.keys(map).length === 0 ? undefined : map;
  }
  const list = [...(value as Value[])];
  const at = itemAt(list, first);
  if (at < 0) return value;
  const below = editAt(list[at]!, rest, to);
  list.splice(at, 1, ...(below === undefined ? [] : [below]));
  return list.length === 0 ? undefined : list;
}

/** What of a configuration is at these paths, and the keys of the items around. */
function subsetOf(config: Value, paths: readonly FieldPath[]): Value {
  let subset: Value = {};
  for (const path of paths) subset = together(subset, alone(config, path), path);
  return subset;
}

function alone(value: Value, path: FieldPath): Value {
  if (path.length === 0) return value;
  const [first, ...rest] = path as [PathElement, ...PathElement[]];
  if (first.kind === ElementKind.field) return { [first.name]: alone((value as ValueMap)[first.name]!, rest) };
  const item = (value as Value[])[itemAt(value as Value[], first)]!;
  if (first.kind === ElementKind.value || rest.length === 0) return [item];
  const keys = Object.fromEntries(
    first.key
      .filter(({ name }) => (item as ValueMap)[name] !== undefined)
      .map(({ name }) => [name, (item as ValueMap)[name]!]),
  );
  return [{ ...keys, ...(alone(item, rest) as ValueMap) }];
}

/** Two configurations whose paths differ, in one. */
function together(a: Value | undefined, b: Value, path: FieldPath): Value {
  if (a === undefined) return b;
  if (path.length === 0) return b;
  const [first, ...rest] = path as [PathElement, ...PathElement[]];
  if (first.kind === ElementKind.field) {
    const before = (a as ValueMap)[first.name];
    return { ...(a as ValueMap), [first.name]: together(before, (b as ValueMap)[first.name]!, rest) };
  }
  const list = [...(a as Value[])];
  const at = itemAt(list, first);
  const item = (b as Value[])[0]!;
  if (at < 0) return [...list, item];
  list[at] =
    first.kind === ElementKind.key ? { ...(item as ValueMap), ...(together(list[at], item, rest) as ValueMap) } : item;
  return list;
}

/** A path as another version has it: how a person finds the field that the message names. */
function pathIn(version: string, path: FieldPath): FieldPath {
  const [from, to] = version === 'v1' ? [RENAMED, 'c'] : ['c', RENAMED];
  return path.map((element) =>
    element.kind === ElementKind.field && element.name === from ? fieldElement(to) : element,
  );
}

type ByPath = ReadonlyMap<string, { readonly path: FieldPath; readonly decision: Decision }>;

function manually(world: World, change: Change, config: TypedValue, decided: ByPath): State {
  let edited: Value = config.value ?? {};
  const forced: FieldPath[] = [];
  for (const { path, decision } of decided.values()) {
    if (decision === 'force') forced.push(pathIn(change.version, path));
    else edited = editAt(edited, path, decision === 'share' ? getAt(change.live.value, path) : undefined) ?? {};
  }
  const type = world.types.get(change.version)!;
  let state: State = { live: change.live, managers: change.managers };
  const apply = (manager: string, value: Value, force: boolean): void => {
    const now = { ...change, ...state, manager };
    const made = stockApply(world, now, parsed(type, value), force);
    assert.ok(!(made instanceof Conflicts), made instanceof Conflicts ? made.message : '');
    state = made;
  };
  // nothing is forced below what yields
  const stated = forced.filter((path) => getAt(edited, path) !== undefined);
  if (stated.length > 0) apply('helper', subsetOf(edited, stated), true);
  apply('main', edited, false);
  if (stated.length > 0) apply('helper', {}, false);
  return state;
}

function shown({ live, managers }: State): unknown {
  const owners = [...managers].map(
    ([name, entry]) => `${name} ${entry.apiVersion} ${entry.applied} ${fieldSetToText(entry.set)}`,
  );
  return { object: live.value ?? {}, owners: owners.sort() };
}

const DECISIONS: readonly Decision[] = ['force', 'yield', 'share', 'fail'];
const CASES = Number(process.env.NEKUBE_DECIDE_CASES ?? 10_000);
const seeds = Number(process.env.NEKUBE_SEED ?? 1);

/** A case whose apply is in conflict; most seeds have one. */
interface RandomCase {
  readonly where: string;
  readonly world: World;
  readonly change: Change;
  readonly config: TypedValue;
  readonly conflicts: Conflicts;
  readonly dice: Dice;
}

function* randomCases(count: number): Generator<RandomCase> {
  let found = 0;
  let { world, value } = worldOf(diceOf(seeds));
  for (let seed = seeds; found < count; seed++) {
    const dice = diceOf(seed);
    if (seed % 8 === 0) ({ world, value } = worldOf(diceOf(seed)));
    const state = randomState(world, value, dice);
    const version = dice(6) === 0 ? 'v2' : 'v1';
    const live = converted(world, state.live, version);
    const change = { live, managers: state.managers, version, manager: 'main' };
    const config = configIn(world, version, value(dice));
    const conflicts = world.updater.apply(change, config, false);
    if (!(conflicts instanceof Conflicts)) continue;
    found++;
    yield { where: `seed ${seed} of those from ${seeds}`, world, change, config, conflicts, dice };
  }
}

const strictness: readonly Decision[] = ['fail', 'yield', 'share', 'force'];

/** By path, as the specification has it: the strictest of all its owners, and fail where the path is not the applier's. */
function expectedDecisions({ world, change, conflicts, config }: RandomCase, decisions: readonly Decision[]): ByPath {
  const out = new Map<string, { path: FieldPath; decision: Decision }>();
  for (const [i, { path }] of conflicts.list.entries()) {
    const before = out.get(formatPath(path))?.decision ?? 'force';
    const decision = strictness[Math.min(strictness.indexOf(before), strictness.indexOf(decisions[i]!))]!;
    out.set(formatPath(path), { path, decision });
  }
  const merged = change.live.merge(config) as TypedValue;
  const changed = change.live.compare(merged);
  assert.ok(!(changed instanceof Violations) && world.types.size === 2);
  for (const { path, manager } of conflicts.list) {
    const one = out.get(formatPath(path))!;
    const foreign = change.managers.get(manager)!.apiVersion !== change.version;
    if (foreign && one.decision !== 'force' && !changed.modified.has(path) && !changed.added.has(path))
      one.decision = 'fail';
  }
  for (const [text, one] of out) {
    const [item, field] = one.path.slice(-2);
    if (!item?.key.some(({ name }) => name === field?.name)) continue;
    const ofItem = out.get(text.slice(0, -field!.toString().length))?.decision;
    one.decision = ofItem ?? (one.decision === 'force' ? 'force' : 'fail');
  }
  return out;
}

test(`decisions on ${CASES} random applies end as the manual procedure of plain applies does`, () => {
  const seen = new Map<string, number>();
  for (const one of randomCases(CASES)) {
    const { world, change, config, conflicts, dice, where } = one;
    const failing = dice(5) === 0 ? 4 : 3;
    const decisions = conflicts.list.map(() => DECISIONS[dice(failing)]!);
    const expected = expectedDecisions(one, decisions);
    const before = shown(change as unknown as State);
    const result = applyDecided(world.updater, change, config, (asked) => {
      assert.equal(new Conflicts(asked).message, conflicts.message, where);
      return decisions;
    });
    assert.deepEqual(shown(change as unknown as State), before, `${where}: what was handed in has changed`);
    for (const { decision } of expected.values()) seen.set(decision, (seen.get(decision) ?? 0) + 1);
    const fails = conflicts.list.filter(({ path }) => expected.get(formatPath(path))!.decision === 'fail');
    if (fails.length > 0) {
      assert.ok(result instanceof Conflicts, where);
      assert.equal(result.message, new Conflicts(fails).message, where);
      continue;
    }
    if (foreignForce(one, expected))
      seen.set('force in another version', (seen.get('force in another version') ?? 0) + 1);
    assert.ok(!(result instanceof Conflicts) && !(result instanceof Violations), where);
    const { object, managers } = result.applied;
    const manual = manually(world, change, config, expected);
    assertSameButForOrder({ live: object ?? change.live, managers }, manual, where);
  }
  for (const decision of DECISIONS)
    assert.ok((seen.get(decision) ?? 0) > CASES / 20, `${decision}: ${seen.get(decision)}`);
  assert.ok((seen.get('force in another version') ?? 0) > CASES / 100, `${seen.get('force in another version')}`);
});

/** Items that are made again stand where the apply that makes them has them, and with two applies that may be elsewhere. */
function assertSameButForOrder(one: State, other: State, where: string): void {
  const [a, b] = [shown(one), shown(other)];
  if (!isDeepStrictEqual(a, b)) assert.deepEqual(inAnyOrder(a), inAnyOrder(b), where);
}

/** With the items of lists in an order that follows from what they are. */
function inAnyOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => [inspect(inAnyOrder(item), { depth: null, sorted: true }), item] as const);
    return items.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => inAnyOrder(item));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, inAnyOrder(below)]));
}

function foreignForce({ change, conflicts }: RandomCase, decided: ByPath): boolean {
  return conflicts.list.some(
    ({ manager, path }) =>
      decided.get(formatPath(path))!.decision === 'force' &&
      change.managers.get(manager)!.apiVersion !== change.version,
  );
}

/** Whether others own less, but for what is forced. */
function othersLose({ managers, manager }: Change, { managers: after }: State, forced: readonly string[]): boolean {
  return [...managers]
    .filter(([name]) => name !== manager)
    .some(([name, { set }]) => {
      const lost = after.has(name) ? set.difference(after.get(name)!.set) : set;
      return [...lost.paths()].some((path) => !forced.includes(formatPath(path)));
    });
}

/** Undefined where something is refused after all. */
function decide(world: World, change: Change, config: TypedValue, of: (path: string) => Decision): State | undefined {
  const decided = applyDecided(world.updater, change, config, (all) => all.map(({ path }) => of(formatPath(path))));
  assert.ok(!(decided instanceof Violations));
  if (decided instanceof Conflicts) return undefined;
  return { live: decided.applied.object ?? change.live, managers: decided.applied.managers };
}

describe('of 1,000 random applies', () => {
  test('one that forces everything ends as an apply with force', () => {
    for (const { world, change, config, where } of randomCases(1_000)) {
      const decided = applyDecided(world.updater, change, config, (all) => all.map(() => 'force'));
      assert.ok(!(decided instanceof Conflicts) && !(decided instanceof Violations), where);
      const { object, managers } = decided.applied;
      const forced = stockApply(world, change, config, true) as State;
      assert.deepEqual(shown({ live: object ?? change.live, managers }), shown(forced), where);
    }
  });

  test('one that fails for one field is refused for that field, and the object is as it was', () => {
    let refused = 0;
    for (const one of randomCases(1_000)) {
      const { world, change, config, conflicts, dice, where } = one;
      const at = formatPath(conflicts.list[dice(conflicts.list.length)]!.path);
      const decisions = conflicts.list.map(({ path }) => (formatPath(path) === at ? 'fail' : 'force'));
      // with an item fails its key, and a key by itself does not
      const expected = expectedDecisions(one, decisions);
      const fails = conflicts.list.filter(({ path }) => expected.get(formatPath(path))!.decision === 'fail');
      if (fails.length === 0) continue;
      refused++;
      const before = shown(change as unknown as State);
      const decided = applyDecided(world.updater, change, config, () => decisions);
      assert.ok(decided instanceof Conflicts, where);
      assert.equal(decided.message, new Conflicts(fails).message, where);
      assert.deepEqual(shown(change as unknown as State), before, where);
    }
    assert.ok(refused > 900, `only ${refused} were refused`);
  });

  test('decisions on disjoint fields commute: some of them first, the others by a second apply, if nothing goes by yielding', () => {
    let compared = 0;
    for (const { world, change, config, conflicts, dice, where } of randomCases(1_300)) {
      const byPath = new Map(conflicts.list.map(({ path }) => [formatPath(path), DECISIONS[dice(3)]!]));
      const first = new Set([...byPath.keys()].filter(() => dice(2) === 0));
      const ends = [true, false].map((order) => {
        const some = decide(world, change, config, (path) => (first.has(path) === order ? byPath.get(path)! : 'yield'));
        const forced = [...byPath.keys()].filter((path) => first.has(path) === order && byPath.get(path) === 'force');
        if (some && othersLose(change, some, forced)) return undefined;
        return some && decide(world, { ...change, ...some }, config, (path) => byPath.get(path) ?? 'fail');
      });
      // who owns a field in another version, and is to yield it first, is refused; and with a map of which nothing is stated when all
      // in it yields goes what others have there, if the manager had applied the map
      if (ends.includes(undefined)) continue;
      compared++;
      assertSameButForOrder(ends[0]!, ends[1]!, where);
    }
    assert.ok(compared > 1_000, `only ${compared} were compared`);
  });
});

test('an apply without conflicts asks nothing', () => {
  const { world, value } = worldOf(diceOf(7));
  const live = parsed(world.types.get('v1')!, {});
  const change = { live, managers: new Map(), version: 'v1', manager: 'main' };
  const decided = applyDecided(world.updater, change, configIn(world, 'v1', value(diceOf(8))), () =>
    assert.fail('asked'),
  );
  assert.ok(!(decided instanceof Conflicts) && !(decided instanceof Violations));
  assert.deepEqual(decided.decided, []);
});
