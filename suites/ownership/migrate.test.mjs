// Ownership moves from client-side apply to a manager that applies, on every cluster, by the library and the command line.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStatusError } from 'nekube/apimachinery';
import { migrateOwnership, planApply, readOwnership } from 'nekube/ownership';
import { servers, startCluster } from './servers.mjs';

const namespace = 'migrations';
const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };
const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

for (const server of servers)
  describe(`migration, on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    let client;
    before(async () => {
      cluster = await startCluster(server);
      client = cluster.client;
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    });
    after(() => cluster?.stop());

    /** As `kubectl apply` without --server-side leaves it. */
    const applied = (n, data) =>
      client.create(
        { ...ConfigMap, metadata: { name: n, namespace, annotations: { [ANNOTATION]: '{}\n' } }, data },
        { fieldManager: 'kubectl-client-side-apply' },
      );
    const configuration = (n, data) => ({ ...ConfigMap, metadata: { name: n, namespace }, data });
    const key = (n) => ({ name: n, namespace });

    test('what client-side apply set is changed and removed without a conflict afterwards', async () => {
      const object = await applied('moved', { a: '1', b: '1' });
      const options = { fieldManager: 'flux' };
      const wanted = configuration('moved', { a: '2' });
      const before = await planApply(client, wanted, options);
      assert.equal(before.outcome, 'conflict');
      const { fix } = before.warnings.find(({ type }) => type === 'UpdateManager');
      assert.equal(
        fix,
        `nekube own migrate configmap/moved -n ${namespace} --manager flux --from kubectl-client-side-apply`,
      );
      const { from } = await migrateOwnership(client, object, { manager: 'flux' });
      assert.deepEqual(from, ['kubectl-client-side-apply']);
      const after = await planApply(client, wanted, options);
      assert.equal(after.outcome, 'changed');
      const applying = await client.apply(wanted, options);
      assert.deepEqual(applying.data, { a: '2' });
    });

    test('values stay, and only the owner is another', async () => {
      const object = await applied('stays', { a: '1' });
      const { after } = await migrateOwnership(client, object, { manager: 'flux' });
      assert.deepEqual(after.data, object.data);
      assert.deepEqual(after.metadata.annotations, object.metadata.annotations);
      assert.deepEqual(
        readOwnership(after).owners.map(({ manager, operation, fields }) => [manager, operation, fields.toString()]),
        readOwnership(object).owners.map(({ fields }) => ['flux', 'Apply', fields.toString()]),
      );
    });

    test('the annotation goes if that is asked for', async () => {
      const object = await applied('annotated', { a: '1' });
      const { after } = await migrateOwnership(client, object, { manager: 'flux', removeLastApplied: true });
      assert.equal(after.metadata.annotations?.[ANNOTATION], undefined);
    });

    test('a dry run writes nothing', async () => {
      const object = await applied('dry', { a: '1' });
      const { after } = await migrateOwnership(client, object, { manager: 'flux', dryRun: true });
      assert.equal(readOwnership(after).owners[0].manager, 'flux');
      const now = await client.get(ConfigMap, key('dry'));
      assert.deepEqual(now.metadata, object.metadata);
    });

    test('where there is nothing to move, nothing is written', async () => {
      const object = await client.apply(configuration('nothing', { a: '1' }), { fieldManager: 'flux' });
      const { before, after, from } = await migrateOwnership(client, object, { manager: 'flux' });
      assert.equal(before, after);
      assert.deepEqual(from, []);
    });

    test('an object that changed since it was read is read anew', async () => {
      const object = await applied('changed', { a: '1' });
      await client.patch(ConfigMap, key('changed'), { merge: { data: { c: '1' } } }, { fieldManager: 'editor' });
      const { after } = await migrateOwnership(client, object, { manager: 'flux' });
      assert.deepEqual(after.data, { a: '1', c: '1' });
      assert.deepEqual(
        readOwnership(after)
          .owners.map(({ manager }) => manager)
          .sort(),
        ['editor', 'flux'],
      );
    });

    test('an object that is gone is told of', async () => {
      const object = await applied('gone', { a: '1' });
      await client.delete(ConfigMap, key('gone'));
      await assert.rejects(migrateOwnership(client, object, { manager: 'flux' }), (e) => isStatusError(e, 'NotFound'));
    });
  });
