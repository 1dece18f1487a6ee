// What every namespace has, and what cluster roles are made of.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isThere, startWorld } from './world.mjs';

const SERVICE_ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const CLUSTER_ROLE = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };

let world;
let client;
before(async () => {
  world = await startWorld(
    'serviceaccount-controller',
    'root-ca-certificate-publisher-controller',
    'clusterrole-aggregation-controller',
  );
  client = world.client;
});
after(() => world?.stop());

test('every namespace has an account that pods run as, again when it is deleted', async () => {
  const namespace = await world.env.namespace();
  const key = { namespace, name: 'default' };
  const first = await world.env.eventually(() => client.get(SERVICE_ACCOUNT, key));
  await client.delete(SERVICE_ACCOUNT, key);
  await world.env.eventually(async () => (await client.get(SERVICE_ACCOUNT, key)).metadata.uid !== first.metadata.uid);
  assert.ok(await isThere(client, SERVICE_ACCOUNT, { namespace: 'kube-system', name: 'default' }));
});

test('every namespace has the CA of the server, and nobody can put another in its place', async () => {
  const namespace = await world.env.namespace();
  const key = { namespace, name: 'kube-root-ca.crt' };
  const isRight = async () => {
    const { data, metadata } = await client.get(CONFIG_MAP, key);
    return (
      JSON.stringify(data) === '{"ca.crt":"a CA"}' &&
      metadata.annotations['kubernetes.io/description'].startsWith('Contains a CA bundle')
    );
  };
  await world.env.eventually(isRight);
  await client.patch(CONFIG_MAP, key, { merge: { data: { 'ca.crt': 'of somebody else', more: 'x' } } });
  await world.env.eventually(isRight);
  await client.delete(CONFIG_MAP, key);
  await world.env.eventually(isRight);
});

test('a role that is made of others has their rules, as long as they have them', async () => {
  const rules = [{ apiGroups: ['example.com'], resources: ['webs'], verbs: ['get'] }];
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  await client.create({ ...CLUSTER_ROLE, metadata: { name: 'webs', labels }, rules });
  const has = async (name) => {
    const role = await client.get(CLUSTER_ROLE, { name });
    return role.rules?.some(({ apiGroups }) => apiGroups.includes('example.com')) ?? false;
  };
  // view is part of edit, and edit of admin
  await world.env.eventually(() => has('admin'));
  assert.ok(await has('view'));
  await client.delete(CLUSTER_ROLE, { name: 'webs' });
  await world.env.eventually(async () => !(await has('admin')));
});
