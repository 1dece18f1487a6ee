// The server decides conflicts as the procedure of stock requests does by hand: on itself, and as the real kube-apiserver
// does it. OWNERSHIP_CASES=N sets how many random cases are played, OWNERSHIP_SEED=N plays one alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { defineKind } from './define-kind.mjs';
import { applyRaw, startDeciding } from './deciding-server.mjs';
import { configurationOf, essence, play, randomHistory } from './history.mjs';
import { byHand } from './manual-procedure.mjs';
import { defectsIn } from './defects.mjs';
import { Random } from './random.mjs';
import { kinds, widgets } from './random-objects.mjs';
import { servers, startCluster } from './servers.mjs';

const CASES = Number(process.env.OWNERSHIP_CASES ?? 40);
const SEEDS = process.env.OWNERSHIP_SEED
  ? [Number(process.env.OWNERSHIP_SEED)]
  : Array.from({ length: CASES }, (_, i) => i + 1);
const namespace = 'server-decisions';

/** What `fieldDecision` names by a pattern that means no other field. */
const quoted = (path) => path.replace(/\.(test\/a|test\.b)/, (_, name) => `["${name}"]`);

describe('decisions of a server', () => {
  let ours;
  before(async () => {
    ours = await startDeciding({ install: false });
    await prepare(ours.client);
  });
  after(() => ours?.stop());

  for (const server of servers)
    describe(`are what is done by hand on ${server.name}`, { skip: server.skip }, () => {
      let cluster;
      before(async () => {
        cluster = server.name === 'nekube' ? { client: ours.client } : await startCluster(server);
        if (server.name !== 'nekube') await prepare(cluster.client);
      });
      after(() => cluster?.stop?.());

      for (const kind of Object.keys(kinds))
        test(`random decisions over a ${kind}`, async () => {
          let conflicts = 0;
          for (const seed of SEEDS) conflicts += await playCase(ours.client, cluster.client, server.name, kind, seed);
          // a generator that makes no conflicts proves nothing
          if (SEEDS.length > 30) assert.ok(conflicts > SEEDS.length / 5, `only ${conflicts} cases had conflicts`);
        });
    });
});

async function prepare(client) {
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await defineKind(client, widgets);
}

/** @returns 1 where there was something to decide */
async function playCase(ours, other, where, kind, seed) {
  const random = new Random(seed);
  const history = randomHistory(random, kind);
  const part = kinds[kind].part(random);
  const names = [`${where}-${seed}-decided`, `${where}-${seed}-by-hand`];
  await play(ours, kind, names[0], namespace, history);
  await play(other, kind, names[1], namespace, history);
  const [one, two] = names.map((name) => configurationOf(kinds[kind].base(), { name, namespace }, part));
  const plain = await applyRaw(ours, one, 'main', { dryRun: 'All' });
  const causes = plain.object.reason === 'Conflict' ? plain.object.details.causes : [];
  const decisions = new Map(causes.map(({ field }) => [field, undefined]));
  for (const field of decisions.keys())
    decisions.set(field, random.pick(['force', 'force', 'share', 'yield', 'yield', random.pick(['fail', 'force'])]));
  const parameters = [...decisions].map(([field, decision]) => `${decision}=${quoted(field)}`);
  const about = `${kind} seed ${seed}: ${parameters}`;
  const decided = await applyRaw(ours, one, 'main', { decisions: parameters });
  const manual = await byHand(other, two, 'main', decisions).catch((error) => ({ error }));
  if (manual.error) {
    // what comes out is invalid: by hand, that shows when the helper has written its part already
    const { status = {} } = manual.error;
    const message = String(status.message).replaceAll(names[1], names[0]);
    assert.equal(decided.code, status.code, `${about} ${manual.error}`);
    assert.deepEqual(defectsIn(decided.object.message), defectsIn(message), `${about} ${manual.error}`);
    return causes.length > 0 ? 1 : 0;
  }
  if (manual.outcome === 'refused') {
    assert.equal(decided.code, 409, about);
    assert.deepEqual(fieldsOf(decided.object.details.causes), fieldsOf(manual.causes), about);
  } else assert.equal(decided.code, 200, about);
  const type = kinds[kind].base();
  const a = await ours.get(type, { name: names[0], namespace });
  const b = await other.get(type, { name: names[1], namespace });
  assert.deepEqual(comparable(a), comparable(b), about);
  return causes.length > 0 ? 1 : 0;
}

function fieldsOf(causes) {
  return causes.map(({ field, message }) => `${field} ${message}`).sort();
}

/** Addresses differ between clusters. */
function comparable(object) {
  const { spec: { clusterIP: _ip, clusterIPs: _ips, ...spec } = {}, ...rest } = essence(object);
  return { ...rest, spec };
}
