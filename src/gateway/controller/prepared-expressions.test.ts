import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareSome } from '../model/expressions.ts';
import type { Snapshot } from '../translate/index.ts';
import { PreparedExpressions } from './prepared-expressions.ts';

type Routes = Snapshot['httpRoutes'];

/** How many of these are still to be made. */
function unmade(expressions: readonly string[]): number {
  let made = 0;
  prepareSome(expressions, 0, () => ++made === 0);
  return made;
}

const routeOf = (...values: readonly string[]): unknown => ({
  spec: { rules: [{ matches: values.map((value) => ({ path: { type: 'RegularExpression', value } })) }] },
});
const routes = (all: Readonly<Record<string, unknown>>): Routes => new Map(Object.entries(all)) as unknown as Routes;
const NONE = { grpcRoutes: new Map(), backendPolicies: new Map() };

/** One whose clock goes on at each look, and that makes the next expression when it is told. */
function stepped() {
  let now = 0;
  let made = 0;
  const paused: (() => void)[] = [];
  const pauses = { now: () => (now += 100), pause: () => new Promise<void>((resolve) => paused.push(resolve)) };
  const prepared = new PreparedExpressions(() => made++, pauses);
  const step = async (): Promise<void> => {
    paused.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { prepared, step, made: () => made };
}

test('expressions of routes that are new are made before they are asked for', async () => {
  const prepared = new PreparedExpressions(() => {});
  await prepared.prepare({ ...NONE, httpRoutes: routes({ one: routeOf('/made/one') }) });
  const both = routes({ one: routeOf('/made/one'), two: routeOf('/made/two') });
  const { httpRoutes } = await prepared.prepare({ ...NONE, httpRoutes: both });
  assert.equal(httpRoutes, both);
  assert.equal(unmade(['/made/one', '/made/two', '/made/three']), 1);
});

test('a route with many expressions is as it was until they are made, and all others are as they are', async () => {
  const { prepared, step, made } = stepped();
  const [old, other, newer] = [routeOf('/held/old'), routeOf(), routeOf()];
  const first = prepared.prepare({ ...NONE, httpRoutes: routes({ a: old, other }) });
  await step();
  await first;
  const large = routeOf('/held/1', '/held/2', '/held/3');
  const next = { ...NONE, httpRoutes: routes({ a: large, b: large, other: newer }) };
  const ready = await prepared.prepare(next);
  assert.deepEqual(Object.fromEntries(ready.httpRoutes), { a: old, other: newer });
  for (let i = 0; i < 10 && made() === 0; i++) await step();
  assert.ok(made() > 0);
  for (let i = 0; i < 10; i++) await step();
  assert.deepEqual((await prepared.prepare(next)).httpRoutes, next.httpRoutes);
});

test('a route that goes, or changes once more, while its expressions are made is not as it was for longer', async () => {
  const { prepared, step, made } = stepped();
  await prepared.prepare({ ...NONE, httpRoutes: routes({ a: routeOf(), b: routeOf() }) });
  const [a, b] = [routeOf('/gone/1', '/gone/2', '/gone/3'), routeOf('/gone/4', '/gone/5', '/gone/6')];
  await prepared.prepare({ ...NONE, httpRoutes: routes({ a, b }) });
  const now = routes({ b: routeOf() });
  assert.deepEqual((await prepared.prepare({ ...NONE, httpRoutes: now })).httpRoutes, now);
  for (let i = 0; i < 20; i++) await step();
  assert.equal(made(), 0, 'nobody is told of what nobody waits for');
  assert.deepEqual((await prepared.prepare({ ...NONE, httpRoutes: now })).httpRoutes, now);
});

test('many routes with an expression each are made a few at a time, too', async () => {
  const { prepared, step, made } = stepped();
  await prepared.prepare({ ...NONE, httpRoutes: routes({}) });
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`r${i}`, routeOf(`/many/${i}`)]));
  assert.equal((await prepared.prepare({ ...NONE, httpRoutes: routes(many) })).httpRoutes.size, 1);
  for (let i = 0; i < 10; i++) await step();
  assert.ok(made() > 5 && made() < 15, `${made()} slices`);
});
