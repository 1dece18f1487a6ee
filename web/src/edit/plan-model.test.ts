import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from 'nekube/apimachinery';
import { editableText, newText, restored } from './edit-text.ts';
import {
  canApply,
  causesOf,
  decidedAs,
  NOTHING_DECIDED,
  openConflicts,
  partsOf,
  type Plan,
  type PlannedField,
  removalAs,
  showValue,
  signOf,
} from './plan-model.ts';

const field = (path: string, action: PlannedField['action'], more: object = {}): PlannedField => ({
  path,
  action,
  claimed: false,
  others: [],
  ...more,
});
const plan = (outcome: Plan['outcome'], ...fields: readonly PlannedField[]): Plan => ({
  outcome,
  resourceVersion: '1',
  fields,
  moreFields: 0,
  warnings: [],
  applies: true,
  removals: [],
  ignored: [],
});

test('a plan is read in parts: what is contested, what changes, what the server does, whose it becomes', () => {
  const parts = partsOf(
    plan(
      'conflict',
      field('.a', 'conflict'),
      field('.b', 'set'),
      field('.c', 'server'),
      field('.d', 'unchanged', { claimed: true }),
      field('.e', 'set', { decision: 'force' }),
      field('.f', 'unchanged'),
    ),
  );
  const paths = Object.values(parts).map((part: readonly PlannedField[]) => part.map(({ path }) => path).join());
  assert.deepEqual(paths, ['.a,.e', '.b', '.c', '.d']);
});

test('nothing can be applied as long as a conflict is open, nothing would happen, or it is refused', () => {
  const contested = plan('conflict', field('.a', 'conflict'), field('.b', 'conflict'));
  assert.equal(openConflicts(contested, new Map()), 2);
  assert.equal(canApply(contested, NOTHING_DECIDED), false);
  const one = decidedAs(NOTHING_DECIDED, '.a', 'force');
  assert.equal(canApply(contested, one), false);
  assert.equal(canApply(contested, decidedAs(one, '.b', 'yield')), true);
  assert.equal(canApply(contested, decidedAs(decidedAs(one, '.b', 'yield'), '.a', undefined)), false);
  assert.equal(canApply(plan('none'), NOTHING_DECIDED), false);
  assert.equal(canApply(plan('error'), NOTHING_DECIDED), false);
  assert.equal(canApply(plan('changed', field('.a', 'set')), NOTHING_DECIDED), true);
});

test('a removal is taken and left again', () => {
  const taken = removalAs(NOTHING_DECIDED, '.a', true);
  assert.deepEqual([...taken.removals], ['.a']);
  assert.deepEqual([...removalAs(taken, '.a', false).removals], []);
});

test('changes have their signs', () => {
  const signs = [
    field('.a', 'set', { applied: 1, result: 1 }),
    field('.a', 'set', { live: 2, result: 1 }),
    field('.a', 'removed', { live: 2 }),
    field('.a', 'kept', { live: 2, result: 2 }),
    field('.a', 'server', { live: 2 }),
  ].map(signOf);
  assert.deepEqual(signs, ['+', '~', '-', '=', '-']);
});

test('values are shown in a line', () => {
  assert.deepEqual(
    [showValue('web'), showValue(''), showValue('a\nb'), showValue(3), showValue({ a: 1n }), showValue(undefined)],
    ['web', '""', '"a\\nb"', '3', '{"a":1}', ''],
  );
});

test('what an answer refuses is told by field', () => {
  assert.deepEqual(causesOf({ details: { causes: [{ field: 'spec.a', message: 'm' }] } }), [
    { field: 'spec.a', message: 'm' },
  ]);
  assert.deepEqual(causesOf({ message: 'strict decoding error: unknown field "spec.x", unknown field "y"' }), [
    { field: 'spec.x', message: 'unknown field "spec.x"' },
    { field: 'y', message: 'unknown field "y"' },
  ]);
  assert.deepEqual(causesOf({ message: 'no' }), []);
});

const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', uid: 'u', resourceVersion: '3', managedFields: [{ manager: 'm' }], labels: { x: '1' } },
  data: { a: '1' },
  status: { ok: true },
};

test('what only the server sets is not edited, and leaving it out is no edit', () => {
  const text = editableText(object as never);
  assert.ok(!/uid|managedFields|status|resourceVersion/.test(text));
  assert.deepEqual(restored(parseYaml(text) as never, object as never), object);
});

test('a number that JavaScript cannot hold survives being edited', () => {
  const big = { ...object, spec: { n: 9007199254740993n } };
  assert.deepEqual(restored(parseYaml(editableText(big as never)) as never, big as never), big);
});

test('a new object begins with what every object has', () => {
  for (const kind of ['ConfigMap', 'Secret', 'Other'])
    assert.equal((parseYaml(newText('v1', kind, 'shop')) as { kind: string }).kind, kind);
});
