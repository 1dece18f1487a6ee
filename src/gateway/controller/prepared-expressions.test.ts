import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareExpressions } from '../model/expressions.ts';
import type { Snapshot } from '../translate/index.ts';
import { PreparedExpressions } from './prepared-expressions.ts';

/** How many of these are still to be made. */
async function unmade(expressions: readonly string[]): Promise<number> {
  let [now, made] = [0, 0];
  await prepareExpressions(expressions, { now: () => (now += 100), pause: async () => void made++ });
  return made;
}

function routes(...values: readonly string[]): Snapshot['httpRoutes'] {
  const route = (value: string) => ({
    spec: { rules: [{ matches: [{ path: { type: 'RegularExpression', value } }] }] },
  });
  return new Map(values.map((value) => [`default/${value}`, route(value)])) as unknown as Snapshot['httpRoutes'];
}

test('expressions of routes that are new are made before they are asked for', async () => {
  const prepared = new PreparedExpressions();
  const none = { grpcRoutes: new Map(), backendPolicies: new Map() };
  await prepared.prepare({ ...none, httpRoutes: routes('/made/one') });
  await prepared.prepare({ ...none, httpRoutes: routes('/made/one', '/made/two') });
  assert.equal(await unmade(['/made/one', '/made/two', '/made/three']), 1);
});
