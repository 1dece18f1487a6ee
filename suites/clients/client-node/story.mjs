// A program with @kubernetes/client-node: typed clients, patches, a watch, an informer, errors.
import assert from 'node:assert/strict';
import * as k8s from '@kubernetes/client-node';

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const namespace = 'client-node';

const { gitVersion } = await config.makeApiClient(k8s.VersionApi).getCode();
console.log(`server ${gitVersion}`);
await core.createNamespace({ body: { metadata: { name: namespace } } });

const seen = [];
const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'app=web' });
const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'app=web');
for (const event of ['add', 'update', 'delete']) informer.on(event, (o) => seen.push(`${event} ${o.metadata.name}`));
await informer.start();

const labels = { app: 'web' };
const made = await core.createNamespacedConfigMap({
  namespace,
  body: { metadata: { name: 'web', labels }, data: { a: '1' } },
});
assert.ok(made.metadata.creationTimestamp instanceof Date);
made.data.a = '2';
const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'web', body: made });
assert.notEqual(replaced.metadata.resourceVersion, made.metadata.resourceVersion);
await assert.rejects(
  core.replaceNamespacedConfigMap({ namespace, name: 'web', body: made }),
  (error) => error.code === 409,
);
console.log('a stale update is a conflict');

const body = [{ op: 'replace', path: '/data/a', value: '3' }];
const patched = await core.patchNamespacedConfigMap({ namespace, name: 'web', body });
assert.equal(patched.data.a, '3');
console.log('a JSON patch is applied');

const containers = [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }];
const spec = {
  replicas: 2,
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers } },
};
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec };
const apply = (object, manager, force) =>
  objects.patch(object, undefined, undefined, manager, force, k8s.PatchStrategy.ServerSideApply);
const applied = await apply(deployment, 'one');
assert.equal(applied.spec.strategy.type, 'RollingUpdate');
const other = { ...deployment, spec: { ...spec, replicas: 5 } };
await assert.rejects(
  apply(other, 'two'),
  (error) => error.code === 409 && JSON.parse(error.body).details.causes[0].field === '.spec.replicas',
);
const forced = await apply(other, 'two', true);
assert.deepEqual(forced.metadata.managedFields.map(({ manager }) => manager).sort(), ['one', 'two']);
console.log('server-side apply, its conflict, and force');

const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' });
assert.equal(scale.spec.replicas, 5);
await assert.rejects(
  core.createNamespacedPod({ namespace, body: { metadata: { name: 'bad' }, spec: { containers: [] } } }),
  (error) => {
    const status = JSON.parse(error.body);
    return error.code === 422 && status.details.causes[0].field === 'spec.containers';
  },
);
console.log('an invalid pod is refused with its causes');

// the same cluster by our client, and an object that client-node has made
const { connect, fromClientNode, fromClientNodeObject } = await import(process.argv[2]);
const client = await connect({ config: fromClientNode(config) });
const holder = 'a';
const now = new k8s.V1MicroTime();
const leases = config.makeApiClient(k8s.CoordinationV1Api);
const leased = { holderIdentity: holder, renewTime: now };
const lease = await leases.createNamespacedLease({ namespace, body: { metadata: { name: 'web' }, spec: leased } });
const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
const got = await client.get(kind, { namespace, name: 'web' });
assert.deepEqual({ ...kind, ...fromClientNodeObject(lease) }, got);
assert.equal(got.spec.renewTime, now.toISOString());
lease.spec.holderIdentity = 'b';
const updated = await client.update({ ...kind, ...fromClientNodeObject(lease) });
assert.equal(updated.spec.holderIdentity, 'b');
const peers = [{ podSelector: { matchLabels: labels } }];
const policy = { metadata: { name: 'web' }, spec: { podSelector: {}, ingress: [{ _from: peers }] } };
const network = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
const literal = fromClientNodeObject({ ...network, ...policy, metadata: { name: 'web', namespace } });
assert.deepEqual((await client.create(literal)).spec.ingress, [{ from: peers }]);
await client.close();
console.log('nekube/client takes its config and its objects');

await core.deleteNamespacedConfigMap({ namespace, name: 'web' });
for (const end = Date.now() + 60_000; Date.now() < end && seen.at(-1) !== 'delete web'; )
  await new Promise((done) => setTimeout(done, 25));
assert.deepEqual(seen, ['add web', 'update web', 'update web', 'delete web']);
console.log(`the informer saw: ${seen.join(', ')}`);
await informer.stop();
await core.deleteNamespace({ name: namespace });
console.log('all is well');
process.exit();
