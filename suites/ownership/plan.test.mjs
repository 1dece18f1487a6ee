// A plan says what happens: the apply that follows makes the object and the owners that were planned, and what the plan says
// of each field is so.
//
// OWNERSHIP_CASES=N sets how many random cases are played, OWNERSHIP_SEED=N plays one alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { applyDecidedBy, planApply, readOwnership } from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { defectsIn } from './defects.mjs';
import { defineKind } from './define-kind.mjs';
import { configurationOf, essence, play, randomHistory } from './history.mjs';
import { Random } from '../../tools/fuzz/random.mjs';
import { kinds, widgets } from './random-objects.mjs';
import { servers, startCluster } from './servers.mjs';

const CASES = Number(process.env.OWNERSHIP_CASES ?? 60);
const SEEDS = process.env.OWNERSHIP_SEED
  ? [Number(process.env.OWNERSHIP_SEED)]
  : Array.from({ length: CASES }, (_, i) => i + 1);
const namespace = 'plans';
const fieldManager = 'main';

for (const server of servers)
  describe(`plans, on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    let client;
    before(async () => {
      cluster = await startCluster(server);
      client = cluster.client;
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await defineKind(client, widgets);
    });
    after(() => cluster?.stop());

    for (const kind of Object.keys(kinds))
      test(`an apply to a ${kind} does what was planned`, async () => {
        const met = new Map();
        for (const seed of SEEDS) await playCase(client, kind, seed, met);
        // a generator that never comes by an action proves nothing of it
        if (SEEDS.length >= 50)
          for (const action of ['set', 'unchanged', 'removed', 'kept', 'conflict', 'yielded', 'shared'])
            assert.ok(met.has(action), `no field was ${action}`);
      });

    test('what yields and goes with the part it is in is planned as removed, with a warning; shared it stays', async () => {
      const of = (deep) => ({
        ...kinds.Widget.base(),
        metadata: { name: 'deep', namespace },
        spec: { free: { deep } },
      });
      await client.apply(of({}), { fieldManager });
      const filled = { spec: { free: { deep: { x: 1, y: 2 }, beside: 3 } } };
      await client.patch(
        kinds.Widget.base(),
        { name: 'deep', namespace },
        { merge: filled },
        { fieldManager: 'editor' },
      );
      const options = (decision) => ({ fieldManager, decide: (all) => all.map(() => ({ decision })) });
      const applied = of({ x: 8, y: 9 });
      const contested = ({ fields }) =>
        fields.filter(({ verdict }) => verdict !== undefined).map(({ action }) => action);

      const shared = await planApply(client, applied, options('share'));
      assert.deepEqual(contested(shared), ['shared', 'shared']);
      assert.deepEqual(shared.warnings, []);

      const plan = await planApply(client, applied, options('yield'));
      assert.deepEqual(contested(plan), ['removed', 'removed']);
      assert.deepEqual(
        plan.warnings.map(({ type, paths }) => [type, formatPath(paths[0])]),
        [
          ['Yielded', '.spec.free.deep.x'],
          ['Yielded', '.spec.free.deep.y'],
        ],
      );
      assert.match(plan.warnings[0].fix, /decide share for \.spec\.free\.deep\.x/);

      // what the fix says: with a field of its own in it, the part is applied still
      const more = await planApply(client, of({ x: 8, y: 9, z: 7 }), options('yield'));
      assert.deepEqual(contested(more), ['yielded', 'yielded']);
      assert.deepEqual(more.after.spec.free.deep, { x: 1, y: 2, z: 7 });

      await applyDecidedBy(client, applied, options('yield'));
      const object = await client.get(kinds.Widget.base(), { name: 'deep', namespace });
      assert.deepEqual(object.spec.free, { beside: 3 });
    });

    for (const kind of Object.keys(kinds))
      test(`a ${kind} that is not there yet is created as planned`, async () => {
        const base = kinds[kind].base();
        const configuration = configurationOf(base, { name: 'not-there-yet', namespace }, base);
        const plan = await planApply(client, configuration, { fieldManager });
        assert.equal(plan.outcome, 'created');
        const object = await client.apply(configuration, { fieldManager });
        assert.deepEqual(essence(plan.after), essence(object));
        assert.equal((await planApply(client, configuration, { fieldManager })).outcome, 'none');
      });
  });

async function playCase(client, kind, seed, met) {
  const random = new Random(seed);
  const history = randomHistory(random, kind);
  const name = `case-${seed}`;
  const live = await play(client, kind, name, namespace, history);
  const configuration = configurationOf(kinds[kind].base(), { name, namespace }, kinds[kind].part(random));
  const decisions = new Map();
  const decide = (conflicts) =>
    conflicts.map(({ path }) => {
      const text = path.join('');
      if (!decisions.has(text)) decisions.set(text, random.pick(['force', 'share', 'yield', 'yield', 'fail']));
      return { decision: decisions.get(text) };
    });
  const where = `${kind} seed ${seed}`;
  const plan = await planApply(client, configuration, { fieldManager, decide });
  for (const { action } of plan.fields) met.set(action, (met.get(action) ?? 0) + 1);
  const untouched = await client.get(kinds[kind].base(), { name, namespace });
  assert.equal(untouched.metadata.resourceVersion, live.metadata.resourceVersion, `${where}: a plan writes nothing`);
  const ended = await settled(() => applyDecidedBy(client, configuration, { fieldManager, decide }));
  if (ended.error) {
    assert.equal(plan.outcome, 'error', `${where}: ${ended.error}`);
    assert.deepEqual(defectsIn(plan.error.message), defectsIn(ended.error.message), where);
    return;
  }
  if (ended.value.outcome === 'refused') {
    assert.equal(plan.outcome, 'conflict', where);
    assert.deepEqual(causesOf(plan.error), causesOf(ended.value.error), where);
    return;
  }
  const object = await client.get(kinds[kind].base(), { name, namespace });
  assert.deepEqual(essence(plan.after), essence(object), where);
  const isSame = object.metadata.resourceVersion === live.metadata.resourceVersion;
  assert.equal(plan.outcome === 'none', isSame, `${where}: ${plan.outcome}`);
  checkFields(plan, object, where);
}

/** What is said of fields is so. */
function checkFields(plan, object, where) {
  const owners = readOwnership(object).owners;
  const own = owners.find(({ manager, operation }) => manager === fieldManager && operation === 'Apply')?.fields;
  for (const field of plan.fields) {
    const { path, action, others, claimed } = field;
    const text = `${where}: ${path.join('')} ${action}`;
    const owned = own !== undefined && [...own.paths()].some((one) => isWithin(one, path));
    const ownedBy = (claim) =>
      owners.some((one) => one.manager === claim.manager && one.operation === claim.operation && one.fields.has(path));
    if (claimed || action === 'set' || action === 'unchanged' || action === 'shared') assert.ok(owned, text);
    if (action === 'yielded' || action === 'removed' || action === 'kept') assert.ok(!owned, text);
    if (action === 'yielded' || action === 'shared') assert.deepEqual(field.result, field.live, text);
    if (action === 'yielded' || action === 'shared') for (const other of others) assert.ok(ownedBy(other), text);
    if (field.verdict?.decision === 'force') for (const other of others) assert.ok(!ownedBy(other), text);
    if (action === 'removed') assert.equal(field.result, undefined, text);
    if (action === 'removed' && field.verdict)
      assert.ok(
        plan.warnings.some(({ type, paths }) => type === 'Yielded' && paths.includes(path)),
        text,
      );
    if (action === 'kept') assert.notEqual(field.result, undefined, text);
  }
}

/** A part that a conflict was about as a whole may be owned by what is in it. */
function isWithin(one, path) {
  return one.slice(0, path.length).join('') === path.join('');
}

/** The real server tells them in any order. */
function causesOf({ status }) {
  return status.details.causes.map((cause) => JSON.stringify(cause)).sort();
}

async function settled(run) {
  try {
    return { value: await run() };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return { error };
  }
}
