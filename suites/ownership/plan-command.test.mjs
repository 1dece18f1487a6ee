// `nekube own plan` and `nekube own migrate` as people run them, on every server: what they print, and how they end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { nekube, servers, startCluster } from './servers.mjs';

const namespace = 'plan';
const web = (spec) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec });
const full = (replicas, image) =>
  web({
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } },
  });
const secret = (stringData) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace }, stringData });
const configMap = (name, data, more = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ...more },
  data,
});
const yaml = (...objects) => objects.map((object) => JSON.stringify(object)).join('\n---\n');

for (const server of servers)
  describe(`nekube own plan and migrate on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    const own = (words, stdin) => nekube(['own', ...words.split(' ')], cluster, { stdin });

    before(async () => {
      cluster = await startCluster(server);
      const { client } = cluster;
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await client.apply(full(3, 'web:1'), { fieldManager: 'git' });
      await client.apply(web({ minReadySeconds: 5 }), { fieldManager: 'oncall' });
      await client.patch(
        web(),
        web().metadata,
        { merge: { spec: { replicas: 10 } } },
        { subresource: 'scale', fieldManager: 'hpa' },
      );
      await client.apply(secret({ password: 'hunter2' }), { fieldManager: 'git' });
    });
    after(async () => await cluster?.stop());

    test('a conflict is told with its owner and both values, and is a finding', async () => {
      const { code, stdout, stderr } = await own('plan --manager git -f -', yaml(full(3, 'web:2')));
      assert.equal(code, 1, stderr);
      assert.match(stdout, /^Deployment\.apps plan\/web would be refused: conflicts$/m);
      assert.match(stdout, /^ {2}! \.spec\.replicas +10 → 3 {2}"hpa" \(Update scale\).* owns it$/m);
      assert.match(stdout, /^ {2}~ \.spec\.template\.spec\.containers\[name="app"\]\.image {2}"web:1" → "web:2"$/m);
      assert.doesNotMatch(stdout, /warning:/, 'what the conflict says is not said again');
      assert.match(stderr, /1 of 1 objects are in conflict/);
      const { spec } = await cluster.client.get(web(), web().metadata);
      assert.deepEqual([spec.replicas, spec.template.spec.containers[0].image], [10, 'web:1']);
    });

    test('what the server makes something else of is told of the field alone, once', async () => {
      const odd = full(3, 'web:2');
      odd.spec.template.spec.containers[0].resources = { requests: { cpu: '1000m', memory: '64Mi' } };
      odd.status = { replicas: 3, readyReplicas: 3 };
      const words = 'plan --manager git --decide yield=spec.replicas -o json -f -';
      const { items } = JSON.parse((await own(words, yaml(odd))).stdout);
      assert.deepEqual(
        items[0].warnings.map(({ message }) => message),
        [
          '.spec.template.spec.containers[name="app"].resources.requests.cpu is applied as "1000m", and the server makes "1" of it',
          '.status is applied as {"replicas":3,"readyReplicas":3}, and the server makes {} of it',
        ],
      );
    });

    test('only who applied on the client side, or the same manager by updates, is to be migrated', async () => {
      const { client } = cluster;
      const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': '{}\n' };
      const updated = [
        ['kubectl-client-side-apply', {}],
        ['before-first-apply', {}],
        ['git', {}],
        ['by-another-name', lastApplied],
        ['on-call', {}],
        ['kubectl-edit', {}],
      ];
      for (const [i, [fieldManager, annotations]] of updated.entries()) {
        const live = configMap(`update-${i}`, { a: '1', b: '1' }, { annotations });
        await client.create(live, { fieldManager });
        for (const data of [{ a: '1' }, { a: '2' }]) {
          const words = 'plan --manager git -o json -f -';
          const { items } = JSON.parse((await own(words, yaml(configMap(`update-${i}`, data)))).stdout);
          const fixes = items[0].warnings.map(({ type, fix }) => `${type} ${fix.replace(/.*--from/, 'from')}`);
          assert.deepEqual(fixes, i < 4 ? [`UpdateManager from ${fieldManager}`] : [], fieldManager);
        }
      }
    });

    test('a decision is shown as it would be carried out', async () => {
      const { code, stdout } = await own(
        'plan --manager git --decide yield=spec.replicas -f -',
        yaml(full(3, 'web:2')),
      );
      assert.equal(code, 0);
      assert.match(stdout, /^Deployment\.apps plan\/web would be changed$/m);
      assert.match(stdout, /^ {2}< \.spec\.replicas +10, not 3 {2}yields to "hpa" \(Update scale\)/m);
    });

    test('an apply that changes nothing is told as that', async () => {
      const { code, stdout } = await own(
        'plan --manager git --decide yield=spec.replicas -f -',
        yaml(full(3, 'web:1')),
      );
      assert.equal(code, 0);
      assert.match(stdout, /^Deployment\.apps plan\/web stays as it is/m);
    });

    test('the form for programs has what the text has', async () => {
      const { code, stdout } = await own('plan --manager git -o json -f -', yaml(full(3, 'web:2')));
      const { kind, manager, summary, items } = JSON.parse(stdout);
      assert.deepEqual([code, kind, manager, summary], [1, 'ApplyPlanList', 'git', { conflict: 1 }]);
      const [{ object, source, outcome, fields, warnings, owners }] = items;
      assert.deepEqual(object, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace } });
      assert.deepEqual([source, outcome, owners], ['stdin, document 1', 'conflict', undefined]);
      const replicas = fields.find(({ path }) => path === '.spec.replicas');
      const [{ time: _, ...other }] = replicas.others;
      assert.deepEqual(other, { manager: 'hpa', operation: 'Update', subresource: 'scale', apiVersion: 'apps/v1' });
      const { action, live, applied, result, decision } = replicas;
      assert.deepEqual(
        { action, live, applied, result, decision },
        {
          action: 'conflict',
          live: 10,
          applied: 3,
          result: 3,
          decision: 'fail',
        },
      );
      assert.deepEqual(warnings, []);
    });

    test('values of Secrets are shown nowhere', async () => {
      for (const output of ['text', 'json', 'yaml']) {
        const words = `plan --manager other --all -o ${output} -f -`;
        const printed = await own(words, yaml({ ...secret({ password: 'sesame' }) }));
        assert.equal(printed.code, 1, printed.stderr);
        const text = printed.stdout + printed.stderr;
        for (const value of ['hunter2', 'sesame'])
          for (const form of [value, Buffer.from(value).toString('base64')]) assert.ok(!text.includes(form), text);
        assert.match(text, /password/);
      }
    });

    test('what the server says of a Secret that it refuses has no values of it', async () => {
      const bad = yaml({ ...secret({ pin: 471147, map: { deep: 'sesame' } }), data: ['hunter2'] });
      for (const words of ['plan', 'plan -o json', 'apply', 'apply -o json', 'apply -o markdown', 'explain']) {
        const { code, stdout, stderr } = await own(`${words} --manager other -f -`, bad);
        assert.equal(code, 2, stdout);
        for (const value of ['471147', 'sesame', 'hunter2'])
          assert.ok(!(stdout + stderr).includes(value), stdout + stderr);
        assert.match(stdout + stderr, /expected string, got/);
      }
    });

    test('nothing of a file or a cluster moves the cursor of who reads it', async () => {
      const odd = [
        configMap('a\u001b[2Jb', { a: '1' }),
        configMap('odd', { a: '\u202e\u0085', 'k\u001b]0;x\u0007': '1' }),
      ];
      for (const words of ['plan', 'apply', 'apply -o markdown']) {
        const { code, stdout, stderr } = await own(`${words} --manager git -f -`, yaml(...odd));
        assert.equal(code, 2, stdout);
        assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
        assert.match(stdout, /a\\\\?u001b/);
      }
    });

    test('every document is shown, also beside one that the server refuses', async () => {
      const bad = full(3, 'web:1');
      bad.metadata = { ...bad.metadata, name: 'bad' };
      bad.spec.selector = { matchLabels: { app: 'other' } };
      const { code, stdout, stderr } = await own('plan --manager git -f -', yaml(bad, configMap('good', { a: '1' })));
      assert.equal(code, 2);
      assert.match(stdout, /^Deployment\.apps plan\/bad would be refused: .*`selector` does not match/m);
      assert.match(stdout, /^ConfigMap plan\/good would be created$/m);
      assert.match(stderr, /Cannot apply 1 of 2 objects/);
    });

    test('what is in a namespace that is created with it cannot be tried before, which is said', async () => {
      const one = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'plan-new' } };
      const two = configMap('inside', { a: '1' }, { namespace: 'plan-new' });
      const { code, stdout } = await own('plan --manager git -f -', yaml(one, two));
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^ConfigMap plan-new\/inside would be created\n {2}\+ \.data\.a {2}"1"\n {2}warning: .*known then$/m,
      );
    });

    test('a migration is shown before and after, and can be tried', async () => {
      const { client } = cluster;
      const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}\n' };
      const labels = { migrate: 'yes' };
      for (const name of ['one', 'two'])
        await client.create(configMap(name, { a: '1' }, { annotations, labels }), {
          fieldManager: 'kubectl-client-side-apply',
        });
      const tried = await own('migrate cm/one -n plan --manager flux --dry-run');
      assert.equal(tried.code, 0, tried.stderr);
      assert.match(
        tried.stdout,
        /^ConfigMap plan\/one: would be migrated\n {2}- kubectl-client-side-apply \(Update, v1\) {2}\d fields\n {2}\+ flux \(Apply, v1\) {2}\d fields\n$/,
      );
      const done = await own('migrate cm -A -l migrate=yes --manager flux --remove-last-applied -o json');
      assert.equal(done.code, 0, done.stderr);
      const lines = done.stdout.trimEnd().split('\n').map(JSON.parse);
      assert.deepEqual(
        lines.map(({ object, from, migrated }) => [object.metadata.name, from, migrated]),
        [
          ['one', ['kubectl-client-side-apply'], true],
          ['two', ['kubectl-client-side-apply'], true],
        ],
      );
      const { metadata } = await client.get(configMap('two'), configMap('two').metadata);
      assert.equal(metadata.annotations, undefined);
      const again = await own('migrate cm/one -n plan --manager flux');
      assert.deepEqual([again.code, again.stdout], [0, 'ConfigMap plan/one: nothing to migrate\n']);
      assert.equal((await own('migrate cm/none -n plan --manager flux')).code > 0, true);
    });
  });
