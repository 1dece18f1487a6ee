// What belongs to an object goes with it, before it, or stays, as its deletion asks for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WIDGET, WIDGETS } from './widgets.mjs';
import { isThere, startWorld } from './world.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const EVENT = { apiVersion: 'v1', kind: 'Event' };
const WAIT = { timeoutMs: 300_000 };

let world;
let client;
before(async () => {
  world = await startWorld('garbage-collector-controller');
  client = world.client;
});
after(() => world?.stop());

const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }, more = {}) => ({
  apiVersion,
  kind,
  name,
  uid,
  ...more,
});
const create = (kind, namespace, name, metadata = {}) =>
  client.create({ ...kind, metadata: { namespace, name, ...metadata } });
const gone = (kind, namespace, name) =>
  world.env.eventually(async () => !(await isThere(client, kind, { namespace, name })), WAIT);

test('in the background dependents go after their owner, and their dependents after them', async () => {
  const namespace = await world.env.namespace();
  const owner = await create(CONFIG_MAP, namespace, 'owner');
  const middle = await create(CONFIG_MAP, namespace, 'middle', { ownerReferences: [ownerOf(owner)] });
  await create(CONFIG_MAP, namespace, 'last', { ownerReferences: [ownerOf(middle)] });
  await create(CONFIG_MAP, namespace, 'other');
  await client.delete(CONFIG_MAP, { namespace, name: 'owner' });
  await gone(CONFIG_MAP, namespace, 'last');
  assert.ok(!(await isThere(client, CONFIG_MAP, { namespace, name: 'middle' })));
  assert.ok(await isThere(client, CONFIG_MAP, { namespace, name: 'other' }));
});

test('who has another owner that is there loses the one that is gone, and stays', async () => {
  const namespace = await world.env.namespace();
  const [one, two] = [await create(CONFIG_MAP, namespace, 'one'), await create(CONFIG_MAP, namespace, 'two')];
  const key = { namespace, name: 'shared' };
  await create(CONFIG_MAP, namespace, 'shared', { ownerReferences: [ownerOf(one), ownerOf(two)] });
  await client.delete(CONFIG_MAP, { namespace, name: 'one' });
  const { metadata } = await world.env.eventually(async () => {
    const found = await client.get(CONFIG_MAP, key);
    return found.metadata.ownerReferences.length === 1 && found;
  }, WAIT);
  assert.equal(metadata.ownerReferences[0].name, 'two');
});

test('in the foreground an owner waits for those that block it, and for no others', async () => {
  const namespace = await world.env.namespace();
  const owner = await create(CONFIG_MAP, namespace, 'owner');
  await create(CONFIG_MAP, namespace, 'blocking', {
    ownerReferences: [ownerOf(owner, { blockOwnerDeletion: true })],
    finalizers: ['example.com/hold'],
  });
  await create(CONFIG_MAP, namespace, 'other', {
    ownerReferences: [ownerOf(owner)],
    finalizers: ['example.com/hold'],
  });
  await client.delete(CONFIG_MAP, { namespace, name: 'owner' }, { propagationPolicy: 'Foreground' });
  const isGoing = async (name) => {
    const { metadata } = await client.get(CONFIG_MAP, { namespace, name });
    return metadata.deletionTimestamp !== undefined;
  };
  await world.env.eventually(() => isGoing('blocking'), WAIT);
  assert.deepEqual((await client.get(CONFIG_MAP, { namespace, name: 'owner' })).metadata.finalizers, [
    'foregroundDeletion',
  ]);
  await client.patch(CONFIG_MAP, { namespace, name: 'blocking' }, { merge: { metadata: { finalizers: null } } });
  await gone(CONFIG_MAP, namespace, 'owner');
  await world.env.eventually(() => isGoing('other'), WAIT);
  await client.patch(CONFIG_MAP, { namespace, name: 'other' }, { merge: { metadata: { finalizers: null } } });
});

test('a circle of owners in the foreground ends', async () => {
  const namespace = await world.env.namespace();
  const one = await create(CONFIG_MAP, namespace, 'one');
  const two = await create(CONFIG_MAP, namespace, 'two', {
    ownerReferences: [ownerOf(one, { blockOwnerDeletion: true })],
  });
  const ownerReferences = [ownerOf(two, { blockOwnerDeletion: true })];
  await client.patch(CONFIG_MAP, { namespace, name: 'one' }, { merge: { metadata: { ownerReferences } } });
  await client.delete(CONFIG_MAP, { namespace, name: 'one' }, { propagationPolicy: 'Foreground' });
  await gone(CONFIG_MAP, namespace, 'one');
  await gone(CONFIG_MAP, namespace, 'two');
});

test('orphans stay, without their owner', async () => {
  const namespace = await world.env.namespace();
  const owner = await create(CONFIG_MAP, namespace, 'owner');
  await create(CONFIG_MAP, namespace, 'orphan', { ownerReferences: [ownerOf(owner)] });
  await client.delete(CONFIG_MAP, { namespace, name: 'owner' }, { propagationPolicy: 'Orphan' });
  await gone(CONFIG_MAP, namespace, 'owner');
  const { metadata } = await client.get(CONFIG_MAP, { namespace, name: 'orphan' });
  assert.equal(metadata.ownerReferences, undefined);
});

test('an owner that was never there takes its dependent with it', async () => {
  const namespace = await world.env.namespace();
  const never = { ...CONFIG_MAP, name: 'never', uid: '00000000-0000-4000-8000-000000000000' };
  await create(CONFIG_MAP, namespace, 'lost', { ownerReferences: [never] });
  await gone(CONFIG_MAP, namespace, 'lost');
});

test('an owner in another namespace is none, and an event says so', async () => {
  const [namespace, other] = [await world.env.namespace(), await world.env.namespace()];
  const owner = await create(CONFIG_MAP, other, 'owner');
  // seen by the collector before somebody names it
  await create(CONFIG_MAP, other, 'near', { ownerReferences: [ownerOf(owner)] });
  await create(CONFIG_MAP, namespace, 'far', { ownerReferences: [ownerOf(owner)] });
  await gone(CONFIG_MAP, namespace, 'far');
  const event = await world.env.eventually(async () => {
    const { items } = await client.list(EVENT, { namespace });
    return items.find(({ reason }) => reason === 'OwnerRefInvalidNamespace');
  }, WAIT);
  const { uid } = owner.metadata;
  const expected = `ownerRef [v1/ConfigMap, namespace: ${namespace}, name: owner, uid: ${uid}] does not exist in namespace "${namespace}"`;
  assert.deepEqual([event.type, event.message], ['Warning', expected]);
  assert.ok(await isThere(client, CONFIG_MAP, { namespace: other, name: 'near' }));
});

test('kinds that come are seen, and those that go are no trouble', async () => {
  const namespace = await world.env.namespace();
  await world.env.install(WIDGETS);
  const owner = await create(WIDGET, namespace, 'owner');
  await create(CONFIG_MAP, namespace, 'below', { ownerReferences: [ownerOf(owner)] });
  const other = await create(CONFIG_MAP, namespace, 'other');
  await create(WIDGET, namespace, 'two-owners', { ownerReferences: [ownerOf(owner), ownerOf(other)] });
  await client.delete(WIDGET, { namespace, name: 'owner' });
  await gone(CONFIG_MAP, namespace, 'below');
  await world.env.eventually(async () => {
    const { metadata } = await client.get(WIDGET, { namespace, name: 'two-owners' });
    return metadata.ownerReferences.length === 1;
  }, WAIT);
  await client.delete(CONFIG_MAP, { namespace, name: 'other' });
  await gone(WIDGET, namespace, 'two-owners');
  await client.delete(
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
    {
      name: 'widgets.example.com',
    },
  );
  const last = await create(CONFIG_MAP, namespace, 'last');
  await create(CONFIG_MAP, namespace, 'below-last', { ownerReferences: [ownerOf(last)] });
  await client.delete(CONFIG_MAP, { namespace, name: 'last' });
  await gone(CONFIG_MAP, namespace, 'below-last');
});
