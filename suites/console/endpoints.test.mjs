// What pages ask of the console itself: who owns what, what an apply would do and does, and what was when.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { installDefinitions } from 'nekube/ownership';
import { systemClock } from 'nekube/client';
import { signIn } from './browser.mjs';

describe("the console's own answers", () => {
  let env;
  let running;
  let admin;
  let nobody;

  before(async () => {
    env = await start();
    running = await startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } });
    admin = await signIn(running.link());
    nobody = await signIn(running.link({ user: 'nobody' }));
  });
  after(async () => {
    await running?.close();
    await env?.stop();
  });

  const named = (name, data) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
    data,
  });
  const applyAs = (fieldManager, object, more = {}) => env.client.apply(object, { fieldManager, ...more });
  const post = async (path, body, browser = admin) => {
    const answer = await browser.fetch(path, { method: 'POST', body });
    return { code: answer.code, ...answer.json() };
  };
  const get = async (path, browser = admin) => {
    const answer = await browser.fetch(path);
    return { code: answer.code, ...answer.json() };
  };

  test('blame: who owns each line of an object', async () => {
    await applyAs('one', named('blamed', { a: '1' }));
    const object = await applyAs('two', named('blamed', { b: '2' }));
    const { lines, owners } = await post('/console/blame', { object });
    const ownersOf = (text) => {
      const line = lines.find((one) => one.text.trim() === text);
      return line.owners.map((place) => owners[place].manager);
    };
    assert.deepEqual(ownersOf('a: "1"'), ['one']);
    assert.deepEqual(ownersOf('b: "2"'), ['two']);
    assert.deepEqual(ownersOf('name: blamed'), []);
    assert.equal(lines.find(({ text }) => text.trim() === 'a: "1"').path, '.data.a');
  });

  test('blame: values of a Secret are masked', async () => {
    const metadata = { name: 'hidden', namespace: 'default' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { key: 'xyzzy-plugh' } };
    const object = await applyAs('one', secret);
    const answer = await admin.fetch('/console/blame', { method: 'POST', body: { object } });
    assert.equal(answer.code, 200);
    assert.doesNotMatch(answer.text, new RegExp(`xyzzy|${Buffer.from('xyzzy-plugh').toString('base64')}`));
  });

  test('plan: what an apply would do, field by field, and who is in its way; nothing is written', async () => {
    await applyAs('owner', named('planned', { kept: '1', wanted: '1' }));
    const { fields, ...plan } = await post('/console/plan', { object: named('planned', { wanted: '2', fresh: '3' }) });
    assert.equal(plan.outcome, 'conflict');
    assert.deepEqual(
      fields.map(({ path, action, live, applied, others }) => [path, action, live, applied, others?.[0].manager]),
      [
        ['.data.fresh', 'set', undefined, '3', undefined],
        ['.data.wanted', 'conflict', '1', '2', 'owner'],
      ],
    );
    assert.equal(plan.status.reason, 'Conflict');
    assert.deepEqual(plan.before.data, { kept: '1', wanted: '1' });
    assert.deepEqual(
      (await env.client.get({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'default', name: 'planned' })).data,
      { kept: '1', wanted: '1' },
    );
  });

  test('plan and apply: a conflict is forced for one field, and another is not', async () => {
    await applyAs('owner', named('forced', { a: '1', b: '1' }));
    const object = named('forced', { a: '2', b: '2' });
    const one = { object, force: ['.data.a'] };
    assert.equal((await post('/console/plan', one)).outcome, 'conflict');
    const refused = await post('/console/apply', one);
    assert.equal(refused.code, 409);
    assert.deepEqual(
      refused.details.causes.map(({ field }) => field),
      ['.data.b'],
    );
    const both = { object, force: ['.data.a', '.data.b'] };
    const plan = await post('/console/plan', both);
    assert.equal(plan.outcome, 'changed');
    assert.deepEqual(plan.after.data, { a: '2', b: '2' });
    assert.deepEqual((await post('/console/apply', both)).object.data, { a: '2', b: '2' });
  });

  test('apply: a conflict yields for one field where that is wanted', async () => {
    await applyAs('owner', named('yielding', { a: '1' }));
    const object = named('yielding', { a: '2', b: '2' });
    const applied = await post('/console/apply', { object, decide: ['yield=.data.a'] });
    assert.deepEqual(applied.object.data, { a: '1', b: '2' });
  });

  test('apply: an object as YAML, with the live object’s own fields left out', async () => {
    const live = await applyAs('nekube-console', named('edited', { a: '1' }));
    const yaml = JSON.stringify({
      ...live,
      metadata: { ...live.metadata, resourceVersion: undefined, uid: undefined },
    });
    const { object } = await post('/console/apply', { yaml: yaml.replace('"a":"1"', '"a":"2"') });
    assert.deepEqual(object.data, { a: '2' });
    const bad = await post('/console/plan', { yaml: 'kind: [' });
    assert.equal(bad.code, 400);
    assert.match(bad.message, /line|yaml/i);
  });

  test('apply: an edit of an object that has changed meanwhile is refused', async () => {
    const live = await applyAs('nekube-console', named('raced', { a: '1' }));
    await applyAs('nekube-console', named('raced', { a: '2' }));
    const { metadata, ...rest } = live;
    const refused = await post('/console/apply', { object: { ...rest, metadata, data: { a: '3' } } });
    assert.equal(refused.code, 409);
  });

  test('apply: what the user may not do is refused', async () => {
    assert.equal((await post('/console/apply', { object: named('theirs', {}) }, nobody)).code, 403);
    assert.equal((await post('/console/plan', { object: named('theirs', {}) }, nobody)).code, 403);
  });

  test('apply: an unknown field is refused, with its name', async () => {
    const refused = await post('/console/apply', { object: { ...named('odd', {}), colour: 'red' } });
    assert.match(refused.message, /colour/);
  });

  for (const [what, body] of [
    ['no object', {}],
    ['no JSON', '{'],
    ['a path that is none', { object: named('x', {}), force: ['.data['] }],
    ['an object without a name', { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } }],
  ])
    test(`plan: ${what} is a bad request`, async () => {
      const refused = await post('/console/plan', body);
      assert.equal(`${refused.code} ${refused.reason}`, '400 BadRequest');
    });

  test('conflicts: which managers own fields together, of a kind and of a namespace', async () => {
    await applyAs('left', named('shared', { a: '1' }));
    await applyAs('right', named('shared', { a: '1' }));
    for (const query of ['apiVersion=v1&kind=ConfigMap&namespace=default', 'namespace=default']) {
      const { pairs, objects } = await get(`/console/conflicts?${query}`);
      const pair = pairs.find(({ managers: [one, two] }) => one.manager === 'left' && two.manager === 'right');
      assert.deepEqual(pair.paths, [{ path: '.data.a', objects: 1 }]);
      assert.ok(objects > 0);
    }
    assert.equal((await get('/console/conflicts?apiVersion=v1&kind=ConfigMap', nobody)).code, 403);
    assert.equal((await get('/console/conflicts?apiVersion=example.com/v1&kind=Thing')).code, 404);
    assert.equal((await get('/console/conflicts')).code, 400);
  });

  test('conflicts: of a namespace several kinds are read at once', async () => {
    let asked = 0;
    let answer;
    const several = new Promise((resolve) => (answer = resolve));
    const send = async (request) => {
      if (request.path.includes('/namespaces/default/')) {
        if (++asked === 4) answer();
        await several;
      }
      return await env.client.transport.send(request);
    };
    const transport = new Proxy(env.client.transport, {
      get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
    });
    const other = await startConsole({ transport, listen: { host: '127.0.0.1', port: 0 } });
    try {
      const { code } = await get('/console/conflicts?namespace=default', await signIn(other.link()));
      assert.equal(code, 200);
    } finally {
      await other.close();
    }
  });

  test('policies: those of the cluster, with what is wrong with them; and an apply heeds them', async () => {
    assert.deepEqual((await get('/console/policies')).policies, []);
    await installDefinitions(env.client, { clock: systemClock });
    await env.client.create({
      apiVersion: 'ownership.nekube.dev/v1alpha1',
      kind: 'FieldPolicy',
      metadata: { name: 'keep', namespace: 'default' },
      spec: {
        match: { resources: [{ group: '', kinds: ['ConfigMap'] }], fields: ['.data.guarded'] },
        decision: 'Yield',
      },
    });
    // that the kind is served is known a moment later to who asked before
    let found = await get('/console/policies');
    for (const end = Date.now() + 60_000; Date.now() < end && found.policies.length === 0; ) {
      await sleep(50);
      found = await get('/console/policies');
    }
    const { policies, waiting } = found;
    assert.deepEqual(
      policies.map(({ policy, problems }) => [policy.metadata.name, problems]),
      [['keep', []]],
    );
    assert.deepEqual(waiting, []);
    await applyAs('owner', named('policed', { guarded: '1' }));
    const { object } = await post('/console/apply', { object: named('policed', { guarded: '2' }), force: ['.data'] });
    assert.deepEqual(object.data, { guarded: '1' });
  });

  test('owned: what has owners, of many collections at once, each answered in its place', async () => {
    const owner = await applyAs('one', named('root', {}));
    const { apiVersion, kind, metadata } = owner;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    const below = named('below', {});
    await applyAs('one', { ...below, metadata: { ...below.metadata, ownerReferences } });
    const paths = ['/api/v1/namespaces/default/configmaps', '/api/v1/nodes', '/apis/example.com/v1/things'];
    const { answers } = await post('/console/owned', { paths });
    const [{ table, count }, nodes, unknown] = answers;
    assert.deepEqual(
      table.rows.map(({ object }) => [object.metadata.name, object.metadata.ownerReferences[0].uid]),
      [['below', metadata.uid]],
    );
    assert.deepEqual(
      table.columnDefinitions.map(({ name }) => name),
      ['Name', 'Data', 'Age'],
    );
    assert.ok(count >= 2);
    assert.match(table.metadata.resourceVersion, /^\d+$/);
    assert.equal(nodes.count, 0);
    assert.equal(unknown.status.reason, 'NotFound');
  });

  test('owned: an API that is away takes no other kinds with it, and a long list is left to the page', async () => {
    const paths = ['/apis/metrics.k8s.io/v1beta1/pods', '/api/v1/namespaces/default/configmaps', '/api/v1/events'];
    const fault = (path, status, body) => ({ match: (sent) => sent.split('?', 1)[0] === path, status, body });
    const away = { kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', code: 503 };
    const long = { items: [{ metadata: { name: 'a' } }], metadata: { continue: 'x', remainingItemCount: 9999 } };
    const faults = [fault(paths[0], 503, away), fault(paths[2], 200, long)];
    const other = await startConsole({
      transport: answering(env.client.transport, faults),
      listen: { host: '127.0.0.1', port: 0 },
    });
    try {
      const { answers } = await post('/console/owned', { paths }, await signIn(other.link()));
      assert.deepEqual(answers.map(Object.keys), [['status'], ['table', 'count'], ['more']]);
      assert.equal(answers[0].status.code, 503);
    } finally {
      await other.close();
    }
  });

  for (const paths of [
    undefined,
    'x',
    [1],
    ['/version'],
    ['/api/v1/pods?watch=1'],
    ['/api/v1/nodes/a'],
    ['/api/../v1/pods'],
  ])
    test(`owned: ${JSON.stringify(paths)} is a bad request`, async () => {
      const refused = await post('/console/owned', { paths });
      assert.equal(`${refused.code} ${refused.reason}`, '400 BadRequest');
    });

  describe('history', () => {
    test('says how far back states can be read, and when they were', async () => {
      await applyAs('one', named('then', { a: '1' }));
      const { oldest, newest, moments } = await get('/console/history');
      assert.ok(Number(oldest.revision) <= Number(newest.revision));
      assert.equal(moments.at(-1).revision, newest.revision);
      const revisions = moments.map(({ revision }) => Number(revision));
      assert.deepEqual(
        revisions,
        revisions.toSorted((a, b) => a - b),
      );
      const read = await get(
        `/k8s/api/v1/namespaces/default/configmaps?resourceVersion=${newest.revision}&resourceVersionMatch=Exact`,
      );
      assert.ok(read.items.some(({ metadata }) => metadata.name === 'then'));
      const past = await get(
        `/k8s/api/v1/namespaces?resourceVersion=${oldest.revision}&resourceVersionMatch=Exact&limit=1`,
      );
      assert.equal(past.code, 200);
    });

    test('finds the state of a moment', async () => {
      const { newest } = await get('/console/history');
      const found = await get(`/console/history?at=${encodeURIComponent(newest.time)}`);
      assert.equal(found.revision, newest.revision);
    });

    test('knows nothing of the time before all', async () => {
      const answer = await get('/console/history?at=2001-01-01T00:00:00Z');
      assert.equal(`${answer.code} ${answer.reason}`, '410 Expired');
      assert.equal((await get('/console/history?at=then')).code, 400);
    });
  });
});

/** A transport that answers some paths itself. */
function answering(transport, faults) {
  const send = async (request) => {
    const found = faults.find(({ match }) => match(request.path));
    if (found === undefined) return transport.send(request);
    const bytes = Buffer.from(JSON.stringify(found.body));
    return {
      status: found.status,
      headers: {},
      body: (async function* () {
        yield bytes;
      })(),
    };
  };
  return new Proxy(transport, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)) });
}
