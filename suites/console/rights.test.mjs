// Who may what: every address of the console's own, asked by who may read one kind in one namespace, and by who may nothing.
// No answer has more than kubectl would show them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { installDefinitions } from 'nekube/ownership';
import { signIn } from './browser.mjs';

const RBAC = 'rbac.authorization.k8s.io';
const SECRET_TEXT = 'xyzzy-plugh';
/** What is nowhere in an answer: of the namespace that they may not read its name, those of its objects, and their values. */
const HIDDEN = ['cellar', 'treasure', 'guarded', SECRET_TEXT, Buffer.from(SECRET_TEXT).toString('base64')];

const configMap = (name, namespace, data = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});
const post = (path, body) => ({ method: 'POST', path, body });
const get = (path) => ({ method: 'GET', path });
const HALL = configMap('seen', 'hall', { a: '2' });
// names that somebody guessed say nothing when they are said again
const GUESS = configMap('guess', 'attic', { a: '2' });
const kindIn = (kind, namespace) => `apiVersion=v1&kind=${kind}${namespace ? `&namespace=${namespace}` : ''}`;

/** What is asked; the code for the viewer of config maps in `hall`, and for nobody; and more that is so of the viewer's. */
const ASKED = [
  [get('/console/session'), 200, 200],
  [post('/console/link'), 200, 200],
  [post('/console/blame', { object: HALL }), 200, 200],
  [get('/console/history'), 200, 200],
  [get('/console/history?at=2001-01-01T00:00:00Z'), 410, 410],
  [post('/console/plan', { object: HALL }), 200, 403, ({ status }) => assert.equal(status.reason, 'Forbidden')],
  [post('/console/plan', { object: GUESS }), 403, 403],
  [post('/console/apply', { object: HALL }), 403, 403],
  [post('/console/apply', { object: GUESS, force: ['.data'] }), 403, 403],
  [post('/console/edit/plan', { object: HALL }), 200, 403, ({ error }) => assert.equal(error.reason, 'Forbidden')],
  [post('/console/edit/plan', { object: GUESS }), 403, 403],
  [post('/console/edit/apply', { object: GUESS }), 403, 403],
  [get(`/console/conflicts?${kindIn('ConfigMap', 'hall')}`), 200, 403, ({ objects }) => assert.equal(objects, 1)],
  [get(`/console/conflicts?${kindIn('ConfigMap')}`), 403, 403],
  [get(`/console/conflicts?${kindIn('Secret', 'hall')}`), 403, 403],
  [
    get('/console/conflicts?namespace=hall'),
    200,
    200,
    ({ objects, unread }) => {
      assert.equal(objects, 1);
      assert.ok(unread.some(({ apiVersion, kind }) => `${apiVersion} ${kind}` === 'v1 Secret'));
      assert.ok(!unread.some(({ kind }) => kind === 'ConfigMap'));
    },
  ],
  [get(`/console/field-history?${kindIn('ConfigMap', 'hall')}`), 200, 403],
  [get(`/console/field-history?${kindIn('ConfigMap', 'hall')}&name=seen`), 200, 403],
  [get(`/console/field-history?${kindIn('ConfigMap')}`), 403, 403],
  [get(`/console/field-history?${kindIn('Secret', 'hall')}`), 403, 403],
  [
    get('/console/policies'),
    200,
    200,
    ({ policies, waiting, unread }) => {
      assert.deepEqual([policies, waiting], [[], []]);
      assert.deepEqual(unread, ['FieldPolicy', 'ClusterFieldPolicy', 'ApplyConflict']);
    },
  ],
  [
    post('/console/owned', {
      paths: [
        '/api/v1/namespaces/hall/configmaps',
        '/api/v1/namespaces/hall/secrets',
        '/api/v1/namespaces',
        '/api/v1/pods',
      ],
    }),
    200,
    200,
    ({ answers: [read, ...others] }) => {
      assert.equal(read.count, 1);
      for (const { status } of others) assert.equal(status.reason, 'Forbidden');
    },
  ],
  [get('/console/kep/index'), 403, 403],
  [get('/console/kep/page/1-kep'), 403, 403],
  [get('/console/kep/graph'), 403, 403],
  [get('/console/kep/gates'), 403, 403],
  [get('/console/kep/facets'), 403, 403],
  [get('/console/kep/search?q=node'), 403, 403],
  [get('/console/kep/changes'), 403, 403],
  [get('/console/kep/changes.atom'), 403, 403],
  [get('/k8s/api/v1/namespaces/hall/configmaps'), 200, 403],
  [get('/k8s/api/v1/namespaces/hall/secrets'), 403, 403],
  [get('/k8s/api/v1/namespaces'), 403, 403],
  [post('/console/signout'), 200, 200],
];

describe('of a cluster with rights', () => {
  let env;
  let running;

  before(async () => {
    env = await start();
    const { client } = env;
    for (const name of ['hall', 'cellar'])
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const fieldManager of ['one', 'other']) {
      await client.apply(configMap('seen', 'hall'), { fieldManager });
      await client.apply(configMap('treasure', 'cellar', { a: SECRET_TEXT }), { fieldManager });
    }
    for (const [name, namespace] of [
      ['treasure', 'cellar'],
      ['treasure', 'hall'],
    ])
      await client.create({
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } },
        stringData: { key: SECRET_TEXT },
      });
    await installDefinitions(client, { clock: systemClock });
    const spec = {
      match: { resources: [{ group: '', kinds: ['ConfigMap'] }], fields: ['.data.guarded'] },
      decision: 'Yield',
    };
    const policy = { apiVersion: 'ownership.nekube.dev/v1alpha1', kind: 'FieldPolicy', spec };
    await env.eventually(() => client.create({ ...policy, metadata: { name: 'guarded', namespace: 'hall' } }));
    for (const plural of ['keps', 'keptexts']) await client.create(kepDefinition(plural));
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }];
    await client.create(role('viewer', rules));
    await client.create(binding('viewer', 'victor'));
    const all = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }];
    await client.create(role('editor', all));
    await client.create(binding('editor', 'erin'));
    running = await startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } });
  });
  after(async () => {
    await running?.close();
    await env?.stop();
  });

  const as = (user) => signIn(running.link({ user }));

  for (const [who, place] of [
    ['victor', 1],
    ['nobody', 2],
  ])
    for (const [{ method, path, body }, ...more] of ASKED)
      test(`${method} ${path}${body?.object ? ` of ${body.object.metadata.name}` : ''} is answered ${who} with ${more[place - 1]}`, async () => {
        const browser = await as(who);
        const { code, text } = await browser.fetch(path, { method, body });
        assert.equal(code, more[place - 1], text);
        for (const word of HIDDEN) assert.ok(!text.includes(word), `${word} in ${text}`);
        if (who === 'victor') more[2]?.(JSON.parse(text));
      });

  test('every address that is documented is asked here', () => {
    const docs = readFileSync(new URL('../../docs/console.md', import.meta.url), 'utf8');
    const documented = [...docs.matchAll(/^\| `(GET|POST) (\/console\/[a-z/-]+)/gm)].map(
      ([, method, path]) => `${method} ${path}`,
    );
    assert.ok(documented.length > 10);
    const asked = ASKED.map(([{ method, path }]) => `${method} ${path.split('?')[0]}`);
    for (const one of documented)
      assert.ok(
        asked.some((other) => other.startsWith(one)),
        one,
      );
  });

  test('secrets are not watched for who may not watch them, nor the namespaces', async () => {
    const watches = await (await as('victor')).watches();
    const paths = ['/api/v1/namespaces/hall/secrets', '/api/v1/namespaces', '/api/v1/configmaps'];
    for (const path of paths) {
      const id = watches.watch(`${path}?watch=1`);
      assert.equal((await watches.until(() => watches.endOf(id))).reason, 'Forbidden');
      assert.deepEqual(watches.eventsOf(id), []);
    }
    watches.socket.close();
  });

  test('who may edit and not list policies plans without them, is told so, and applies', async () => {
    const browser = await as('erin');
    const plan = (await browser.fetch('/console/edit/plan', { method: 'POST', body: { object: HALL } })).json();
    assert.equal(plan.outcome, 'conflict');
    assert.match(
      plan.warnings.find(({ type }) => type === 'PoliciesUnread').message,
      /FieldPolicy or ClusterFieldPolicy/,
    );
    const body = { object: HALL, force: ['.data.a'] };
    const told = (await browser.fetch('/console/plan', { method: 'POST', body })).json();
    assert.equal(told.outcome, 'changed');
    assert.ok(told.warnings.some(({ type }) => type === 'PoliciesUnread'));
    const applied = await browser.fetch('/console/apply', { method: 'POST', body });
    assert.equal(applied.code, 200, applied.text);
  });

  test('who may read the policies of the namespace plans by these', async () => {
    const rules = [{ apiGroups: ['ownership.nekube.dev'], resources: ['fieldpolicies'], verbs: ['list'] }];
    await env.client.create(role('policy-reader', rules));
    for (const name of ['policy-reader', 'editor']) await env.client.create(binding(name, 'pia'));
    await env.client.apply(configMap('ruled', 'hall', { guarded: '1' }), { fieldManager: 'one' });
    const browser = await as('pia');
    const body = { object: configMap('ruled', 'hall', { guarded: '2' }) };
    const plan = (await browser.fetch('/console/edit/plan', { method: 'POST', body })).json();
    const warning = plan.warnings.find(({ type }) => type === 'PoliciesUnread');
    assert.match(warning.message, /not list ClusterFieldPolicy,/);
    assert.equal(plan.fields.find(({ path }) => path === '.data.guarded').decision, 'yield');
  });

  test('a console whose user may list nothing tells times by who asks, or says why there are none', async () => {
    const options = { transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } };
    const poor = await startConsole({ ...options, as: { user: 'nobody' } });
    try {
      const nobody = await signIn(poor.link());
      const { moments, reason } = (await nobody.fetch('/console/history')).json();
      assert.deepEqual(moments, []);
      assert.match(reason, /nor you may list namespaces/);
      assert.equal((await nobody.fetch('/console/history?at=2001-01-01T00:00:00Z')).code, 403);
      const root = await signIn(poor.link({ user: 'root', groups: ['system:masters'] }));
      const { newest } = (await root.fetch('/console/history')).json();
      assert.ok(Number(newest.revision) > 1);
    } finally {
      await poor.close();
    }
  });

  test('a console whose user may list leases and no namespaces tells times by these', async () => {
    const rules = [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] }];
    const { namespace: _, ...name } = role('lease-lister', rules).metadata;
    await env.client.create({ ...role('lease-lister', rules), kind: 'ClusterRole', metadata: name });
    await env.client.create({
      ...binding('lease-lister', 'leo', 'ClusterRole'),
      kind: 'ClusterRoleBinding',
      metadata: name,
    });
    const options = { transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } };
    const some = await startConsole({ ...options, as: { user: 'leo' } });
    try {
      const { newest } = (await (await signIn(some.link())).fetch('/console/history')).json();
      assert.ok(Number(newest.revision) > 1);
    } finally {
      await some.close();
    }
  });
});

function role(name, rules) {
  return { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name, namespace: 'hall' }, rules };
}

function binding(name, user, kind = 'Role') {
  return {
    ...{ apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { name: `${name}-${user}`, namespace: 'hall' } },
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
  };
}

/** A kind of the KEPs', of which there need be none. */
function kepDefinition(plural) {
  const kind = plural === 'keps' ? 'Kep' : 'KepText';
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.keps.nekube.dev` },
    spec: {
      ...{ group: 'keps.nekube.dev', scope: 'Cluster', names: { plural, singular: kind.toLowerCase(), kind } },
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
}
