// What people told of in public threads, replayed: objects of the same shape, the steps that led there, what a plan says of
// the apply that went wrong, and how decisions or a migration end it. The same on every cluster.
//
// A thread is a file in threads/: `steps` (apply, create, update by merge patch, scale, each by a manager), then `checks`, in their order: a plan, with what
// it must say, `migrate`, or `apply` with decisions.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { parseYaml } from 'nekube/apimachinery';
import { compilePolicies, parseFieldDecision } from 'nekube/fieldpolicy';
import { applyDecidedBy, decideByPolicies, migrateOwnership, planApply } from 'nekube/ownership';
import { servers, startCluster } from './servers.mjs';

const folder = new URL('threads/', import.meta.url);
const threads = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({ file: name.replace('.yaml', ''), ...parseYaml(readFileSync(new URL(name, folder), 'utf8')) }));

for (const server of servers)
  describe(`threads, on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    before(async () => {
      cluster = await startCluster(server);
    });
    after(() => cluster?.stop());

    for (const thread of threads)
      test(`${thread.thread}: ${thread.name}`, async () => {
        const { client } = cluster;
        const place = await placeOf(client, thread);
        for (const step of thread.steps) await play(client, place(step));
        for (const check of thread.checks) await verify(client, place(check));
      });
  });

/** Objects of a thread have a namespace of their own, unless they are of none. */
async function placeOf(client, { file, clusterScoped }) {
  if (clusterScoped) return (step) => step;
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: file } });
  return (step) => {
    const object = structuredClone(step.object);
    object.metadata.namespace = file;
    return { ...step, object };
  };
}

async function play(client, { apply, create, update, scale, object, force = false }) {
  if (create) await client.create(object, { fieldManager: create });
  else if (apply) await client.apply(object, { fieldManager: apply, force });
  else if (update) await client.patch(object, object.metadata, { merge: partOf(object) }, { fieldManager: update });
  else {
    const options = { fieldManager: scale, subresource: 'scale' };
    await client.patch(object, object.metadata, { merge: partOf(object) }, options);
  }
}

function partOf({ apiVersion: _, kind: __, metadata, ...rest }) {
  const { name: ___, namespace: ____, ...meta } = metadata;
  return { ...rest, metadata: meta };
}

async function verify(client, { plan, migrate, from: named, apply, object, decide = [], expect }) {
  if (migrate) {
    const live = await client.get(object, object.metadata);
    const { from } = await migrateOwnership(client, live, { manager: migrate, ...(named && { from: named }) });
    if (expect) assert.deepEqual(from, expect.from);
    return;
  }
  const decided = decideByPolicies({
    policies: compilePolicies([]),
    decisions: decide.map(parseFieldDecision),
    force: false,
    now: () => new Date(),
  });
  const options = { fieldManager: plan ?? apply, decide: decided };
  if (plan) return checkPlan(await planApply(client, object, options), expect);
  const { outcome } = await applyDecidedBy(client, object, options);
  assert.equal(outcome, expect.outcome);
  const live = await client.get(object, object.metadata);
  for (const [path, value] of Object.entries(expect.values ?? {})) assert.deepEqual(at(live, path), value, path);
}

function checkPlan(plan, expect) {
  assert.equal(plan.outcome, expect.outcome, plan.error?.message);
  if (expect.error) assert.match(plan.error.message, new RegExp(expect.error));
  const fields = Object.fromEntries(plan.fields.map((field) => [field.path.join(''), field]));
  for (const [path, [action, ...managers]] of Object.entries(expect.fields ?? {})) {
    assert.equal(fields[path]?.action, action, path);
    assert.deepEqual(
      fields[path].others.map(({ manager }) => manager),
      managers,
      path,
    );
  }
  const types = plan.warnings.map(({ type }) => type);
  if (expect.warnings) assert.deepEqual(types, expect.warnings);
  if (expect.fix) assert.equal(plan.warnings.find(({ fix }) => fix)?.fix, expect.fix);
}

/** `spec.ports.0.port`; a name with dots in it comes last. */
function at(value, path) {
  const [first, ...rest] = path.split('.');
  if (value === undefined || value[path] !== undefined) return value?.[path];
  return rest.length === 0 ? value[first] : at(value[first], rest.join('.'));
}
