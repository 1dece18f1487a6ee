// Policies in the server: what they decide, what is told of it, what waits for a person, and that a server without them is
// as it is in stock.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStatusError } from 'nekube/apimachinery';
import { API_VERSION, compilePolicies, DEFINITIONS } from 'nekube/fieldpolicy';
import { decideByPolicies, planApply, readPolicies } from 'nekube/ownership';
import { applyRaw, startDeciding } from './deciding-server.mjs';

const ANNOTATION = 'ownership.nekube.dev/decisions';
const PARAMETER = 'fieldDecision';
const policyKind = { apiVersion: API_VERSION, kind: 'FieldPolicy' };
const conflictKind = { apiVersion: API_VERSION, kind: 'ApplyConflict' };
const namespace = 'default';

let number = 0;
const configMap = (name, data, kind = 'ConfigMap') => ({ apiVersion: 'v1', kind, metadata: { name, namespace }, data });
const deployment = (name, { replicas, image = 'web:1', env = [], ...metadata }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, ...metadata },
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image, env }] } },
  },
});
const namespaceOf = (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const policy = (kinds, decision, more = {}) => ({
  ...policyKind,
  metadata: { name: `p${++number}`, namespace },
  spec: { match: { resources: [{ group: '*', kinds }], ...more.match }, decision, ...more.spec },
});

async function waiting({ client }) {
  const { items } = await client.raw({
    method: 'GET',
    path: `/apis/${API_VERSION}/namespaces/${namespace}/applyconflicts`,
    headers: { accept: 'application/json' },
  });
  return items;
}

/** Waits, for a minute at most, until something holds; what is asserted next says what does not. */
async function until(holds) {
  for (const end = Date.now() + 60_000; Date.now() < end && !(await holds()); ) await sleep(20);
}

function ownersOf({ metadata }, field) {
  return metadata.managedFields
    .filter(({ fieldsV1 }) => field(fieldsV1))
    .map(({ manager }) => manager)
    .sort();
}

describe('policies in the server', () => {
  let server;
  let client;
  let name;
  before(async () => {
    server = await startDeciding();
    client = server.client;
  });
  after(() => server?.stop());
  beforeEach(async () => {
    name = `object-${++number}`;
    for (const { metadata } of await client
      .raw({ method: 'GET', path: `/apis/${API_VERSION}/fieldpolicies`, headers: {} })
      .then(({ items }) => items))
      await client.delete(policyKind, metadata);
  });

  const byScale = (replicas) => {
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name, namespace }, spec: { replicas } };
    const of = { apiVersion: 'apps/v1', kind: 'Deployment' };
    return applyRaw(client, scale, 'hpa', { of, subresource: 'scale', force: 'true' });
  };

  const byAutoscaler = async (replicas) => {
    await client.apply(deployment(name, { replicas: 3 }), { fieldManager: 'gitops' });
    return await byScale(replicas);
  };

  for (const [decision, spec, code] of [
    ['Lease', { lease: { durationSeconds: 3600, whileHeld: 'Fail' } }, 'LeaseHolds'],
    ['Ask', {}, 'AsksPerson'],
  ])
    test(`a plan shows a conflict for which ${decision} refuses even those who force, and why`, async () => {
      await client.apply(configMap(name, { a: 'theirs' }), { fieldManager: 'ci' });
      await client.create(policy(['ConfigMap'], decision, { spec }));
      const policies = compilePolicies(await readPolicies(client));
      const decide = decideByPolicies({ policies, decisions: [], force: false, now: () => new Date() });
      const plan = await planApply(client, configMap(name, { a: 'mine' }), { fieldManager: 'gitops', decide });
      assert.equal(plan.outcome, 'conflict');
      assert.deepEqual(
        plan.fields.map(({ action, verdict }) => [action, verdict.by, verdict.why.code]),
        [['conflict', `policy FieldPolicy default/p${number}`, code]],
      );
      assert.deepEqual(plan.warnings, []);
      assert.deepEqual(await waiting(server), []);
    });

  test('the replicas of an autoscaler stay, whoever applies with force, and it is told', async () => {
    await byAutoscaler(10);
    await client.create(policy(['Deployment'], 'Yield', { match: { fields: ['.spec.replicas'] } }));
    for (const force of ['true', 'false']) {
      const { code, object, warnings } = await applyRaw(
        client,
        deployment(name, { replicas: 3, image: 'web:2' }),
        'gitops',
        { force },
      );
      assert.equal(code, 200);
      assert.equal(object.spec.replicas, 10);
      assert.equal(object.spec.template.spec.containers[0].image, 'web:2');
      assert.deepEqual(
        ownersOf(object, (f) => f['f:spec']?.['f:replicas']),
        ['hpa'],
      );
      assert.deepEqual(warnings, [
        `policy FieldPolicy default/p${number} decides yield for .spec.replicas (owned by "hpa")`,
      ]);
    }
    const [told] = JSON.parse(server.annotation(ANNOTATION));
    assert.deepEqual(told, {
      path: '.spec.replicas',
      owner: '"hpa" with subresource "scale"',
      decision: 'yield',
      by: 'policy',
      policy: `FieldPolicy default/p${number}`,
    });
  });

  test('who is not meant is not decided about, whoever came before', async () => {
    await client.apply(namespaceOf('elsewhere'), { fieldManager: 'setup' });
    const inElsewhere = (data) => ({ ...configMap(name, data), metadata: { name, namespace: 'elsewhere' } });
    await client.apply(configMap(name, { a: '1' }), { fieldManager: 'other' });
    await client.apply(inElsewhere({ a: '1' }), { fieldManager: 'other' });
    const here = [configMap(name, { a: '2' }), 'meant', 200];
    const others = [
      [configMap(name, { a: '2' }), 'another', 409],
      [inElsewhere({ a: '2' }), 'meant', 409],
    ];
    for (const other of others)
      for (const order of [
        [here, other],
        [other, here],
      ]) {
        // a new policy lets all that was remembered be forgotten
        await client.create(policy(['ConfigMap'], 'Yield', { match: { managers: ['meant'] } }));
        for (const [object, manager, expected] of order)
          assert.equal(
            (await applyRaw(client, object, manager)).code,
            expected,
            `${manager} in ${object.metadata.namespace}`,
          );
      }
  });

  test('an apply to scale is decided as one to the object', async () => {
    await client.apply(deployment(name, { replicas: 3 }), { fieldManager: 'gitops' });
    const rule = {
      match: { subresources: ['scale'], managers: ['hpa'] },
      spec: { condition: 'self.spec.replicas > oldSelf.spec.replicas' },
    };
    await client.create(policy(['Deployment'], 'Force', rule));
    const of = { apiVersion: 'apps/v1', kind: 'Deployment' };
    const scale = (replicas) => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name, namespace },
      spec: { replicas },
    });
    const more = await applyRaw(client, scale(5), 'hpa', { of, subresource: 'scale' });
    assert.equal(more.code, 200, more.object.message);
    await client.apply(deployment(name, { replicas: 5 }), { fieldManager: 'gitops' });
    const less = await applyRaw(client, scale(2), 'hpa', { of, subresource: 'scale' });
    assert.equal(less.code, 409);
  });

  test('an apply to status is decided', async () => {
    await client.apply(deployment(name, { replicas: 1 }), { fieldManager: 'gitops' });
    const status = (text) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      status: { observedGeneration: text },
    });
    await applyRaw(client, status(1), 'one', { subresource: 'status' });
    await client.create(policy(['Deployment'], 'Share', { match: { subresources: ['status'] } }));
    const { code, object } = await applyRaw(client, status(2), 'two', { subresource: 'status' });
    assert.equal(code, 200);
    assert.equal(object.status.observedGeneration, 1);
    assert.deepEqual(
      ownersOf(object, (f) => f['f:status']?.['f:observedGeneration']),
      ['one', 'two'],
    );
  });

  test('what fails is refused with force as well, and nothing is written', async () => {
    const before = await client.apply(configMap(name, { a: '1', b: '1' }), { fieldManager: 'other' });
    await client.create(policy(['ConfigMap'], 'Fail', { match: { fields: ['.data.a'] } }));
    const refused = await applyRaw(client, configMap(name, { a: '2', b: '2' }), 'main', {
      force: 'true',
      decisions: ['force=.data.a'],
    });
    assert.equal(refused.code, 409);
    assert.deepEqual(
      refused.object.details.causes.map(({ field }) => field),
      ['.data.a'],
    );
    assert.equal((await client.get(before, before.metadata)).metadata.resourceVersion, before.metadata.resourceVersion);
  });

  test('a policy whose condition cannot be evaluated fails, with the reason', async () => {
    await client.apply(configMap(name, { a: '1' }), { fieldManager: 'other' });
    await client.create(policy(['ConfigMap'], 'Force', { spec: { condition: 'self.data.missing == "x"' } }));
    const { code, warnings } = await applyRaw(client, configMap(name, { a: '2' }), 'main', { force: 'true' });
    assert.equal(code, 409);
    assert.match(warnings[0], /decides fail for \.data\.a \(owned by "other"\): .*missing/);
  });

  test('decide again when the object changed meanwhile', async () => {
    await byAutoscaler(10);
    await client.create(policy(['Deployment'], 'Yield', { match: { fields: ['.spec.replicas'] } }));
    const applies = Array.from({ length: 20 }, (_, i) =>
      applyRaw(client, deployment(name, { replicas: 3, image: `web:${i}` }), 'gitops', { force: 'true' }),
    );
    const scales = Array.from({ length: 20 }, (_, i) => byScale(100 + i));
    const answers = await Promise.all(applies);
    for (const { code } of await Promise.all(scales)) assert.equal(code, 200);
    for (const { code, object } of answers) {
      assert.equal(code, 200);
      assert.notEqual(object.spec.replicas, 3);
    }
    const { spec, metadata } = await client.get(deployment(name, {}), { name, namespace });
    assert.ok(spec.replicas >= 100);
    assert.deepEqual(
      ownersOf({ metadata }, (f) => f['f:spec']?.['f:replicas']),
      ['hpa'],
    );
  });

  test('of an object in no namespace are those of the cluster, and what they ask waits in default', async () => {
    const cluster = { ...policy(['Namespace'], 'Ask'), kind: 'ClusterFieldPolicy' };
    delete cluster.metadata.namespace;
    await client.create(cluster);
    const one = (tier) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { tier } } });
    await client.apply(one('a'), { fieldManager: 'other' });
    const refused = client.apply(one('b'), { fieldManager: 'main' });
    await assert.rejects(refused, (error) => isStatusError(error, 'Conflict'));
    const parked = (await waiting(server)).find(({ spec }) => spec.objectRef.name === name);
    assert.equal(parked.spec.policy, `ClusterFieldPolicy ${cluster.metadata.name}`);
    await client.update({
      ...parked,
      spec: { ...parked.spec, decisions: [{ path: '.metadata.labels', decision: 'Force' }] },
    });
    const { metadata } = await client.apply(one('b'), { fieldManager: 'main' });
    assert.equal(metadata.labels.tier, 'b');
    await client.delete(cluster, cluster.metadata);
    await client.delete(conflictKind, parked.metadata);
  });

  test('say in their status whether they can be evaluated', async () => {
    const good = await client.create(policy(['ConfigMap'], 'Yield'));
    const bad = await client.create(policy(['ConfigMap'], 'Force', { spec: { condition: 'self.data.a >' } }));
    const accepted = async ({ metadata }) => {
      const { status } = await client.get(policyKind, metadata);
      return status?.conditions?.find(({ type }) => type === 'Accepted');
    };
    let told = [];
    await until(async () => {
      told = [await accepted(good), await accepted(bad)];
      return told[0] && told[1];
    });
    assert.deepEqual([told[0].status, told[0].reason], ['True', 'Accepted']);
    assert.deepEqual([told[1].status, told[1].reason], ['False', 'Malformed']);
    assert.match(told[1].message, /^It decides Fail: spec.condition/);
  });

  test('say in their status how often they decided what; dry runs and what was not carried out do not count', async () => {
    const yields = await client.create(policy(['ConfigMap'], 'Yield', { match: { fields: ['.data.a', '.data.b'] } }));
    const fails = await client.create(policy(['ConfigMap'], 'Fail', { match: { fields: ['.data.c'] } }));
    await client.apply(configMap(name, { a: '1', b: '1', c: '1' }), { fieldManager: 'other' });
    await client.apply(configMap(name, { a: '2', b: '2' }), { fieldManager: 'main', dryRun: true });
    await client.apply(configMap(name, { a: '2', b: '2' }), { fieldManager: 'main' });
    const refused = client.apply(configMap(name, { a: '2', c: '2' }), { fieldManager: 'third', force: true });
    await assert.rejects(refused, (error) => isStatusError(error, 'Conflict'));
    const decided = async ({ metadata }) => (await client.get(policyKind, metadata)).status?.decisions;
    await until(async () => (await decided(yields)) && (await decided(fails)));
    const counts = (list) => list.map(({ decision, count }) => `${decision} ${count}`);
    assert.deepEqual(counts(await decided(yields)), ['Yield 2']);
    assert.deepEqual(counts(await decided(fails)), ['Fail 1']);
    await client.apply(configMap(name, { a: '3' }), { fieldManager: 'main' });
    await until(async () => (await decided(yields))[0].count !== 2);
    assert.deepEqual(counts(await decided(yields)), ['Yield 3']);
    assert.ok((await client.get(policyKind, yields.metadata)).status.conditions.length > 0);
  });

  describe('that ask', () => {
    const ask = (kinds, ttlSeconds = 60) =>
      policy(kinds, 'Ask', { match: { users: ['admin'] }, spec: { ask: { ttlSeconds } } });
    const decide = async (parked, decisions) => client.update({ ...parked, spec: { ...parked.spec, decisions } });

    test('park the apply, and it is carried out when a person has decided', async () => {
      await client.apply(configMap(name, { a: '1', b: '1' }), { fieldManager: 'other' });
      await client.create(ask(['ConfigMap']));
      const wanted = configMap(name, { a: '2', b: '2', c: '2' });
      const first = await applyRaw(client, wanted, 'main', { force: 'true' });
      assert.equal(first.code, 409);
      const [parked] = await waiting(server);
      assert.ok(
        first.warnings
          .at(-1)
          .startsWith(`the apply waits for a decision as ApplyConflict default/${parked.metadata.name} until`),
      );
      assert.deepEqual(
        parked.spec.conflicts.map(({ path, live, applied }) => [path, live, applied]),
        [
          ['.data.a', '"1"', '"2"'],
          ['.data.b', '"1"', '"2"'],
        ],
      );
      assert.deepEqual(JSON.parse(parked.spec.configuration), wanted);
      // again, a second later: the same one, which is not written anew
      await sleep(1100);
      await applyRaw(client, wanted, 'main');
      assert.deepEqual(await waiting(server), [parked]);
      await decide(parked, [{ path: '.data.a', decision: 'Force' }]);
      assert.equal((await applyRaw(client, wanted, 'main')).code, 409, 'one is not decided');
      const [half] = await waiting(server);
      assert.deepEqual(half.spec.decisions, [{ path: '.data.a', decision: 'Force' }], 'what is decided is kept');
      await decide(half, [
        { path: '.data.a', decision: 'Force' },
        { path: '.data.b', decision: 'Share' },
      ]);
      // whom the policy does not know carries it out as well
      const { code, object } = await applyRaw(server.alice, wanted, 'main');
      assert.equal(code, 200, object.message);
      assert.deepEqual(object.data, { a: '2', b: '1', c: '2' });
      assert.deepEqual(
        ownersOf(object, (f) => f['f:data']?.['f:a']),
        ['main'],
      );
      assert.deepEqual(
        ownersOf(object, (f) => f['f:data']?.['f:b']),
        ['main', 'other'],
      );
    });

    test('ask anew about another set of conflicts, and about another configuration', async () => {
      await client.apply(configMap(name, { a: '1', b: '1' }), { fieldManager: 'other' });
      await client.create(ask(['ConfigMap']));
      const mine = async () => (await waiting(server)).filter(({ spec }) => spec.objectRef.name === name);
      await applyRaw(client, configMap(name, { a: '2' }), 'main');
      const [parked] = await mine();
      await decide(parked, [{ path: '.data', decision: 'Force' }]);
      assert.equal((await applyRaw(client, configMap(name, { a: '2', b: '2' }), 'main')).code, 409);
      assert.equal((await mine()).length, 2);
      assert.equal((await applyRaw(client, configMap(name, { a: '3' }), 'main')).code, 409);
      const same = (await mine()).find(({ metadata }) => metadata.name === parked.metadata.name);
      assert.equal(same.spec.decisions, undefined);
    });

    test('ask once for each manager and each part of an object', async () => {
      await client.apply(deployment(name, { replicas: 3 }), { fieldManager: 'gitops' });
      await client.create(ask(['Deployment']));
      assert.equal((await applyRaw(client, deployment(name, { replicas: 4 }), 'one')).code, 409);
      assert.equal((await applyRaw(client, deployment(name, { replicas: 4 }), 'two')).code, 409);
      const scale = {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name, namespace },
        spec: { replicas: 4 },
      };
      const of = { apiVersion: 'apps/v1', kind: 'Deployment' };
      assert.equal((await applyRaw(client, scale, 'one', { of, subresource: 'scale' })).code, 409);
      const asked = (await waiting(server)).filter(({ spec }) => spec.objectRef.name === name);
      assert.deepEqual(asked.map(({ spec }) => `${spec.manager} ${spec.objectRef.subresource ?? ''}`).sort(), [
        'one ',
        'one scale',
        'two ',
      ]);
    });

    test('ask nobody about an apply that another policy refuses', async () => {
      await client.apply(configMap(name, { a: '1', b: '1' }), { fieldManager: 'other' });
      await client.create(ask(['ConfigMap']));
      await client.create(policy(['ConfigMap'], 'Fail', { match: { fields: ['.data.b'] }, spec: { priority: 1 } }));
      const before = await waiting(server);
      const { code, warnings } = await applyRaw(client, configMap(name, { a: '2', b: '2' }), 'main', { force: 'true' });
      assert.equal(code, 409);
      assert.ok(!warnings.some((text) => text.includes('waits for a decision')), warnings.join('\n'));
      assert.deepEqual(await waiting(server), before);
    });

    test('never park a Secret, and nothing of a dry run', async () => {
      await client.apply(configMap(name, { a: 'MQ==' }, 'Secret'), { fieldManager: 'other' });
      await client.apply(configMap(name, { a: '1' }), { fieldManager: 'other' });
      await client.create(ask(['Secret', 'ConfigMap']));
      const before = await waiting(server);
      const { code, warnings } = await applyRaw(client, configMap(name, { a: 'Mg==' }, 'Secret'), 'main');
      assert.equal(code, 409);
      assert.match(warnings[0], /decides fail .*a Secret is not parked/);
      assert.equal((await applyRaw(client, configMap(name, { a: '2' }), 'main', { dryRun: 'All' })).code, 409);
      assert.deepEqual(await waiting(server), before);
    });
  });
});

test('policies are heeded by the next server, and what has expired meanwhile is gone', async () => {
  const first = await startDeciding();
  await first.client.apply(configMap('a', { a: '1' }), { fieldManager: 'other' });
  await first.client.create(policy(['ConfigMap'], 'Ask', { spec: { ask: { ttlSeconds: 3600 } } }));
  await applyRaw(first.client, configMap('a', { a: '2' }), 'main');
  const [parked] = await waiting(first);
  await first.stop();
  const second = await startDeciding({ install: false, storage: first.storage, time: { offsetMs: 3_700_000 } });
  try {
    await until(async () => (await waiting(second)).length === 0);
    assert.deepEqual(await waiting(second), []);
    assert.equal((await applyRaw(second.client, configMap('a', { a: '2' }), 'main', { force: 'true' })).code, 409);
    const [again] = await waiting(second);
    assert.equal(again.metadata.name, parked.metadata.name);
    await assert.rejects(second.client.get(conflictKind, { name: 'none', namespace }), (error) =>
      isStatusError(error, 'NotFound'),
    );
  } finally {
    await second.stop();
  }
});

describe('fieldDecision', () => {
  let server;
  before(async () => (server = await startDeciding({ install: false })));
  after(() => server?.stop());

  const refused = [
    ['no decision', '.data.a', /does not begin with a decision; write one of force, fail, share, yield, =, and a path/],
    ['an unknown decision', 'ask=.data.a', /does not begin with a decision/],
    ['a path that is none', 'force=.data[', /at position/],
  ];
  for (const [what, text, message] of refused)
    test(`is refused with ${what}`, async () => {
      const { code, object } = await applyRaw(server.client, configMap('x', { a: '1' }), 'main', { decisions: [text] });
      assert.equal(code, 422);
      assert.equal(object.details.causes[0].field, PARAMETER);
      assert.match(object.message, message);
      assert.ok(object.message.includes(JSON.stringify(text)), object.message);
    });

  test('is for applies alone', async () => {
    const { client } = server;
    await client.apply(configMap('y', { a: '1' }), { fieldManager: 'other' });
    const patch = client.raw({
      method: 'PATCH',
      path: '/api/v1/namespaces/default/configmaps/y?fieldDecision=force%3D.data',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{}',
    });
    await assert.rejects(patch, /fieldDecision: Forbidden: may not be specified for non-apply patch/);
  });

  test('is in OpenAPI where policies are installed, and only there', async () => {
    const { client } = server;
    const document = () =>
      client.raw({ method: 'GET', path: '/openapi/v3/apis/apps/v1', headers: { accept: 'application/json' } });
    const named = ({ paths }) =>
      Object.values(paths).filter(({ patch }) => patch?.parameters.some(({ name }) => name === PARAMETER)).length;
    const before = await document();
    assert.equal(named(before), 0);
    for (const definition of DEFINITIONS) await client.apply(definition, { fieldManager: 'setup' });
    let after = await document();
    await until(async () => named((after = await document())) > 0);
    assert.equal(named(after), Object.values(after.paths).filter(({ patch }) => patch).length);
    const list = after.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].patch.parameters;
    assert.deepEqual(
      list.map(({ name }) => name),
      ['dryRun', PARAMETER, 'fieldManager', 'fieldValidation', 'force'],
    );
    for (const { metadata } of DEFINITIONS)
      await client.delete({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }, metadata);
    await until(async () => named((after = await document())) === 0);
    assert.deepEqual(after, before);
  });
});
