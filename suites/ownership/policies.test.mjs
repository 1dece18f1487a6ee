// `nekube own install`, `explain`, `conflicts`, `resolve` and `uninstall`, on every server.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nekube, servers, startCluster } from './servers.mjs';

const API_VERSION = 'ownership.nekube.dev/v1alpha1';

const deployment = (replicas, image = 'app:1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image }] } },
  },
});

const policy = (name, { match, ...spec }) => ({
  apiVersion: API_VERSION,
  kind: 'FieldPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { match: { resources: [{ group: 'apps', kinds: ['Deployment'] }], ...match }, ...spec },
});

for (const server of servers)
  describe(`policies by nekube own on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    const own = (words, more) => nekube(['own', ...words.split(' ')], cluster, more);
    const file = (name, ...objects) =>
      writeFileSync(join(cluster.dir, name), objects.map((object) => JSON.stringify(object)).join('\n---\n'));

    before(async () => {
      cluster = await startCluster(server);
      const { client } = cluster;
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      await client.apply(deployment(3), { fieldManager: 'gitops' });
      // by hand, on call
      await client.patch(
        { apiVersion: 'apps/v1', kind: 'Deployment' },
        { name: 'web', namespace: 'shop' },
        { merge: { spec: { replicas: 10 } } },
        { fieldManager: 'kubectl-edit' },
      );
      file('web.yaml', deployment(3));
    });
    after(async () => await cluster?.stop());

    test('without the kinds, conflicts says how to install them', async () => {
      const { code, stderr } = await own('conflicts');
      assert.equal(code, 2);
      assert.match(stderr, /fix: nekube own install installs the kinds of policies/);
    });

    test('explain needs no kinds: policies may be in files', async () => {
      const { code, stdout, stderr } = await own('explain -f web.yaml --manager gitops');
      assert.match(
        stdout,
        /^Deployment\.apps shop\/web\n {2}\.spec\.replicas: 10 -> 3, owned by "kubectl-edit" \(Update, since /,
      );
      assert.equal(code, 1, stderr);
      file('policy.yaml', policy('yields', { decision: 'Yield', match: { fields: ['.spec.replicas'] } }));
      const explained = await own('explain -f web.yaml --manager gitops --policy policy.yaml -o json');
      assert.equal(explained.code, 0, explained.stderr);
      const [{ conflicts }] = JSON.parse(explained.stdout).items;
      assert.equal(conflicts.length, 1);
      assert.deepEqual(conflicts[0].verdict, { decision: 'yield', policy: 'FieldPolicy shop/yields', by: 'policy' });
    });

    test('policies of files are refused with file, field and fix', async () => {
      file('bad.yaml', policy('bad', { decision: 'Yield', match: { fields: ['.spec['] } }));
      const { code, stderr } = await own('explain -f web.yaml --policy bad.yaml');
      assert.equal(code, 2);
      assert.match(stderr, /"bad\.yaml", document 0?1?.*: spec\.match\.fields\[0\]: path "\.spec\[" at position 6/);
    });

    test('install applies the definitions and waits; again it changes nothing', async () => {
      const first = await own('install');
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /fieldpolicies\.ownership\.nekube\.dev created\n.*clusterfieldpolicies.* created\n/s);
      assert.deepEqual((await cluster.client.list({ apiVersion: API_VERSION, kind: 'ApplyConflict' })).items, []);
      const again = await own('install');
      assert.equal(again.code, 0, again.stderr);
      assert.equal(again.stdout.match(/ unchanged\n/g)?.length, 3, again.stdout);
    });

    test('explain shows the policies of the cluster in their order, and why others are not about it', async () => {
      const { client } = cluster;
      await client.create(policy('asks', { decision: 'Yield', match: { fields: ['.spec.replicas'] } }));
      await client.create(policy('other', { decision: 'Force', priority: 5, match: { fields: ['**.image'] } }));
      await client.create(policy('late', { decision: 'Force', priority: -1, condition: 'oldSelf.spec.replicas > 3' }));
      const { code, stdout, stderr } = await own('explain -f web.yaml --manager gitops');
      assert.equal(code, 0, stderr);
      // a server that heeds policies says the same of the dry run
      assert.equal(stderr, '');
      const lines = stdout.split('\n').slice(2);
      assert.deepEqual(lines, [
        '    yield: policy FieldPolicy shop/asks decides yield for .spec.replicas (owned by "kubectl-edit")',
        '    - FieldPolicy shop/other (priority 5) is not about it: match.fields: none is .spec.replicas',
        '    * FieldPolicy shop/asks (priority 0) decides yield',
        '    - FieldPolicy shop/late (priority -1) comes later, and would decide force',
        '',
      ]);
    });

    test('plan and apply tell what they decide, also where the server carries it out', async () => {
      const { code, stdout, stderr } = await own('plan -f web.yaml --manager gitops');
      assert.equal(code, 0, stderr);
      assert.match(
        stdout,
        /^ {2}< \.spec\.replicas +10, not 3 +yields to "kubectl-edit" \(Update\), by policy FieldPolicy shop\/asks$/m,
      );
      assert.doesNotMatch(stdout, /warning:/);
      const planned = await own('apply -f web.yaml --manager gitops --plan-only');
      assert.equal(planned.code, 0, planned.stderr);
      assert.match(
        planned.stdout,
        /^ {2}yield: \.spec\.replicas of "kubectl-edit" \(Update, since .*\), decided by policy FieldPolicy shop\/asks$/m,
      );
      // what is forced is no other value than the applied one, and another owner
      file('taken.yaml', {
        ...deployment(10),
        spec: { ...deployment(10).spec, template: deployment(3, 'app:2').spec.template },
      });
      const taken = await own('apply -f taken.yaml --manager other --plan-only -o json');
      assert.equal(taken.code, 0, taken.stderr);
      const [{ conflicts }] = JSON.parse(taken.stdout).objects;
      assert.deepEqual(
        conflicts.map(({ path, decision, by }) => [path, decision, by]),
        [['.spec.template.spec.containers[name="app"].image', 'force', 'policy FieldPolicy shop/other']],
      );
    });

    describe('who may not list the policies of the cluster', () => {
      const as = (words) => own(`${words} --kubeconfig reader`);

      before(async () => {
        const { client, dir, kubeconfig } = cluster;
        const rules = [{ apiGroups: ['', 'apps'], resources: ['*'], verbs: ['*'] }];
        const metadata = { name: 'no-policies' };
        const rbac = 'rbac.authorization.k8s.io';
        await client.create({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata, rules });
        await client.create({
          apiVersion: `${rbac}/v1`,
          kind: 'ClusterRoleBinding',
          metadata,
          roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
          subjects: [{ apiGroup: rbac, kind: 'User', name: 'reader' }],
        });
        const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
        config.users[0].user.as = 'reader';
        writeFileSync(join(dir, 'reader'), JSON.stringify(config));
      });

      for (const command of ['apply', 'plan']) {
        // this server decides by them itself, so that there is no conflict
        const skip = server.name === 'nekube';
        test(`is told so by ${command}, where no flags decide`, { skip }, async () => {
          const { code, stderr } = await as(`${command} -f web.yaml --manager ci`);
          assert.equal(code, 1, stderr);
          assert.match(
            stderr,
            /Warning: the policies of the cluster do not count, since they cannot be read: .*forbidden/,
          );
        });

        for (const flags of ['--force-conflicts', '--decide force=.spec.replicas', '--policy policy.yaml'])
          test(`is refused by ${command} ${flags}, also without a conflict`, async () => {
            file('new.yaml', { ...deployment(1), metadata: { name: 'new', namespace: 'shop' } });
            for (const name of ['web.yaml', 'new.yaml']) {
              const { code, stdout, stderr } = await as(`${command} -f ${name} --manager ci ${flags}`);
              assert.equal(code, 2, stderr);
              assert.equal(stdout, '');
              assert.match(
                stderr,
                /The policies of the cluster cannot be read, and might forbid what flags decide: fieldpolicies.* is forbidden: User "reader" cannot list .*\n {2}fix: have the right to list .* granted, or add --ignore-cluster-policies\n/,
              );
            }
            await assert.rejects(cluster.client.get(deployment(0), { name: 'new', namespace: 'shop' }), /not found/);
          });
      }

      test('may say that they do not count', async () => {
        const flags = '--force-conflicts --ignore-cluster-policies';
        const planned = await as(`plan -f web.yaml --manager ci ${flags}`);
        assert.equal(planned.code, 0, planned.stderr);
        assert.doesNotMatch(planned.stderr, /Warning: the policies/);
        const applied = await as(`apply -f web.yaml --manager ci ${flags} --plan-only`);
        assert.equal(applied.code, 0, applied.stderr);
      });
    });

    test('uninstall keeps what is in use', async () => {
      const { code, stderr } = await own('uninstall');
      assert.equal(code, 1);
      assert.match(stderr, /nothing was removed, since there are objects: 3 of kind FieldPolicy\n {2}fix: /);
    });

    describe('an apply that waits', () => {
      const applied = deployment(3);
      const park = async (name, changes = {}) => {
        const live = await cluster.client.get(
          { apiVersion: 'apps/v1', kind: 'Deployment' },
          { name: 'web', namespace: 'shop' },
        );
        const { uid } = live.metadata;
        const spec = {
          objectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid },
          manager: 'gitops',
          policy: 'FieldPolicy shop/asks',
          configuration: JSON.stringify(applied),
          conflicts: [{ path: '.spec.replicas', manager: 'kubectl-edit', live: '10', applied: '3' }],
          expirationTime: '2099-01-01T00:00:00Z',
          ...changes,
        };
        await cluster.client.create({
          apiVersion: API_VERSION,
          kind: 'ApplyConflict',
          metadata: { name, namespace: 'shop' },
          spec,
        });
      };
      const replicas = async () =>
        (await cluster.client.get(deployment(0), { name: 'web', namespace: 'shop' })).spec.replicas;

      before(async () => {
        const { client } = cluster;
        for (const name of ['asks', 'other', 'late'])
          await client.delete({ apiVersion: API_VERSION, kind: 'FieldPolicy' }, { name, namespace: 'shop' });
      });

      test('is listed, and refused without a decision for each path', async () => {
        await park('one');
        const listed = await own('conflicts -n shop');
        assert.match(
          listed.stdout,
          /^NAME +KIND +OBJECT +MANAGER +PATHS +DECIDED +EXPIRES\none +Deployment +web +gitops +\.spec\.replicas +0\/1 +in /,
        );
        assert.equal((await own('conflicts -A -o name')).stdout, 'applyconflict.ownership.nekube.dev/one\n');
        const { code, stderr } = await own('resolve applyconflict.ownership.nekube.dev/one -n shop');
        assert.equal(code, 2);
        assert.match(stderr, /Nothing decides \.spec\.replicas\n {2}fix: add --decide force=\.spec\.replicas/);
      });

      test('comes too late when other fields are in conflict, or when it expired', async () => {
        await park('two', { conflicts: [{ path: '.spec.paused', manager: 'kubectl-edit' }] });
        const changed = await own('resolve two -n shop --decide force=**');
        assert.equal(changed.code, 1);
        assert.match(
          changed.stderr,
          /nothing was written: it is in conflict over other fields than when it was parked: not any more \.spec\.paused of "kubectl-edit", now \.spec\.replicas of "kubectl-edit"/,
        );
        await park('three', { expirationTime: '2020-01-01T00:00:00Z' });
        const expired = await own('resolve three -n shop --decide force=**');
        assert.equal(expired.code, 1);
        assert.match(expired.stderr, /nothing was written: it expired|not found/);
        assert.equal(await replicas(), 10);
      });

      test('a configuration of another object is not applied', async () => {
        await park('four', {
          configuration: JSON.stringify({ ...applied, metadata: { name: 'api', namespace: 'shop' } }),
        });
        const { code, stderr } = await own('resolve four -n shop --decide force=**');
        assert.equal(code, 2);
        assert.match(stderr, /spec\.configuration is of another object/);
      });

      test('of which the values are other ones than it says is not applied', async () => {
        await park('forged', {
          conflicts: [{ path: '.spec.replicas', manager: 'kubectl-edit', live: '10', applied: '11' }],
        });
        const { code, stdout, stderr } = await own('resolve forged -n shop --decide force=**');
        assert.equal(code, 2);
        assert.equal(stdout, '');
        assert.match(stderr, /spec\.configuration has another value at \.spec\.replicas than spec\.conflicts says/);
      });

      test('is shown with the value that the object has, whatever it says itself', async () => {
        await park('shown', {
          conflicts: [{ path: '.spec.replicas', manager: 'kubectl-edit', live: '3', applied: '3' }],
        });
        const { code, stderr } = await own('resolve shown -n shop', { ask: async () => 'fail' });
        assert.equal(code, 1);
        assert.match(stderr, /^\.spec\.replicas: 10, owned by "kubectl-edit"; "gitops" applies 3\n/);
      });

      test('is decided on a terminal, which is asked until there is an answer', async () => {
        await park('five');
        const answers = ['maybe', '', 'y'];
        const questions = [];
        const ask = async (question) => {
          questions.push(question);
          return answers[questions.length - 1];
        };
        const { code, stdout, stderr } = await own('resolve five -n shop', { ask });
        assert.equal(code, 0, stderr);
        assert.match(stderr, /\.spec\.replicas: 10, owned by "kubectl-edit"; "gitops" applies 3\n/);
        assert.equal(questions.length, 3);
        assert.equal(stdout, '.spec.replicas: yield\nDeployment.apps shop/web applied as "gitops"\n');
        assert.equal(await replicas(), 10);
      });

      test('is decided, and applied in the name of its manager', async () => {
        const { code, stdout, stderr } = await own('resolve one -n shop --decide force=.spec.replicas');
        assert.equal(code, 0, stderr);
        assert.equal(stdout, '.spec.replicas: force\nDeployment.apps shop/web applied as "gitops"\n');
        assert.equal(await replicas(), 3);
        const live = await cluster.client.get(deployment(0), { name: 'web', namespace: 'shop' });
        const owners = live.metadata.managedFields
          .filter(({ fieldsV1 }) => fieldsV1['f:spec']?.['f:replicas'])
          .map(({ manager, operation }) => `${manager} ${operation}`);
        assert.deepEqual(owners, ['gitops Apply']);
      });
    });

    test('a server that heeds policies parks what asks, and carries out what is decided', {
      skip: server.name !== 'nekube',
    }, async () => {
      const { client } = cluster;
      const key = { name: 'web', namespace: 'shop' };
      const scale = (replicas) =>
        client.patch(deployment(0), key, { merge: { spec: { replicas } } }, { fieldManager: 'kubectl-edit' });
      await scale(12);
      await client.create(policy('asks', { decision: 'Ask', match: { fields: ['.spec.replicas'] } }));
      const apply = () => client.apply(deployment(3), { fieldManager: 'gitops', force: true });
      await assert.rejects(apply(), /conflict with "kubectl-edit"/);
      const waiting = JSON.parse((await own('conflicts -n shop -o json')).stdout).items;
      const parked = waiting.find(
        ({ spec }) => spec.policy === 'FieldPolicy shop/asks' && spec.conflicts[0].live === '12',
      );
      assert.ok(parked, JSON.stringify(waiting));
      const { name } = parked.metadata;
      const explained = await own('explain -f web.yaml --manager gitops');
      assert.equal(explained.code, 1);
      assert.match(explained.stdout, /ask: policy FieldPolicy shop\/asks decides ask for \.spec\.replicas/);
      const written = await own(`resolve ${name} -n shop --decide share=.spec.replicas --no-replay`);
      assert.equal(written.code, 0, written.stderr);
      const { spec } = await apply();
      assert.equal(spec.replicas, 12);
      await scale(11);
      const replayed = await own(`resolve ${name} -n shop --decide force=.spec.replicas`);
      assert.equal(replayed.code, 0, replayed.stderr);
      assert.equal((await client.get(deployment(0), key)).spec.replicas, 3);
    });

    test('a pipeline that a policy stops to ask a person leaves the apply with a server that keeps it', {
      skip: server.name !== 'nekube',
    }, async () => {
      const { client } = cluster;
      const key = { name: 'web', namespace: 'shop' };
      await client.patch(deployment(0), key, { merge: { spec: { replicas: 14 } } }, { fieldManager: 'kubectl-edit' });
      // an answer holds for the same fields, whatever their values
      await client.deleteAll({ apiVersion: API_VERSION, kind: 'ApplyConflict' }, { namespace: 'shop' });
      const apply = () => own('apply -f web.yaml --manager gitops');
      const planned = await own('apply -f web.yaml --manager gitops --plan-only');
      assert.doesNotMatch(planned.stdout, /ApplyConflict/);
      const stopped = await apply();
      assert.equal(stopped.code, 1);
      const [, name] = /waits for a person's decision as ApplyConflict shop\/(\S+): nekube own resolve/.exec(
        stopped.stdout,
      );
      assert.equal((await client.get(deployment(0), key)).spec.replicas, 14);
      const decided = await own(`resolve ${name} -n shop --decide yield=.spec.replicas --no-replay`);
      assert.equal(decided.code, 0, decided.stderr);
      const { code, stdout } = await apply();
      assert.equal(code, 0, stdout);
      assert.equal((await client.get(deployment(0), key)).spec.replicas, 14);
    });

    test('uninstall removes the kinds with their objects when it is told to', async () => {
      const { code, stdout, stderr } = await own('uninstall --delete-objects');
      assert.equal(code, 0, stderr);
      assert.equal(stdout.match(/ deleted\n/g)?.length, 3, stdout);
      const again = await own('uninstall');
      assert.equal(again.code, 0, again.stderr);
    });
  });
