// What a controller on our runtime does on a server, from the definition of its kind to the end of its objects.
import assert from 'node:assert/strict';
import { createLogger, Manager } from 'nekube/controller';
import { clientOf, eventually } from './server.mjs';
import { addWebController, CONFIG_MAP, CRD, DEPLOYMENT, SECRET, WEB } from './web.mjs';

const namespace = 'default';
const key = { namespace, name: 'shop' };
const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
const EVENT = { apiVersion: 'events.k8s.io/v1', kind: 'Event' };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
/** Longer than a machine is busy with something else, and than all that is told here takes. */
const LEASE_MS = 60_000;

/** Tells the story on a server {url, token, ca}. */
export async function tellStory(server) {
  const client = await clientOf(server);
  try {
    await eventually('the namespace', () => client.get(NAMESPACE, { name: namespace }));
    await client.create(CRD);
    await eventually('the kind', () => client.list(WEB));
    await withController(client, 'first', async ({ register, manager }) => {
      await appears(client);
      await isApplied(client);
      await isPutBack(client);
      await followsItsDeployment(client);
      await followsASecret(client, manager);
      await tellsEvents(client);
      await isRemovedInTheEnd(client, register);
    });
    await handsOver(client);
  } finally {
    await client.close();
  }
}

/** Runs a manager with the controller while `use` works. */
async function withController(client, identity, use) {
  const times = { leaseDurationMs: LEASE_MS, renewDeadlineMs: 40_000, retryPeriodMs: 200 };
  const logger = process.env.NEKUBE_LOG
    ? createLogger({ level: process.env.NEKUBE_LOG, format: 'console' })
    : undefined;
  const manager = new Manager({
    client,
    logger,
    leaderElection: { name: 'web.example.com', namespace, identity, ...times },
  });
  const register = new Set();
  addWebController(manager, register);
  const abort = new AbortController();
  const ended = manager.start(abort.signal);
  ended.catch(() => {});
  try {
    await Promise.race([manager.elected, ended]);
    await use({ manager, register });
  } finally {
    abort.abort();
    await ended;
  }
}

async function appears(client) {
  await client.create({ ...WEB, metadata: key, spec: { page: 'hello', replicas: 2 } });
  const web = await eventually('a status', async () => {
    const found = await client.get(WEB, key);
    return found.status?.conditions && found;
  });
  assert.deepEqual(web.metadata.finalizers, ['example.com/register']);
  const [{ lastTransitionTime, ...condition }] = web.status.conditions;
  assert.match(lastTransitionTime, /^20..-..-..T..:..:..Z$/);
  const message = '0 of 2 replicas are ready';
  assert.deepEqual(condition, { type: 'Ready', status: 'False', reason: 'Waiting', message, observedGeneration: 1 });
}

async function isApplied(client) {
  const web = await client.get(WEB, key);
  const page = await client.get(CONFIG_MAP, key);
  assert.deepEqual(page.data, { 'index.html': 'hello' });
  assert.deepEqual(page.metadata.ownerReferences, [
    { ...WEB, name: 'shop', uid: web.metadata.uid, controller: true, blockOwnerDeletion: true },
  ]);
  const managers = page.metadata.managedFields.map(({ manager, operation }) => `${manager} ${operation}`);
  assert.deepEqual(managers, ['web Apply']);
}

/** What the controller owns is as it says, whoever else writes it, and whenever it is deleted. */
async function isPutBack(client) {
  await client.patch(CONFIG_MAP, key, { merge: { data: { 'index.html': 'hacked' } } });
  await eventually(
    'the page as it was',
    async () => (await client.get(CONFIG_MAP, key)).data['index.html'] === 'hello',
  );
  await client.delete(CONFIG_MAP, key);
  await eventually('the page again', async () => (await client.get(CONFIG_MAP, key)).data['index.html'] === 'hello');
  await client.patch(WEB, key, { merge: { spec: { page: 'news' } } });
  await eventually('the news', async () => (await client.get(CONFIG_MAP, key)).data['index.html'] === 'news');
}

async function followsItsDeployment(client) {
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
  await client.patch(DEPLOYMENT, key, { merge: { status } }, { subresource: 'status' });
  const web = await eventually('a Web that is ready', async () => {
    const found = await client.get(WEB, key);
    return found.status.conditions[0].status === 'True' && found;
  });
  assert.equal(web.status.readyReplicas, 2);
  assert.equal(web.status.conditions[0].reason, 'AllReplicasReady');
}

/** A Secret that a Web names makes it be reconciled, which brings back what was changed while nobody watched it. */
async function followsASecret(client, manager) {
  await client.patch(WEB, key, { merge: { spec: { secretName: 'keys' } } });
  await eventually('the index', async () => (await manager.reader.byIndex(WEB, 'secret', 'keys')).length === 1);
  const before = (await manager.reader.get(WEB, key)).metadata.generation;
  await client.create({ ...SECRET, metadata: { namespace, name: 'keys' }, stringData: { key: 'value' } });
  await eventually('the Secret in the cache', async () => {
    const secret = await manager.reader.get(SECRET, { namespace, name: 'keys' }, { metadataOnly: true });
    return secret !== undefined && secret.data === undefined;
  });
  assert.equal((await client.get(WEB, key)).metadata.generation, before);
  const cached = await manager.reader.get(WEB, key);
  assert.throws(() => {
    cached.spec.page = 'changed';
  }, TypeError);
}

async function tellsEvents(client) {
  const events = await eventually('events', async () => {
    const { items } = await client.list(EVENT, { namespace });
    const own = items.filter(({ regarding }) => regarding.kind === 'Web');
    return own.some(({ reason }) => reason === 'Ready') && own;
  });
  const { reason, action, note, type, reportingController } = events.find((event) => event.reason === 'Ready');
  assert.deepEqual(
    { reason, action, note, type, reportingController },
    { reason: 'Ready', action: 'Reconcile', note: '2 of 2', type: 'Normal', reportingController: 'web' },
  );
}

async function isRemovedInTheEnd(client, register) {
  assert.deepEqual([...register], ['shop']);
  await client.delete(WEB, key);
  await eventually('its end', () =>
    client.get(WEB, key).then(
      () => false,
      () => true,
    ),
  );
  assert.deepEqual([...register], []);
}

/** Who stops lets go of the lease, so that the next one leads at once. */
async function handsOver(client) {
  const leaseKey = { namespace, name: 'web.example.com' };
  const lease = await client.get(LEASE, leaseKey);
  assert.equal(lease.spec.holderIdentity ?? '', '');
  const began = performance.now();
  await withController(client, 'second', async () => {
    assert.ok(performance.now() - began < LEASE_MS, 'the second waited for a lease that was let go of');
    const held = await client.get(LEASE, leaseKey);
    assert.deepEqual([held.spec.holderIdentity, held.spec.leaseTransitions], ['second', 1]);
  });
}
