// An edit of a whole object becomes an apply of what was edited, and of no more; on nekube and on the real server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { applyEdit, decideByPath, planEdit, readOwnership } from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { servers, startCluster } from './servers.mjs';

const options = { fieldManager: 'console' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

for (const server of servers)
  describe(`an edit on ${server.name}`, { skip: server.skip }, () => {
    let cluster;
    let client;
    let namespace;
    let count = 0;

    before(async () => {
      cluster = await startCluster(server);
      ({ client } = cluster);
      namespace = 'edits';
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    });
    after(async () => await cluster?.stop());

    const made = async (data, fieldManager = 'ci', metadata = {}) => {
      const name = `a${count++}`;
      return await client.apply({ ...CONFIG_MAP, metadata: { name, namespace, ...metadata }, data }, { fieldManager });
    };
    const read = ({ metadata: { name } }) => client.get(CONFIG_MAP, { name, namespace });
    const withData = (object, change) => ({ ...object, data: { ...object.data, ...change } });
    const ownedBy = (object, manager) =>
      readOwnership(object)
        .owners.filter((owner) => owner.manager === manager)
        .flatMap(({ fields }) => [...fields.paths()].map(formatPath))
        .filter((path) => path !== '.data');

    test('who adds a field comes to own that field alone', async () => {
      const base = await made({ a: '1' });
      const request = { base, edited: withData(base, { b: '2' }) };
      const { plan, live } = await planEdit(client, request, options);
      assert.deepEqual(
        plan.fields.map(({ path, action }) => `${formatPath(path)} ${action}`),
        ['.data.b set'],
      );
      const { outcome, object } = await applyEdit(client, request, {
        ...options,
        planned: live.metadata.resourceVersion,
      });
      assert.equal(outcome, 'applied');
      assert.deepEqual(object.data, { a: '1', b: '2' });
      assert.deepEqual(ownedBy(object, 'console'), ['.data.b']);
    });

    test('a conflict is decided field by field', async () => {
      const base = await made({ take: '1', leave: '1', share: '1' });
      const edited = withData(base, { take: '2', leave: '2', share: '2', free: '2' });
      const { plan, live } = await planEdit(client, { base, edited }, options);
      assert.equal(plan.outcome, 'conflict');
      const decide = decideByPath(
        new Map([
          ['.data.take', 'force'],
          ['.data.leave', 'yield'],
          ['.data.share', 'share'],
        ]),
      );
      const planned = live.metadata.resourceVersion;
      const { outcome, object } = await applyEdit(client, { base, edited }, { ...options, decide, planned });
      assert.equal(outcome, 'applied');
      assert.deepEqual(object.data, { take: '2', leave: '1', share: '1', free: '2' });
      assert.deepEqual(ownedBy(object, 'console').sort(), ['.data.free', '.data.share', '.data.take']);
      assert.deepEqual(ownedBy(object, 'ci').sort(), ['.data.leave', '.data.share']);
    });

    test('what others own stays when it is left out, unless it is taken away from them', async () => {
      const base = await made({ a: '1', b: '1' });
      const { a: _, b: __, ...data } = base.data;
      const edited = { ...base, data };
      const plan = await planEdit(client, { base, edited }, options);
      assert.deepEqual(
        plan.removals.map(({ path, owners, taken }) => `${formatPath(path)} ${owners[0].manager} ${taken}`),
        ['.data.a ci false', '.data.b ci false'],
      );
      const takes = (path) => formatPath(path) === '.data.a';
      const planned = base.metadata.resourceVersion;
      assert.equal((await applyEdit(client, { base, edited, takes }, { ...options, planned })).outcome, 'applied');
      const after = await read(base);
      assert.deepEqual(after.data, { b: '1' });
      assert.deepEqual(ownedBy(after, 'ci'), ['.data.b']);
    });

    test('what the console alone applied goes when it is left out', async () => {
      const base = await made({ a: '1' });
      const edited = withData(base, { b: '2' });
      const { object } = await applyEdit(
        client,
        { base, edited },
        { ...options, planned: base.metadata.resourceVersion },
      );
      const planned = object.metadata.resourceVersion;
      const again = await applyEdit(
        client,
        { base: object, edited: { ...object, data: { a: '1' } } },
        { ...options, planned },
      );
      assert.deepEqual(again.object.data, { a: '1' });
    });

    test('nothing is written for an object that changed since it was planned for, or is another one', async () => {
      const base = await made({ a: '1' });
      const edited = withData(base, { b: '2' });
      await client.patch(CONFIG_MAP, { name: base.metadata.name, namespace }, { merge: { data: { c: '3' } } });
      const planned = base.metadata.resourceVersion;
      await assert.rejects(
        applyEdit(client, { base, edited }, { ...options, planned }),
        /changed since the plan was made/,
      );
      const { live } = await planEdit(client, { base, edited }, options);
      const now = live.metadata.resourceVersion;
      const { object } = await applyEdit(client, { base, edited }, { ...options, planned: now });
      assert.deepEqual(object.data, { a: '1', b: '2', c: '3' });
      await client.delete(CONFIG_MAP, { name: base.metadata.name, namespace });
      await assert.rejects(planEdit(client, { base, edited }, options), /it was deleted since it was read/);
    });

    test('a value of the wrong type is told with its field', async () => {
      const base = await made({ a: '1' });
      const edited = withData(base, { a: { x: 1 } });
      await assert.rejects(planEdit(client, { base, edited }, options), (error) => {
        assert.equal(error.status.reason, 'Invalid');
        assert.equal(error.status.details.causes[0].field, '.data.a');
        return true;
      });
    });

    test('a new object is made of what was written', async () => {
      const edited = { ...CONFIG_MAP, metadata: { name: 'new', namespace, uid: 'x' }, data: { a: '1' } };
      const { plan } = await planEdit(client, { base: undefined, edited }, options);
      assert.equal(plan.outcome, 'created');
      const { object } = await applyEdit(client, { base: undefined, edited }, { ...options, planned: undefined });
      assert.deepEqual(object.data, { a: '1' });
    });
  });
