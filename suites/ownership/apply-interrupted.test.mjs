// `nekube own apply` ends at any point, by a signal or by kill -9, and goes on where it is begun anew; and several at once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { applyManifests, heedConflicts, newDecidedWriter } from 'nekube/ownership';
import { servers, startCluster } from './servers.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PART_OF = 'applyset.kubernetes.io/part-of';
const ID = 'applyset.kubernetes.io/id';
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const OBJECTS = 40;
const KILLS = 5;

/** Numbers from 0 to below 1 that are the same for a seed. */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

for (const server of servers)
  describe(`nekube own apply is interrupted on ${server.name}`, { skip: server.skip }, () => {
    let cluster;

    before(async () => (cluster = await startCluster(server)));
    after(async () => await cluster?.stop());

    /** A process of its own, and how it ended. */
    const begin = (words) => {
      const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
      const child = spawn(process.execPath, [MAIN, 'own', 'apply', ...words.split(' ')], { cwd: cluster.dir, env });
      const out = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => (out.stdout += chunk));
      child.stderr.on('data', (chunk) => (out.stderr += chunk));
      const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...out })));
      return { child, ended };
    };
    const names = (prefix, namespace) =>
      Array.from({ length: OBJECTS }, (_, i) => ({
        ...CONFIG_MAP,
        metadata: { name: `${prefix}-${i}`, namespace },
        data: { a: prefix },
      }));
    const write = (file, objects) =>
      writeFileSync(join(cluster.dir, file), objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    const namespace = async (name) => {
      await cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    };
    const configMaps = async (ns) => {
      const { items } = await cluster.client.list(CONFIG_MAP, { namespace: ns });
      return items.filter(({ metadata }) => metadata.labels?.[PART_OF] !== undefined);
    };
    /** Resolves when so many objects of a prefix are there, or the process has ended. */
    const until = async (ns, prefix, count, ended) => {
      let isOver = false;
      ended.then(() => (isOver = true));
      const there = async () =>
        (await configMaps(ns)).filter(({ metadata }) => metadata.name.startsWith(`${prefix}-`)).length;
      while (!isOver && (await there()) < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };

    /** What is in the cluster is what is in the file, and the parent knows it. */
    const isComplete = async (ns, objects) => {
      const members = await configMaps(ns);
      assert.deepEqual(
        members.map(({ metadata }) => metadata.name).sort(),
        objects.map(({ metadata }) => metadata.name).sort(),
      );
      const { labels, annotations } = (
        await cluster.client.get({ apiVersion: 'v1', kind: 'Secret' }, { name: 'set', namespace: ns })
      ).metadata;
      assert.equal(annotations['applyset.kubernetes.io/contains-group-kinds'], 'ConfigMap');
      assert.ok(members.every(({ metadata }) => metadata.labels[PART_OF] === labels[ID]));
    };

    test('killed at any moment, the parent knows every member, and the next run completes it', async (t) => {
      const seed = Number(process.env.NEKUBE_SEED ?? 1);
      t.diagnostic(`NEKUBE_SEED=${seed}`);
      const random = randomOf(seed);
      await namespace('kill');
      const words = '-f kill.yaml -n kill --prune --applyset set';
      let objects;
      for (let round = 0; round < KILLS; round++) {
        // each file has half of what the one before had, and as much that is new
        objects = [...names(`r${round}`, 'kill'), ...names(`r${round + 1}`, 'kill')];
        write('kill.yaml', objects);
        const { child, ended } = begin(words);
        await until('kill', `r${round + 1}`, Math.floor(random() * OBJECTS * 1.2), ended);
        child.kill('SIGKILL');
        await ended;
        const members = await configMaps('kill');
        if (members.length === 0) continue;
        const parent = await cluster.client.get(
          { apiVersion: 'v1', kind: 'Secret' },
          { name: 'set', namespace: 'kill' },
        );
        assert.equal(parent.metadata.annotations['applyset.kubernetes.io/contains-group-kinds'], 'ConfigMap');
        if (random() < 0.5) continue;
        const { code, stdout, stderr } = await begin(words).ended;
        assert.equal(code, 0, stdout + stderr);
        await isComplete('kill', objects);
      }
      assert.equal((await begin(words).ended).code, 0);
      await isComplete('kill', objects);
    });

    test('SIGINT ends it after the objects on their way, and the report says what was done and what not', async () => {
      await namespace('sigint');
      const objects = [...names('a', 'sigint'), ...names('b', 'sigint'), ...names('c', 'sigint')];
      write('sigint.yaml', objects);
      const { child, ended } = begin('-f sigint.yaml -n sigint --prune --applyset set --parallel 1 -o json');
      await until('sigint', 'a', 3, ended);
      child.kill('SIGINT');
      const { code, stdout, stderr } = await ended;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /Interrupted/);
      const report = JSON.parse(stdout);
      assert.equal(report.outcome, 'interrupted');
      const created = report.objects.filter(({ action }) => action === 'created').map(({ name }) => name);
      const there = (await configMaps('sigint')).map(({ metadata }) => metadata.name);
      assert.deepEqual(created.sort(), there.sort());
      assert.ok(report.objects.some(({ action }) => action === 'not applied'));
      const again = await begin('-f sigint.yaml -n sigint --prune --applyset set').ended;
      assert.equal(again.code, 0);
      await isComplete('sigint', objects);
    });

    test('two at once with the same files do not remove what the other applied', async () => {
      await namespace('same');
      const objects = names('x', 'same');
      write('same.yaml', objects);
      const runs = [0, 1, 2].map(() => begin('-f same.yaml -n same --prune --applyset set').ended);
      for (const { code, stdout, stderr } of await Promise.all(runs)) assert.equal(code, 0, stdout + stderr);
      await isComplete('same', objects);
    });

    const parentIn = (namespace) => ({
      apiVersion: 'v1',
      group: '',
      kind: 'Secret',
      resource: 'secrets',
      namespace,
      name: 'set',
    });
    const heeding = () => newDecidedWriter(cluster.client, { fieldManager: 'ci', decide: heedConflicts });
    /** An apply of a set in this process. */
    const applySet = (namespace, configurations, { writer = heeding(), client = cluster.client } = {}) =>
      applyManifests(
        client,
        configurations.map((configuration) => ({ configuration, place: 'the test' })),
        {
          manager: 'ci',
          writer,
          mode: 'apply',
          applySet: { parent: parentIn(namespace), tooling: { name: 'nekube-own', version: 'v0.0.0' } },
          parallel: 1,
          clock: systemClock,
          random: Math.random,
          signal: new AbortController().signal,
        },
      );
    /** The cluster's client, with a method that does something beside. */
    const clientWith = (name, method) =>
      new Proxy(cluster.client, {
        get: (client, key) => {
          const own = Reflect.get(client, key, client);
          if (typeof own !== 'function') return own;
          return key === name ? (...words) => method(own.bind(client), ...words) : own.bind(client);
        },
      });
    const kindsOf = async (namespace) => {
      const { metadata } = await cluster.client.get({ apiVersion: 'v1', kind: 'Secret' }, parentIn(namespace));
      return metadata.annotations['applyset.kubernetes.io/contains-group-kinds'];
    };
    const objectIn = (namespace) => (kind, name) => ({ apiVersion: 'v1', kind, metadata: { name, namespace } });

    test('a set that another run makes at the same time is not made again over it', async () => {
      await namespace('made');
      const object = objectIn('made');
      let theirs;
      const late = clientWith('create', async (create, ...words) => {
        theirs ??= applySet('made', [object('ServiceAccount', 'theirs')]);
        assert.equal((await theirs).outcome, 'applied');
        return create(...words);
      });
      const ours = await applySet('made', [object('ConfigMap', 'ours')], { client: late });
      assert.ok(theirs !== undefined);
      assert.deepEqual(
        [ours.outcome, ours.pruned.map(({ kind, name }) => `${kind} ${name}`)],
        ['applied', ['ServiceAccount theirs']],
      );
      assert.equal(await kindsOf('made'), 'ConfigMap');
    });

    test('who prunes does not forget members that came after it had looked for them', async () => {
      await namespace('late');
      const object = objectIn('late');
      let theirs;
      let letGo;
      const writer = heeding();
      const looking = clientWith('list', async (list, kind, ...words) => {
        const found = await list(kind, ...words);
        if (kind.kind === 'ServiceAccount') {
          letGo();
          assert.equal((await ours).outcome, 'applied');
        }
        return found;
      });
      const overtake = (resolve) => {
        letGo = resolve;
        theirs = applySet('late', [object('ConfigMap', 'theirs')], { client: looking });
      };
      const overtaken = {
        look: writer.look,
        async write(configuration, signal) {
          if (configuration.kind === 'ServiceAccount') await new Promise(overtake);
          return writer.write(configuration, signal);
        },
      };
      const ours = applySet('late', [object('ServiceAccount', 'ours')], { writer: overtaken });
      await ours;
      assert.equal((await theirs).outcome, 'applied');
      assert.equal(await kindsOf('late'), 'ConfigMap,ServiceAccount');
      const again = await applySet('late', [object('ConfigMap', 'theirs')]);
      assert.deepEqual(
        again.pruned.map(({ kind, name }) => `${kind} ${name}`),
        ['ServiceAccount ours'],
      );
    });

    test('who is overtaken by another run prunes nothing, says so, and has the set know its members', async () => {
      await namespace('overtaken');
      const object = objectIn('overtaken');
      const writer = heeding();
      const other = [object('ConfigMap', 'theirs')];
      const overtaken = {
        look: writer.look,
        async write(configuration, signal) {
          const written = await writer.write(configuration, signal);
          if (configuration.kind === 'Service') {
            const theirs = await applySet('overtaken', other);
            assert.deepEqual(
              [theirs.outcome, theirs.pruned.map(({ kind }) => kind)],
              ['applied', ['Service', 'ConfigMap']],
            );
            assert.equal(await kindsOf('overtaken'), 'ConfigMap');
          }
          return written;
        },
      };
      const service = { ...object('Service', 'ours'), spec: { ports: [{ port: 80 }] } };
      const ours = await applySet('overtaken', [object('ConfigMap', 'ours'), service], { writer: overtaken });
      assert.deepEqual([ours.outcome, ours.pruned], ['applied', []]);
      assert.match(ours.notes.join(), /another apply of the same set began meanwhile: pruning was left to it/);
      assert.equal(await kindsOf('overtaken'), 'ConfigMap,Service');
      assert.equal((await applySet('overtaken', other)).outcome, 'applied');
      assert.equal(await kindsOf('overtaken'), 'ConfigMap');
    });

    test('two at once with different files: no member is forgotten, and the next run cleans up', async () => {
      await namespace('other');
      write('one.yaml', names('one', 'other'));
      write('two.yaml', [
        ...names('two', 'other'),
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'two', namespace: 'other' } },
      ]);
      const words = (file) => `-f ${file}.yaml -n other --prune --applyset set`;
      for (const { code, stdout, stderr } of await Promise.all([begin(words('one')).ended, begin(words('two')).ended]))
        assert.equal(code, 0, stdout + stderr);
      const { code } = await begin(words('one')).ended;
      assert.equal(code, 0);
      await isComplete('other', names('one', 'other'));
      const { items } = await cluster.client.list({ apiVersion: 'v1', kind: 'ServiceAccount' }, { namespace: 'other' });
      assert.deepEqual(
        items.filter(({ metadata }) => metadata.labels?.[PART_OF] !== undefined),
        [],
      );
    });
  });

describe('nekube own apply when requests fail for a reason that passes', () => {
  let env;

  before(async () => (env = await start({ level: 'fake' })));
  after(async () => await env?.stop());

  for (const fault of [{ error: 'unavailable' }, { error: 'tooManyRequests' }, { loseAnswer: true }])
    test(`${JSON.stringify(fault)}: it is made again, and the report is as if it had not`, async () => {
      const name = JSON.stringify(fault)
        .toLowerCase()
        .replaceAll(/[^a-z]/g, '');
      const object = { ...CONFIG_MAP, metadata: { name, namespace: 'default' }, data: { a: '1' } };
      env.faults.add({ match: { verb: 'patch', name }, times: 2, ...fault });
      const report = await applyManifests(env.client, [{ configuration: object, place: 'the test' }], {
        manager: 'ci',
        writer: newDecidedWriter(env.client, { fieldManager: 'ci', decide: heedConflicts }),
        mode: 'apply',
        parallel: 1,
        clock: systemClock,
        random: () => 0,
        signal: new AbortController().signal,
      });
      assert.deepEqual(
        report.objects.map(({ action, reason }) => [action, reason]),
        [['created', undefined]],
      );
    });
});
