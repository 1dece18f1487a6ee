// A whole small controller: a Web has a page in a ConfigMap and a Deployment that serves it; its status says how far that
// is, and when it goes, its finalizer takes its name out of a register.
import { addFinalizer, generationChanged, hasFinalizer, removeFinalizer, setCondition } from 'nekube/controller';
import { WEB, webDefinition } from './web-definition.mjs';

export { WEB } from './web-definition.mjs';
export const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
export const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
export const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const FINALIZER = 'example.com/register';

export const CRD = webDefinition(
  { page: { type: 'string' }, replicas: { type: 'integer', default: 1 }, secretName: { type: 'string' } },
  { status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
);

/** Adds the controller to a manager. `register` has the names of the Webs that live. */
export function addWebController(manager, register) {
  manager.addIndex(WEB, 'secret', (web) => (web.spec.secretName ? [web.spec.secretName] : []));
  const websOf = async ({ metadata }) => {
    const webs = await manager.reader.byIndex(WEB, 'secret', metadata.name);
    const { namespace } = metadata;
    return webs
      .filter((web) => web.metadata.namespace === namespace)
      .map((web) => ({ namespace, name: web.metadata.name }));
  };
  return manager
    .controller('web', { maxConcurrentReconciles: 4 })
    .for(WEB, { predicates: [generationChanged] })
    .owns(CONFIG_MAP)
    .owns(DEPLOYMENT)
    .watches(SECRET, websOf, { metadataOnly: true })
    .reconcile((request, context) => reconcile(context, register));
}

async function reconcile(context, register) {
  const { object: web, client, applyOwned, applyStatus, record } = context;
  if (web === undefined) return;
  if (web.metadata.deletionTimestamp) {
    if (!hasFinalizer(web, FINALIZER)) return;
    register.delete(web.metadata.name);
    await removeFinalizer(client, web, FINALIZER);
    return;
  }
  await addFinalizer(client, web, FINALIZER);
  register.add(web.metadata.name);
  const { name } = web.metadata;
  const { page = '', replicas, secretName } = web.spec;
  await applyOwned({ ...CONFIG_MAP, metadata: { name }, data: { 'index.html': page } });
  const deployment = await applyOwned({ ...DEPLOYMENT, metadata: { name }, spec: deploymentSpec(name, replicas) });
  const ready = deployment.status?.readyReplicas ?? 0;
  const isReady = ready >= replicas;
  const conditions = setCondition(web.status?.conditions, {
    type: 'Ready',
    status: isReady ? 'True' : 'False',
    reason: isReady ? 'AllReplicasReady' : 'Waiting',
    message: `${ready} of ${replicas} replicas are ready`,
    observedGeneration: web.metadata.generation,
  });
  if (conditions !== web.status?.conditions) {
    await applyStatus({ conditions, readyReplicas: ready, secretName });
    record({ reason: isReady ? 'Ready' : 'Waiting', action: 'Reconcile', note: `${ready} of ${replicas}` });
  }
}

function deploymentSpec(name, replicas) {
  const labels = { web: name };
  return {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    },
  };
}
