// Sets of `nekube own apply --applyset` and of `kubectl apply --applyset` are the same sets, on every server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { nekube, servers, startCluster } from './servers.mjs';

const clients = kubernetesClients();
const PREFIX = 'applyset.kubernetes.io';

for (const server of servers)
  describe(`sets with kubectl on ${server.name}`, { skip: server.skip || clients.skip }, () => {
    let cluster;

    before(async () => (cluster = await startCluster(server)));
    after(async () => await cluster?.stop());

    const own = (words) => nekube(['own', 'apply', ...words.split(' ')], cluster);
    const kubectl = (words) =>
      new Promise((resolve) => {
        const env = { ...process.env, KUBECTL_APPLYSET: 'true', KUBECONFIG: cluster.kubeconfig, HOME: cluster.dir };
        execFile(clients.kubectl, words.split(' '), { cwd: cluster.dir, env }, (error, stdout, stderr) =>
          resolve({ code: error?.code ?? 0, stdout, stderr }),
        );
      });

    /** A namespace of its own, and files `NAME.yaml` with a ConfigMap of that name in it. */
    const prepare = async (namespace, names) => {
      await cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      for (const name of names) {
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { [name]: '1' } };
        writeFileSync(join(cluster.dir, `${name}.yaml`), JSON.stringify(object));
      }
    };
    const parentOf = async (namespace) =>
      (await cluster.client.get({ apiVersion: 'v1', kind: 'Secret' }, { name: 'web', namespace })).metadata;
    const membersIn = async (namespace) => {
      const id = (await parentOf(namespace)).labels[`${PREFIX}/id`];
      const labelSelector = `${PREFIX}/part-of=${id}`;
      const { items } = await cluster.client.list(
        { apiVersion: 'v1', kind: 'ConfigMap' },
        { namespace, labelSelector },
      );
      return items.map(({ metadata }) => metadata.name).sort();
    };

    test('a set that kubectl made is left alone, unless kubectl is the tooling; then both work on it', async () => {
      await prepare('both', ['a', 'b', 'c']);
      const set = '-n both --prune --applyset';
      const made = await kubectl(`apply --server-side -f a.yaml -f b.yaml ${set}=web`);
      assert.equal(made.code, 0, made.stderr);
      const refused = await own(`-f a.yaml ${set} web`);
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        /ApplySet parent object "secrets\.\/web" already exists and is managed by tooling "kubectl" instead of "nekube-own"/,
      );
      assert.deepEqual(await membersIn('both'), ['a', 'b']);

      const before = await parentOf('both');
      const as = '--applyset-tooling kubectl --manager kubectl';
      const ours = await own(`-f b.yaml -f c.yaml ${set} web ${as}`);
      assert.equal(ours.code, 0, ours.stdout + ours.stderr);
      assert.deepEqual(await membersIn('both'), ['b', 'c']);
      const { labels, annotations, managedFields } = await parentOf('both');
      assert.deepEqual(labels, before.labels);
      for (const key of ['contains-group-kinds', 'additional-namespaces'])
        assert.equal(annotations[`${PREFIX}/${key}`], before.annotations[`${PREFIX}/${key}`]);
      assert.deepEqual([...new Set(managedFields.map(({ manager }) => manager))], ['kubectl-applyset']);

      const theirs = await kubectl(`apply --server-side -f a.yaml -f c.yaml ${set}=web`);
      assert.equal(theirs.code, 0, theirs.stderr);
      assert.match(theirs.stdout, /configmap\/b pruned/);
      assert.deepEqual(await membersIn('both'), ['a', 'c']);
    });

    test('a set that nekube made is left alone by kubectl', async () => {
      await prepare('ours', ['a']);
      const made = await own('-f a.yaml -n ours --prune --applyset web');
      assert.equal(made.code, 0, made.stderr);
      const refused = await kubectl('apply --server-side -f a.yaml -n ours --prune --applyset=web');
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /"secrets\.\/web" already exists and is managed by tooling "nekube-own" instead of "kubectl"/,
      );
    });

    test('both refuse the same parents in the same words', async () => {
      await prepare('words', ['a']);
      const parent = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web', namespace: 'words' } };
      const states = [
        {},
        { annotations: { [`${PREFIX}/tooling`]: 'TOOL/v1' } },
        { annotations: { [`${PREFIX}/tooling`]: 'TOOL/v1' }, labels: { [`${PREFIX}/id`]: 'applyset-wrong' } },
      ];
      for (const [i, state] of states.entries()) {
        const errors = [];
        for (const tool of ['kubectl', 'nekube-own']) {
          const metadata = JSON.parse(JSON.stringify({ ...parent.metadata, ...state }).replaceAll('TOOL', tool));
          await cluster.client.apply({ ...parent, metadata }, { fieldManager: 'test', force: true });
          const { stderr } =
            tool === 'kubectl'
              ? await kubectl('apply --server-side -f a.yaml -n words --prune --applyset=web')
              : await own('-f a.yaml -n words --prune --applyset web');
          errors.push(stderr.trim());
        }
        assert.equal(errors[1], errors[0], `state ${i}`);
      }
      const foreign = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'words' } };
      foreign.metadata.labels = { [`${PREFIX}/part-of`]: 'x' };
      writeFileSync(join(cluster.dir, 'a.yaml'), JSON.stringify(foreign));
      const theirs = await kubectl('apply --server-side -f a.yaml -n words --prune --applyset=cm');
      const ours = await own('-f a.yaml -n words --prune --applyset cm');
      assert.match(theirs.stderr, /ApplySet label "applyset.kubernetes.io\/part-of" already set in input data/);
      assert.match(ours.stderr, /ApplySet label "applyset.kubernetes.io\/part-of" already set in input data/);
    });
  });
