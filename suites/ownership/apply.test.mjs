// `nekube own apply` as a pipeline runs it, on every server: order, conflicts, prune, readiness, interruption.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DEFINITIONS } from 'nekube/fieldpolicy';
import { nekube, servers, startCluster } from './servers.mjs';

const configMap = (name, namespace, data = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(namespace && { namespace }) },
  data,
});

const namespace = (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const deployment = (name, ns, replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: ns },
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
  },
});

const widgets = (group) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
    versions: ['v1', 'v1beta1'].map((name, i) => ({
      name,
      served: true,
      storage: i === 0,
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
        },
      },
    })),
  },
});

const widget = (group, name, ns, version = 'v1') => ({
  apiVersion: `${group}/${version}`,
  kind: 'Widget',
  metadata: { name, namespace: ns },
  spec: { size: 1 },
});

const yaml = (...objects) => objects.map((object) => JSON.stringify(object)).join('\n---\n');

for (const server of servers)
  describe(`nekube own apply on ${server.name}`, { skip: server.skip }, () => {
    let cluster;

    before(async () => (cluster = await startCluster(server)));
    after(async () => await cluster?.stop());

    /** Writes files below the folder that commands run in. */
    const files = (texts) => {
      for (const [name, text] of Object.entries(texts)) {
        mkdirSync(dirname(join(cluster.dir, name)), { recursive: true });
        writeFileSync(join(cluster.dir, name), text);
      }
    };
    const own = (words, more) => nekube(['own', 'apply', ...words.split(' ')], cluster, more);
    /** What became of each object, by the report as JSON. */
    const applied = async (words, more) => {
      const { code, stdout, stderr } = await own(`${words} -o json`, more);
      assert.notEqual(stdout, '', stderr);
      const report = JSON.parse(stdout);
      const actions = [...report.objects, ...report.pruned].map(
        ({ kind, name, action }) => `${kind} ${name} ${action}`,
      );
      return { code, actions, report };
    };
    const get = (kind, name, ns, apiVersion = 'v1') =>
      cluster.client.get({ apiVersion, kind }, { name, ...(ns && { namespace: ns }) });
    const isThere = async (...args) => {
      try {
        return (await get(...args)).metadata.deletionTimestamp === undefined;
      } catch (error) {
        assert.equal(error.status?.reason, 'NotFound');
        return false;
      }
    };

    test('a fresh install: definitions, their objects and namespaces in one go, and again nothing', async () => {
      files({
        'fresh/b.yaml': yaml(widget('fresh.io', 'one', 'fresh'), widget('fresh.io', 'two', 'fresh', 'v1beta1')),
        'fresh/a/web.yaml': yaml(deployment('web', 'fresh', 2), configMap('web', 'fresh')),
        'fresh/z.json': JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [namespace('fresh'), widgets('fresh.io')],
        }),
      });
      const first = await applied('-R -f fresh');
      assert.equal(first.code, 0, JSON.stringify(first.report));
      assert.deepEqual(first.actions, [
        'CustomResourceDefinition widgets.fresh.io created',
        'Namespace fresh created',
        'ConfigMap web created',
        'Deployment web created',
        'Widget one created',
        'Widget two created',
      ]);
      // who applies to a namespace again takes note of what was there before it applied
      await applied('-R -f fresh');
      const again = await applied('-R -f fresh');
      assert.deepEqual([...new Set(again.actions.map((text) => text.split(' ').at(-1)))], ['unchanged']);
    });

    test('nothing is applied unless all can be read: every file, document and object that is wrong is named', async () => {
      files({
        'bad/a.yaml': yaml(configMap('bad-a', 'default')),
        'bad/b.yaml': 'a: [',
        'bad/c.yaml': `${yaml(configMap('bad-c', 'default'))}\n---\na: b: c`,
      });
      const broken = await own('-f bad');
      assert.equal(broken.code, 2);
      assert.match(broken.stderr, /"bad\/b.yaml", document 1/);
      assert.match(broken.stderr, /"bad\/c.yaml", document 2/);
      files({ 'bad/b.yaml': yaml({ ...configMap('x'), metadata: {} }), 'bad/c.yaml': yaml({ a: 1 }) });
      const wrong = await own('-f bad');
      assert.match(wrong.stderr, /"bad\/b.yaml", document 1: metadata.name must be there/);
      assert.match(wrong.stderr, /"bad\/c.yaml", document 1: apiVersion must be there/);
      files({ 'bad/b.yaml': yaml(configMap('bad-a')), 'bad/c.yaml': yaml(configMap('c')) });
      const twice = await own('-f bad');
      assert.match(
        twice.stderr,
        /"bad\/b.yaml", document 1: ConfigMap default\/bad-a is also stated in "bad\/a.yaml", document 1/,
      );
      assert.equal(await isThere('ConfigMap', 'bad-a', 'default'), false);
    });

    test('an object that the server refuses keeps all from being written', async () => {
      files({ 'invalid.yaml': yaml(configMap('fine', 'default'), configMap('Not-A-Name', 'default')) });
      const { code, actions, report } = await applied('-f invalid.yaml');
      assert.deepEqual([code, report.outcome], [2, 'failed']);
      assert.deepEqual(actions, ['ConfigMap Not-A-Name failed', 'ConfigMap fine not applied']);
      assert.equal(await isThere('ConfigMap', 'fine', 'default'), false);
    });

    test('a field that the kind has not is refused', async () => {
      const typo = { ...widget('typo.io', 'typo', 'default'), spec: { size: 1, colour: 'red' } };
      await applied('-f -', { stdin: yaml(widgets('typo.io')) });
      const refused = await applied('-f -', { stdin: yaml(typo) });
      assert.deepEqual([refused.code, refused.actions], [2, ['Widget typo failed']]);
      assert.match(refused.report.objects[0].reason, /colour/);
    });

    test('conflicts are heeded: nothing is written, and people are told whose field it is', async () => {
      const text = yaml(deployment('heed', 'default', 3), configMap('heed', 'default'));
      files({ 'heed.yaml': yaml(deployment('heed', 'default', 3)) });
      assert.equal((await own('-f heed.yaml')).code, 0);
      await cluster.client.apply(
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'heed', namespace: 'default' },
          spec: { replicas: 10 },
        },
        { fieldManager: 'hpa', force: true },
      );
      files({ 'heed.yaml': text });
      const { code, stdout, stderr } = await own('-f heed.yaml');
      assert.equal(code, 1);
      assert.match(stdout, /^ {2}conflict: \.spec\.replicas is 10 by "hpa" \(Apply, since 20.*Z\), wanted 3$/m);
      assert.match(stdout, /^ConfigMap default\/heed not applied$/m);
      assert.match(stdout, /^conflicts: 1 in conflict, 1 not applied; nothing was written$/m);
      assert.match(stderr, /there are conflicts/);
      assert.equal(await isThere('ConfigMap', 'heed', 'default'), false);
      const plan = await own('-f heed.yaml --plan-only');
      assert.deepEqual([plan.code, /ConfigMap default\/heed created \(plan\)/.test(plan.stdout)], [1, true]);
      const forced = await applied('-f heed.yaml --force-conflicts');
      assert.equal(forced.code, 0);
      assert.equal((await get('Deployment', 'heed', 'default', 'apps/v1')).spec.replicas, 3);
      const [conflict] = forced.report.objects.flatMap(({ conflicts }) => conflicts);
      assert.deepEqual([conflict.decision, conflict.by], ['force', '--force-conflicts']);
    });

    test('conflicts are decided by field: what is yielded stays, what is forced is taken, what is shared has both owners', async () => {
      const both = (replicas, paused, limit) => {
        const object = deployment('decide', 'default', replicas);
        return { ...object, spec: { ...object.spec, paused, revisionHistoryLimit: limit } };
      };
      files({ 'decide.yaml': yaml(both(3, true, 5)) });
      await own('-f decide.yaml');
      const spec = { replicas: 10, paused: false, revisionHistoryLimit: 7 };
      await cluster.client.apply(
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'decide', namespace: 'default' }, spec },
        { fieldManager: 'oncall', force: true },
      );
      files({ 'decide.yaml': yaml(both(4, true, 5)) });
      const some = await own('-f decide.yaml --decide yield=.spec.replicas --decide force=spec.paused');
      assert.equal(some.code, 1);
      assert.match(some.stdout, /^ {2}conflict: \.spec\.revisionHistoryLimit is 7 by "oncall"/m);
      assert.match(
        some.stdout,
        /^ {2}yield: \.spec\.replicas of "oncall" .*, decided by --decide yield=\.spec\.replicas$/m,
      );
      const words = '-f decide.yaml --decide yield=.spec.replicas --decide force=spec.paused --decide share=.spec.*';
      const { code } = await applied(words);
      assert.equal(code, 0);
      const { spec: now, metadata } = await get('Deployment', 'decide', 'default', 'apps/v1');
      assert.deepEqual([now.replicas, now.paused, now.revisionHistoryLimit], [10, true, 7]);
      const ownersOf = (field) =>
        metadata.managedFields
          .filter(({ fieldsV1 }) => fieldsV1['f:spec']?.[`f:${field}`])
          .map(({ manager }) => manager)
          .sort();
      assert.deepEqual(ownersOf('replicas'), ['oncall']);
      assert.deepEqual(ownersOf('paused'), ['nekube-own']);
      assert.deepEqual(ownersOf('revisionHistoryLimit'), ['nekube-own', 'oncall']);
      const malformed = await own('-f decide.yaml --decide force=.spec[');
      assert.deepEqual([malformed.code, /--decide: "force=.spec\[": path/.test(malformed.stderr)], [2, true]);
    });

    test('policies decide, those of a file and those of the cluster, and bind those who force', async () => {
      const owned = (image) => {
        const object = deployment('policy', 'default', 3);
        object.spec.template.spec.containers[0].image = image;
        return object;
      };
      files({ 'policy/web.yaml': yaml(owned('app:1')) });
      await own('-f policy/web.yaml');
      const contest = async (replicas, image) => {
        const { metadata, spec, ...type } = owned(image);
        const { selector: _, ...rest } = spec;
        await cluster.client.apply(
          { ...type, metadata, spec: { ...rest, replicas } },
          { fieldManager: 'hpa', force: true },
        );
      };
      const policy = (name, fields, decision) => ({
        apiVersion: 'ownership.nekube.dev/v1alpha1',
        kind: 'FieldPolicy',
        metadata: { name, namespace: 'default' },
        spec: {
          match: { resources: [{ group: 'apps', kinds: ['Deployment'] }], fields, otherManagers: [{ name: 'hpa' }] },
          decision,
        },
      });
      const state = async () => {
        const { spec } = await get('Deployment', 'policy', 'default', 'apps/v1');
        return [spec.replicas, spec.template.spec.containers[0].image];
      };
      await contest(10, 'app:2');
      files({ 'policies.yaml': yaml(policy('replicas', ['spec.replicas'], 'Yield')) });
      const heeded = await own('-f policy --policy policies.yaml');
      assert.equal(heeded.code, 1);
      assert.match(heeded.stdout, /yield: \.spec\.replicas .*, decided by policy FieldPolicy default\/replicas$/m);
      assert.match(heeded.stdout, /conflict: \.spec\.template\.spec\.containers\[name="app"\]\.image is "app:2"/);
      assert.equal((await own('-f policy --policy policies.yaml --force-conflicts')).code, 0);
      assert.deepEqual(await state(), [10, 'app:1']);

      await contest(7, 'app:3');
      const installed = await own('-f -', {
        stdin: yaml(policy('replicas', ['spec.replicas'], 'Yield'), ...DEFINITIONS),
      });
      assert.equal(installed.code, 0, installed.stdout);
      // the server begins to heed what is installed a moment later
      for (const end = Date.now() + 60_000; Date.now() < end && !(await forcesReplicas()).includes('not'); )
        await new Promise((r) => setTimeout(r, 20));
      async function forcesReplicas() {
        const { stdout } = await own('-f policy --force-conflicts --plan-only');
        return stdout.includes('.spec.replicas: 7 -> 3') ? 'forces' : 'forces not';
      }
      const { code, stdout } = await own('-f policy --force-conflicts');
      assert.equal(code, 0, stdout);
      assert.deepEqual(await state(), [7, 'app:1']);
      await cluster.client.delete(
        { apiVersion: 'ownership.nekube.dev/v1alpha1', kind: 'FieldPolicy' },
        { name: 'replicas', namespace: 'default' },
      );
    });

    test('a plan writes nothing and shows what would change, without what is secret', async () => {
      const secret = (password) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'plan', namespace: 'default' },
        stringData: { password },
      });
      files({ 'plan.yaml': yaml(secret('hunter2'), configMap('plan', 'default')) });
      await own('-f plan.yaml');
      files({ 'plan.yaml': yaml(secret('hunter3'), configMap('plan', 'default', { a: '2' })) });
      const { code, stdout } = await own('-f plan.yaml --dry-run=server');
      assert.equal(code, 0);
      assert.match(stdout, /^ {2}\.data\.a: "1" -> "2"$/m);
      assert.match(stdout, /^ {2}\.data\.password: \*\*\* -> \*\*\*$/m);
      assert.doesNotMatch(stdout, /hunter|aHVud/);
      assert.equal((await get('ConfigMap', 'plan', 'default')).data.a, '1');
      const markdown = await own('-f plan.yaml --plan-only -o markdown --report plan.json');
      assert.match(markdown.stdout, /^### Plan\n/);
      assert.doesNotMatch(markdown.stdout, /hunter|aHVud/);
    });

    test('what a set has beside the files is removed, and only that', async () => {
      await cluster.client.create(namespace('prune'));
      await cluster.client.create(configMap('foreign', 'prune'));
      files({ 'prune.yaml': yaml(configMap('a', 'prune'), deployment('b', 'prune', 0), configMap('c', 'prune')) });
      const words = '-f prune.yaml -n prune --prune --applyset web';
      assert.equal((await applied(words)).code, 0);
      const parent = await get('Secret', 'web', 'prune');
      assert.equal(
        parent.metadata.annotations['applyset.kubernetes.io/contains-group-kinds'],
        'ConfigMap,Deployment.apps',
      );
      files({ 'prune.yaml': yaml(configMap('c', 'prune')) });
      const plan = await applied(`${words} --plan-only`);
      assert.deepEqual(plan.actions, ['ConfigMap c unchanged', 'Deployment b pruned', 'ConfigMap a pruned']);
      assert.equal(await isThere('ConfigMap', 'a', 'prune'), true);
      const { code, actions } = await applied(words);
      assert.equal(code, 0);
      assert.deepEqual(actions, ['ConfigMap c unchanged', 'Deployment b pruned', 'ConfigMap a pruned']);
      const left = await Promise.all([
        isThere('ConfigMap', 'a', 'prune'),
        isThere('Deployment', 'b', 'prune', 'apps/v1'),
        isThere('ConfigMap', 'c', 'prune'),
        isThere('ConfigMap', 'foreign', 'prune'),
      ]);
      assert.deepEqual(left, [false, false, true, true]);
      const now = (await get('Secret', 'web', 'prune')).metadata.annotations;
      assert.equal(now['applyset.kubernetes.io/contains-group-kinds'], 'ConfigMap');
    });

    test('a set whose parent is in a namespace of the same files, over several namespaces', async () => {
      files({
        'set.yaml': yaml(namespace('set-a'), namespace('set-b'), configMap('x', 'set-a'), configMap('x', 'set-b')),
      });
      const words = '-f set.yaml --prune --applyset configmaps/all --applyset-namespace set-a';
      assert.deepEqual((await applied(words)).actions, [
        'Namespace set-a created',
        'Namespace set-b created',
        'ConfigMap x created',
        'ConfigMap x created',
      ]);
      const { annotations } = (await get('ConfigMap', 'all', 'set-a')).metadata;
      assert.equal(annotations['applyset.kubernetes.io/additional-namespaces'], 'set-b');
      assert.equal(annotations['applyset.kubernetes.io/contains-group-kinds'], 'ConfigMap,Namespace');
      files({ 'set.yaml': yaml(namespace('set-a'), configMap('x', 'set-a')) });
      const { actions } = await applied(words);
      assert.deepEqual(actions.slice(-2), ['ConfigMap x pruned', 'Namespace set-b pruned']);
    });

    test('a namespace or a definition that is not stated any more stays as long as what is applied needs it', async () => {
      const names = { kind: 'Lamp', plural: 'lamps' };
      const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
      const definition = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'lamps.light.example' },
        spec: {
          group: 'light.example',
          names,
          scope: 'Namespaced',
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      };
      const lamp = { apiVersion: 'light.example/v1', kind: 'Lamp', metadata: { name: 'l', namespace: 'lit' } };
      files({ 'needed.yaml': yaml(namespace('lit'), definition, lamp, configMap('x', 'lit')) });
      const words = '-f needed.yaml -n lit --prune --applyset web';
      assert.equal((await applied(words)).code, 0);
      files({ 'needed.yaml': yaml(lamp) });
      for (const more of [' --plan-only', '', '']) {
        const { code, report } = await applied(`${words}${more}`);
        assert.equal(code, 0);
        const pruned = report.pruned.filter(({ kind }) => kind !== 'ConfigMap');
        assert.deepEqual(
          pruned.map(({ kind, action, reason }) => `${kind} ${action}: ${reason}`),
          [
            'CustomResourceDefinition kept: Lamp.light.example lit/l is applied and of it',
            'Namespace kept: Lamp.light.example lit/l is applied and in it',
          ],
        );
      }
      assert.equal(await isThere('Lamp', 'l', 'lit', 'light.example/v1'), true);
      // when nothing needs them any more they go; the set's parent needs its namespace
      files({ 'needed.yaml': yaml(namespace('dark')) });
      const { actions } = await applied(words);
      assert.deepEqual(actions.slice(1), [
        'Lamp l pruned',
        'CustomResourceDefinition lamps.light.example pruned',
        'Namespace lit kept',
      ]);
    });

    test('a custom resource keeps a set if its definition says so, and is not made', async () => {
      const definition = widgets('parents.io');
      files({ 'custom.yaml': yaml(configMap('custom', 'default')) });
      const words = '-f custom.yaml -n default --prune --applyset widgets.parents.io/web';
      await applied('-f -', { stdin: yaml(definition) });
      const refused = await own(words);
      assert.match(refused.stderr, /resource "widgets.parents.io" is not permitted as an ApplySet parent/);
      definition.metadata.labels = { 'applyset.kubernetes.io/is-parent-type': 'true' };
      await applied('-f -', { stdin: yaml(definition) });
      const missing = await own(words);
      assert.equal(missing.code, 2);
      assert.match(missing.stderr, /custom resource ApplySet parents cannot be created automatically/);
      await applied('-f -', { stdin: yaml(widget('parents.io', 'web', 'default')) });
      const foreign = await own(words);
      assert.match(
        foreign.stderr,
        /already exists and is missing required annotation "applyset.kubernetes.io\/tooling"/,
      );
      assert.equal(await isThere('ConfigMap', 'custom', 'default'), false);
    });

    test('wrong usage is told before anything is asked', async () => {
      files({ 'ok.yaml': yaml(configMap('ok', 'other')) });
      const cases = [
        ['-f ok.yaml --prune', /--prune requires --applyset/],
        ['-f ok.yaml --applyset web', /--applyset requires --prune/],
        ['-f ok.yaml --wait --timeout 5', /--timeout 5: it must be a duration/],
        ['-f ok.yaml --parallel 0', /--parallel 0: it must be a number/],
        ['-f none.yaml', /"none.yaml"/],
        ['-f ok.yaml -n default', /"other" does not match the namespace "default"/],
        ['-f ok.yaml --prune --applyset web', /namespace is required to use namespace-scoped ApplySet/],
        ['-f ok.yaml -n other --prune --applyset web/', /name cannot be blank/],
      ];
      for (const [words, message] of cases) {
        const { code, stderr } = await own(words);
        assert.equal(code, 2, words);
        assert.match(stderr, message);
      }
    });

    test('waits until objects are ready, and says why they are not', async () => {
      files({ 'wait.yaml': yaml(namespace('wait'), configMap('web', 'wait'), deployment('web', 'wait', 1)) });
      await own('-f wait.yaml');
      const labels = { app: 'web' };
      const pod = { ...deployment('web', 'wait').spec.template, apiVersion: 'v1', kind: 'Pod' };
      await cluster.client.create({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: 'wait' },
      });
      await cluster.client.create({ ...pod, metadata: { name: 'web-1', namespace: 'wait', labels } });
      const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
      await cluster.client.patch(
        { apiVersion: 'v1', kind: 'Pod' },
        { name: 'web-1', namespace: 'wait' },
        { merge: { status: { phase: 'Pending', containerStatuses: [status('app', { waiting })] } } },
        { subresource: 'status' },
      );
      const late = await own('-f wait.yaml --wait --timeout 300ms');
      assert.equal(late.code, 1);
      assert.match(late.stdout, /not ready \(InProgress\): (Replicas: 0\/1|.*observed generation)/);
      assert.match(late.stdout, /pod web-1, container app: ImagePullBackOff: no such image/);
      const status1 = {
        observedGeneration: 1,
        replicas: 1,
        updatedReplicas: 1,
        readyReplicas: 1,
        availableReplicas: 1,
      };
      const conditions = [
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
        { type: 'Available', status: 'True' },
      ];
      const ready = own('-f wait.yaml --wait --timeout 1m');
      await cluster.client.patch(
        { apiVersion: 'apps/v1', kind: 'Deployment' },
        { name: 'web', namespace: 'wait' },
        { merge: { status: { ...status1, conditions } } },
        { subresource: 'status' },
      );
      assert.equal((await ready).code, 0);
    });

    test('500 objects', async () => {
      const objects = Array.from({ length: 500 }, (_, i) => configMap(`many-${i}`, 'many'));
      files({
        'many/a.yaml': yaml(namespace('many'), ...objects.slice(0, 250)),
        'many/b.yaml': yaml(...objects.slice(250)),
      });
      const { code, report } = await applied('-f many --prune --applyset many --applyset-namespace many');
      assert.equal(code, 0);
      assert.equal(report.objects.filter(({ action }) => action === 'created').length, 501);
      files({ 'many/b.yaml': '' });
      const fewer = await applied('-f many --prune --applyset many --applyset-namespace many');
      assert.equal(fewer.code, 0);
      assert.equal(fewer.report.pruned.length, 250);
      const { items } = await cluster.client.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace: 'many' });
      assert.equal(items.filter(({ metadata }) => metadata.name.startsWith('many-')).length, 250);
    });
  });

function status(name, state) {
  return { name, ready: false, restartCount: 0, image: 'app:1', imageID: '', state };
}
