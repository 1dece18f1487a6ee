// What a program does with the runtime besides a controller, each against a server of the suites: [name, tell(server)].
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStatusError } from 'nekube/apimachinery';
import {
  Channel,
  createManager,
  createOrPatch,
  createOrUpdate,
  Finalizers,
  Manager,
  retryOnConflict,
  streamSource,
} from 'nekube/controller';
import { clientOf, eventually } from './server.mjs';
import { CONFIG_MAP, DEPLOYMENT, SECRET } from './web.mjs';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
const named = (kind, name, rest = {}) => ({ ...kind, metadata: { name, namespace: 'default' }, ...rest });
const deploymentSpec = (name, replicas) => ({
  replicas,
  selector: { matchLabels: { name } },
  template: { metadata: { labels: { name } }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
});
const keyOf = ({ metadata: { name, namespace } }) => ({ name, namespace });

/** Calls `work` with a client. */
const withClient = (work) => async (server) => {
  const client = await clientOf(server);
  try {
    await work(client);
  } finally {
    await client.close();
  }
};

/** Calls `work` while a manager runs, which ends well after it. */
async function running(manager, work) {
  const abort = new AbortController();
  const ended = manager.start(abort.signal);
  try {
    await Promise.race([ended, work(abort)]);
  } finally {
    abort.abort();
    await ended;
  }
}

async function connectsAndCloses(server) {
  const { url, token, ca } = server;
  const manager = await createManager({ connect: { config: { server: url, token, ca: { pem: ca } }, env: {} } });
  const seen = new Set();
  manager
    .controller('names')
    .for(CONFIG_MAP)
    .reconcile(({ name }) => void seen.add(name));
  await running(manager, async () => {
    await createOrUpdate(manager.client, named(CONFIG_MAP, 'own-client'), () => {});
    await eventually('a request', () => seen.has('own-client'));
  });
  await assert.rejects(manager.client.get(NAMESPACE, { name: 'default' }), /the client was closed/);
}

async function leavesClients(client) {
  const manager = await createManager({ client });
  await running(manager, async () => {});
  assert.equal((await client.get(NAMESPACE, { name: 'default' })).metadata.name, 'default');
}

async function createsOrUpdates(client) {
  const page = named(CONFIG_MAP, 'updated');
  const write = (value) =>
    createOrUpdate(client, page, (object) => {
      object.data = { ...object.data, value };
    });
  assert.equal((await write('1')).result, 'created');
  const unchanged = await write('1');
  assert.equal(unchanged.result, 'unchanged');
  const { object, result } = await write('2');
  assert.deepEqual([result, object.data], ['updated', { value: '2' }]);
  assert.notEqual(object.metadata.resourceVersion, unchanged.object.metadata.resourceVersion);
  const rename = (object) => {
    object.metadata.name = 'other';
  };
  await assert.rejects(createOrUpdate(client, page, rename), /may not change its name or namespace/);
}

async function createsOrPatches(client) {
  const results = [];
  const write = async ({ replicas, observed }) => {
    const { object, result } = await createOrPatch(client, named(DEPLOYMENT, 'patched'), (object) => {
      object.spec = object.spec ? { ...object.spec, replicas } : deploymentSpec('patched', replicas);
      object.status = { ...object.status, observedGeneration: observed };
    });
    results.push(result);
    assert.deepEqual([object.spec.replicas, object.status.observedGeneration], [replicas, observed]);
  };
  await write({ replicas: 1, observed: 1 });
  await write({ replicas: 1, observed: 1 });
  await write({ replicas: 2, observed: 1 });
  await write({ replicas: 2, observed: 2 });
  await write({ replicas: 3, observed: 3 });
  assert.deepEqual(results, ['created', 'unchanged', 'updated', 'updatedStatusOnly', 'updatedStatus']);
}

async function retriesConflicts(client) {
  let held = await client.create(named(CONFIG_MAP, 'contended', { data: { by: 'first' } }));
  await client.patch(CONFIG_MAP, keyOf(held), { merge: { data: { by: 'second' } } });
  const update = () => client.update({ ...held, data: { ...held.data, mine: 'yes' } });
  await assert.rejects(retryOnConflict(update, { attempts: 2, waitMs: 1 }), (e) => isStatusError(e, 'Conflict'));
  let calls = 0;
  const written = await retryOnConflict(
    async () => {
      if (calls++ > 0) held = await client.get(CONFIG_MAP, keyOf(held));
      return update();
    },
    { waitMs: 1 },
  );
  assert.deepEqual([calls, written.data], [2, { by: 'second', mine: 'yes' }]);
  calls = 0;
  const missing = () => {
    calls++;
    return client.get(CONFIG_MAP, { name: 'nobody' });
  };
  await assert.rejects(retryOnConflict(missing), (e) => isStatusError(e, 'NotFound'));
  assert.equal(calls, 1);
}

async function readsStreams(client) {
  const channel = new Channel();
  const seen = [];
  const manager = new Manager({ client });
  const onlyWanted = ({ type, object }) => type === 'generic' && object.wanted;
  manager
    .controller('by-builder')
    .listens(channel, undefined, { predicates: [onlyWanted] })
    .reconcile(({ name }) => void seen.push(name));
  const second = new Channel();
  const handler = { handle: ({ object }, queue) => queue.add({ name: object.metadata.name, namespace: 'mapped' }) };
  manager
    .controller('by-source')
    .source(streamSource({ name: 'second', stream: second, handler }))
    .reconcile(({ name, namespace }) => void seen.push(`${namespace}/${name}`));
  channel.push(named(CONFIG_MAP, 'before the start', { wanted: true }));
  await running(manager, async () => {
    await eventually('what was pushed before', () => seen.includes('before the start'));
    channel.push(named(CONFIG_MAP, 'not wanted'));
    channel.push(named(CONFIG_MAP, 'after', { wanted: true }));
    second.push(named(CONFIG_MAP, 'elsewhere'));
    await eventually('what was pushed after', () => seen.length === 3);
  });
  assert.deepEqual(seen.sort(), ['after', 'before the start', 'mapped/elsewhere']);
  // nobody reads any more: it stays for the next one
  channel.push(named(CONFIG_MAP, 'late', { wanted: true }));
  assert.equal((await channel[Symbol.asyncIterator]().next()).value.metadata.name, 'late');
  assert.equal(seen.length, 3);
}

async function cachesNamespaces(client) {
  for (const name of ['shop', 'blog', 'secret']) {
    await client.create({ ...NAMESPACE, metadata: { name } });
    await client.create({ ...CONFIG_MAP, metadata: { name: 'page', namespace: name }, data: { of: name } });
  }
  const manager = new Manager({ client, cache: { namespaces: ['shop', 'blog'] } });
  const { reader } = manager;
  const isPage = ({ metadata }) => (metadata.name === 'page' ? ['page'] : []);
  manager.addIndex(CONFIG_MAP, 'page', isPage);
  const seen = new Set();
  manager
    .controller('pages')
    .for(CONFIG_MAP)
    .reconcile(({ name, namespace }) => void seen.add(`${namespace}/${name}`));
  const namespacesOf = (pages) =>
    pages
      .filter((page) => isPage(page).length > 0)
      .map((page) => page.data.of)
      .sort();
  await running(manager, async () => {
    await eventually('both', () => seen.has('shop/page') && seen.has('blog/page'));
    assert.deepEqual(namespacesOf(await reader.list(CONFIG_MAP)), ['blog', 'shop']);
    assert.deepEqual(namespacesOf(await reader.list(CONFIG_MAP, { namespace: 'shop' })), ['shop']);
    assert.deepEqual(namespacesOf(await reader.list(CONFIG_MAP, { namespace: 'secret' })), []);
    assert.deepEqual(namespacesOf(await reader.byIndex(CONFIG_MAP, 'page', 'page')), ['blog', 'shop']);
    assert.equal(await reader.get(CONFIG_MAP, { namespace: 'secret', name: 'page' }), undefined);
    await client.create({ ...CONFIG_MAP, metadata: { name: 'news', namespace: 'secret' } });
    await client.create({ ...CONFIG_MAP, metadata: { name: 'news', namespace: 'blog' } });
    await eventually('news', () => seen.has('blog/news'));
  });
  assert.deepEqual(
    [...seen].filter((text) => text.startsWith('secret/')),
    [],
  );
}

/** Reads a kind that nothing watches twice; gives what was found. */
async function readUnwatched(client, onMissing, name) {
  const key = keyOf(await client.create(named(SECRET, name)));
  const manager = new Manager({ client, cache: { onMissing } });
  let found;
  await running(manager, async () => {
    await manager.elected;
    found = [await manager.reader.get(SECRET, key), await manager.reader.get(SECRET, key)];
  });
  return found;
}

async function readsWhatIsMissing(client) {
  const [watched, again] = await readUnwatched(client, undefined, 'watched');
  assert.deepEqual([watched.metadata.name, Object.isFrozen(watched), again === watched], ['watched', true, true]);
  const [asked, anew] = await readUnwatched(client, 'ask', 'asked');
  assert.deepEqual([asked.metadata.name, Object.isFrozen(asked), anew === asked], ['asked', false, false]);
  await assert.rejects(readUnwatched(client, 'refuse', 'refused'), {
    message: 'Cannot read Secret.v1: nothing watches it, and onMissing is "refuse"',
  });
}

async function finalizes(client) {
  const ran = [];
  let isBroken = true;
  const finalizers = new Finalizers()
    .register('example.com/first', async () => {
      if (isBroken) throw new Error('the bucket is not empty');
      ran.push('first');
    })
    .register('example.com/second', async () => void ran.push('second'));
  assert.throws(() => finalizers.register('example.com/first', async () => {}), /already registered/);
  const created = await client.create(named(CONFIG_MAP, 'finalized'));
  const living = await finalizers.finalize(client, created);
  assert.deepEqual(living.object.metadata.finalizers, ['example.com/first', 'example.com/second']);
  assert.equal((await finalizers.finalize(client, living.object)).object, living.object);
  await client.delete(CONFIG_MAP, keyOf(created));
  const read = () => client.get(CONFIG_MAP, keyOf(created));
  await assert.rejects(finalizers.finalize(client, await read()), {
    name: 'AggregateError',
    message: 'finalizer "example.com/first" failed: the bucket is not empty',
  });
  const waiting = await read();
  assert.deepEqual([ran, waiting.metadata.finalizers], [['second'], ['example.com/first']]);
  isBroken = false;
  assert.equal((await finalizers.finalize(client, waiting)).isBeingDeleted, true);
  await assert.rejects(read(), (e) => isStatusError(e, 'NotFound'));
  // who saw it last in an old cache does no harm
  assert.equal((await finalizers.finalize(client, waiting)).object, waiting);
  assert.deepEqual(ran, ['second', 'first', 'first']);
}

/** Stops a manager in the middle of a reconcile; whether its signal was aborted before it went on. */
async function stopInTheMiddle(client, stopGraceMs) {
  const channel = new Channel();
  const manager = new Manager({ client });
  let began;
  let goOn;
  const isIn = new Promise((resolve) => (began = resolve));
  const may = new Promise((resolve) => (goOn = resolve));
  let told;
  manager
    .controller('slow', { stopGraceMs })
    .listens(channel)
    .reconcile(async (_, { signal }) => {
      began();
      await Promise.race([may, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
      told = signal.aborted;
    });
  channel.push(named(CONFIG_MAP, 'slow'));
  await running(manager, async (abort) => {
    await isIn;
    abort.abort();
    // several turns: whoever is to be told has been
    for (let i = 0; i < 5; i++) await sleep(1);
    goOn();
  });
  return told;
}

async function endsInGrace(client) {
  assert.equal(await stopInTheMiddle(client, undefined), true);
  assert.equal(await stopInTheMiddle(client, 20_000), false);
}

/** What is told of the runtime, against any server; they leave each other alone. */
export const runtimeStories = [
  ['a manager connects by itself, and closes what it opened', connectsAndCloses],
  ['a client that a manager was given stays open', withClient(leavesClients)],
  ['createOrUpdate creates, updates, and writes nothing that is so already', withClient(createsOrUpdates)],
  ['createOrPatch writes the status apart, and only what changed', withClient(createsOrPatches)],
  ['retryOnConflict calls again after a Conflict, and after nothing else', withClient(retriesConflicts)],
  ['what a program pushes becomes requests while the manager runs', withClient(readsStreams)],
  ['a cache of two namespaces has their objects and no others', withClient(cachesNamespaces)],
  ['a read of what nothing watches watches it, asks, or is refused', withClient(readsWhatIsMissing)],
  ['finalizers run until each has succeeded once', withClient(finalizes)],
  ['a reconcile may end by itself in the time of grace, and is told at once without one', withClient(endsInGrace)],
];
