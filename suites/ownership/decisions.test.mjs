// Decisions on the client's side end as the procedure of stock requests does by which people do it by hand: a helper forces
// the fields that are to be taken, the manager applies the rest without force, the helper applies nothing.
//
// OWNERSHIP_CASES=N sets how many random cases are played, OWNERSHIP_SEED=N plays one alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { applyDecidedBy } from 'nekube/ownership';
import { clusters, defineKind } from './clusters.mjs';
import { configurationOf, essence, play, randomHistory } from './history.mjs';
import { byHand } from './manual-procedure.mjs';
import { Random } from './random.mjs';
import { kinds, widgets } from './random-objects.mjs';

const CASES = Number(process.env.OWNERSHIP_CASES ?? 60);
const SEEDS = process.env.OWNERSHIP_SEED
  ? [Number(process.env.OWNERSHIP_SEED)]
  : Array.from({ length: CASES }, (_, i) => i + 1);
const namespace = 'decisions';

for (const { name, skip, start } of clusters)
  describe(`decisions of a client, on ${name}`, { skip }, () => {
    let cluster;
    let client;
    before(async () => {
      cluster = await start();
      client = cluster.client;
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await defineKind(client, widgets);
    });
    after(() => cluster?.stop());

    for (const kind of Object.keys(kinds))
      test(`random decisions over a ${kind} end as by hand`, async () => {
        const met = { conflicts: 0, refused: 0 };
        for (const seed of SEEDS) await playCase(client, kind, seed, met);
        // a generator that makes no conflicts proves nothing
        if (SEEDS.length > 50) assert.ok(met.conflicts > SEEDS.length / 5, `only ${met.conflicts} cases had conflicts`);
      });
  });

async function playCase(client, kind, seed, met) {
  const random = new Random(seed);
  const history = randomHistory(random, kind);
  const part = kinds[kind].part(random);
  const names = [`case-${seed}-decided`, `case-${seed}-by-hand`];
  for (const one of names) await play(client, kind, one, namespace, history);
  const [decidedOne, manualOne] = names.map((one) =>
    configurationOf(kinds[kind].base(), { name: one, namespace }, part),
  );
  const decisions = new Map();
  const decide = (conflicts) => conflicts.map(({ path }) => ({ decision: decisionFor(random, decisions, path) }));
  const where = `${kind} seed ${seed}`;
  const decided = await settled(() => applyDecidedBy(client, decidedOne, { fieldManager: 'main', decide }));
  if (decisions.size > 0) met.conflicts++;
  const manual = await settled(() => byHand(client, manualOne, 'main', decisions));
  if (decided.error || manual.error) {
    assert.equal(
      decided.error?.status?.reason,
      manual.error?.status?.reason,
      `${where}: ${decided.error} ${manual.error}`,
    );
    return;
  }
  assert.equal(decided.value.outcome, manual.value.outcome, `${where}: ${decided.value.error}`);
  if (decided.value.outcome === 'refused') {
    met.refused++;
    assert.deepEqual(sorted(decided.value.error.status.details.causes), sorted(manual.value.causes), where);
  }
  const [a, b] = await Promise.all(names.map((one) => client.get(kinds[kind].base(), { name: one, namespace })));
  assert.deepEqual(essence(a), essence(b), `${where}: ${JSON.stringify([...decisions])}`);
}

/** The real server tells them in any order. */
function sorted(causes) {
  return causes.map((cause) => JSON.stringify(cause)).sort();
}

/** The same decision for all who own a field. */
function decisionFor(random, decisions, path) {
  const text = path.join('');
  if (!decisions.has(text))
    decisions.set(text, random.pick(['force', 'force', 'share', 'yield', 'yield', random.pick(['fail', 'force'])]));
  return decisions.get(text);
}

async function settled(run) {
  try {
    return { value: await run() };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return { error };
  }
}
