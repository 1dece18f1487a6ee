// Decisions on the client's side end as the procedure of stock requests does by which people do it by hand: a helper forces
// the fields that are to be taken, the manager applies the rest without force, the helper applies nothing.
//
// OWNERSHIP_CASES=N sets how many random cases are played, OWNERSHIP_SEED=N plays one alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { newClient } from 'nekube/client';
import { applyDecidedBy } from 'nekube/ownership';
import { defineKind } from './define-kind.mjs';
import { configurationOf, essence, play, randomHistory } from './history.mjs';
import { byHand } from './manual-procedure.mjs';
import { Random } from './random.mjs';
import { kinds, widgets } from './random-objects.mjs';
import { servers, startCluster } from './servers.mjs';

const CASES = Number(process.env.OWNERSHIP_CASES ?? 60);
const SEEDS = process.env.OWNERSHIP_SEED
  ? [Number(process.env.OWNERSHIP_SEED)]
  : Array.from({ length: CASES }, (_, i) => i + 1);
const namespace = 'decisions';

for (const server of servers)
  describe(`decisions of a client, on ${server.name}`, { skip: server.skip }, () => {
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
      test(`random decisions over a ${kind} end as by hand`, async () => {
        const met = { conflicts: 0, refused: 0 };
        for (const seed of SEEDS) await playCase(client, kind, seed, met);
        // a generator that makes no conflicts proves nothing
        if (SEEDS.length > 50) assert.ok(met.conflicts > SEEDS.length / 5, `only ${met.conflicts} cases had conflicts`);
      });
    test('ended at any request, the object is as it was, or as it was to be', async () => {
      const ends = new Set();
      for (let requests = 0; !ends.has('applied') && requests < 20; requests++) {
        const one = await contested(client, `ended-${requests}`);
        const before = await client.get(one, one.metadata);
        const ended = newClient(endingAfter(client.transport, requests));
        const decide = (conflicts) => conflicts.map((_, i) => ({ decision: ['yield', 'force'][i % 2] }));
        const run = applyDecidedBy(ended, one, { fieldManager: 'main', decide }).then(() => 'applied');
        const end = await run.catch(() => 'ended');
        ends.add(end);
        const after = await client.get(one, one.metadata);
        if (end === 'ended') assert.deepEqual(after, before, `after ${requests} requests`);
        else assert.deepEqual(after.data, { a: '1', b: 'main' });
      }
      assert.deepEqual([...ends], ['ended', 'applied']);
    });

    test('an object that changes while it is decided about is decided about anew', async () => {
      const one = await contested(client, 'changing');
      let decided = 0;
      const decide = async (conflicts) => {
        if (decided++ === 0)
          await client.patch(one, one.metadata, { merge: { data: { a: '2' } } }, { fieldManager: 'editor' });
        return conflicts.map(() => ({ decision: 'yield' }));
      };
      const { outcome, object } = await applyDecidedBy(client, one, { fieldManager: 'main', decide });
      assert.equal(outcome, 'applied');
      assert.equal(decided, 2);
      assert.deepEqual(object.data, { a: '2', b: '1' });
    });

    test('an object that never stops changing is a Conflict in the end', async () => {
      const one = await contested(client, 'restless');
      let decided = 0;
      const decide = async (conflicts) => {
        const merge = { data: { a: `changed ${decided++}` } };
        await client.patch(one, one.metadata, { merge }, { fieldManager: 'editor' });
        return conflicts.map(() => ({ decision: 'force' }));
      };
      await assert.rejects(applyDecidedBy(client, one, { fieldManager: 'main', decide }), (e) =>
        isStatusError(e, 'Conflict'),
      );
      assert.equal(decided, 5);
    });

    test('an object that a caller knows a version of is not applied to in another', async () => {
      const one = await contested(client, 'versioned');
      const stale = { ...one, metadata: { ...one.metadata, resourceVersion: '1' } };
      const decide = (conflicts) => conflicts.map(() => ({ decision: 'force' }));
      await assert.rejects(applyDecidedBy(client, stale, { fieldManager: 'main', decide }), (e) =>
        isStatusError(e, 'Conflict'),
      );
    });

    test('what is in conflict in another version can be forced, and fails if it is to yield', async () => {
      const metadata = { name: 'scaler', namespace };
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
      const v1 = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata };
      const v2 = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata };
      const metrics = (averageUtilization) => [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
      ];
      const old = { scaleTargetRef, maxReplicas: 5, targetCPUUtilizationPercentage: 50 };
      await client.apply({ ...v1, spec: old }, { fieldManager: 'old' });
      const wanted = { ...v2, spec: { scaleTargetRef, maxReplicas: 5, metrics: metrics(70) } };
      const by = (decision) => ({ fieldManager: 'main', decide: (all) => all.map(() => ({ decision })) });
      const refused = await applyDecidedBy(client, wanted, by('yield'));
      assert.equal(refused.outcome, 'refused');
      assert.match(refused.decided[0].reason, /autoscaling\/v2 HorizontalPodAutoscaler has no/);
      const forced = await applyDecidedBy(client, wanted, by('force'));
      assert.equal(forced.outcome, 'applied');
      assert.deepEqual(forced.object.spec.metrics, metrics(70));
    });
  });

/** A ConfigMap of which another owns both the values that are applied. */
async function contested(client, name) {
  const one = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
  await client.apply({ ...one, data: { a: '1', b: '1' } }, { fieldManager: 'other' });
  return { ...one, data: { a: 'main', b: 'main' } };
}

/** As if the program were killed: so many requests reach the server, and no more. */
function endingAfter(transport, requests) {
  let sent = 0;
  return {
    url: transport.url,
    close: async () => {},
    send: async (request) => {
      if (sent++ >= requests) throw new Error('ended');
      return await transport.send(request);
    },
  };
}

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
