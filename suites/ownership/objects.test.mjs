// Which objects arguments of `nekube own` mean, as kubectl reads them, on every server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { objectsOf } from '../../dist/cli/objects.js';
import { servers, startCluster } from './servers.mjs';

const configMap = (namespace, name, labels = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels },
});

/** Arguments and flags, and which objects they are, or how they fail; those that the server itself makes are left out. */
const CASES = [
  { args: ['configmaps'], found: ['ConfigMap own-a/one', 'ConfigMap own-a/two'] },
  { args: ['cm', 'two', 'one'], found: ['ConfigMap own-a/two', 'ConfigMap own-a/one'] },
  { args: ['configmap/one'], found: ['ConfigMap own-a/one'] },
  { args: ['ConfigMap.v1./one'], found: ['ConfigMap own-a/one'] },
  { args: ['cm'], flags: { selector: 'tier=db' }, found: ['ConfigMap own-a/two'] },
  { args: ['cm'], flags: { fieldSelector: 'metadata.name=one' }, found: ['ConfigMap own-a/one'] },
  {
    args: ['cm'],
    flags: { allNamespaces: true, selector: 'own' },
    found: ['ConfigMap own-a/one', 'ConfigMap own-a/two', 'ConfigMap own-b/one'],
  },
  { args: ['ns/own-a', 'cm/one'], found: ['Namespace own-a', 'ConfigMap own-a/one'] },
  { args: ['cm,deploy'], found: ['ConfigMap own-a/one', 'ConfigMap own-a/two', 'Deployment own-a/web'] },
  { args: ['all'], found: ['Deployment own-a/web'] },
  { args: ['deployments.apps'], found: ['Deployment own-a/web'] },
  { args: ['deployments.v1.apps', 'web'], found: ['Deployment own-a/web'] },
  { args: ['secrets'], found: [], stderr: 'No resources found in own-a namespace.\n' },
  { args: ['priorityclasses'], flags: { selector: 'none' }, found: [], stderr: 'No resources found\n' },
  {
    args: ['cm', 'none', 'one'],
    found: ['ConfigMap own-a/one'],
    fails: /^NegativeFinding: configmaps "none" not found$/,
  },
  { args: ['deploy/none'], found: [], fails: /^NegativeFinding: deployments.apps "none" not found$/ },
  { args: ['widgets'], found: [], fails: /^CliError: the server doesn't have a resource type "widgets"$/ },
  { args: ['cm/one'], flags: { allNamespaces: true }, found: [], fails: /^CliError: Cannot look for a name/ },
  { args: ['cm/one'], flags: { selector: 'own' }, found: [], fails: /^CliError: Cannot have a selector/ },
];

for (const server of servers)
  describe(`objects by arguments, on ${server.name}`, { skip: server.skip }, () => {
    let cluster;

    before(async () => {
      cluster = await startCluster(server);
      for (const name of ['own-a', 'own-b'])
        await cluster.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await cluster.client.create(configMap('own-a', 'one', { own: 'x' }));
      await cluster.client.create(configMap('own-a', 'two', { own: 'x', tier: 'db' }));
      await cluster.client.create(configMap('own-b', 'one', { own: 'x' }));
      const labels = { app: 'web' };
      const spec = { containers: [{ name: 'web', image: 'web:1' }] };
      await cluster.client.create({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'own-a' },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      });
    });
    after(async () => await cluster?.stop());

    for (const { args, flags = {}, found, stderr = '', fails } of CASES)
      test(`${args.join(' ')} ${JSON.stringify(flags)}`, async () => {
        const told = [];
        const io = { env: {}, stderr: (text) => told.push(text), signal: new AbortController().signal };
        const client = cluster.client.with({ defaultNamespace: 'own-a' });
        const read = [];
        const reading = (async () => {
          for await (const { kind, metadata } of objectsOf(client, args, { filename: [], ...flags }, io))
            read.push(`${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`);
        })();
        if (fails === undefined) await reading;
        else await assert.rejects(reading, (error) => fails.test(`${error.name}: ${error.message}`));
        const known = read.filter((one) => !one.includes('kube-root-ca') && one !== 'Service default/kubernetes');
        assert.deepEqual(known, found);
        assert.equal(told.join(''), stderr);
      });
  });
