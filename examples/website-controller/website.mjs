// A controller of websites. A Website has a domain, which is registered while the Website lives, a Deployment that serves
// it, and a Service in front; and it may be for a while only.
import { Finalizers, setCondition } from 'nekube/controller';

export const Website = { apiVersion: 'example.com/v1', kind: 'Website' };
export const Deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
export const Service = { apiVersion: 'v1', kind: 'Service' };

/** Adds the controller to a manager. `domains` is the registry: domain to namespace/name. */
export function addWebsiteController(manager, domains) {
  const finalizers = new Finalizers().register('example.com/domain', async ({ spec }) => {
    domains.delete(spec.domain);
  });
  return manager
    .controller('website')
    .for(Website)
    .owns(Deployment)
    .owns(Service)
    .reconcile(async ({ namespace, name }, { object, client, applyOwned, applyStatus }) => {
      if (object === undefined) return undefined;
      const { object: website, isBeingDeleted } = await finalizers.finalize(client, object);
      if (isBeingDeleted) return undefined;
      const { spec } = website;
      domains.set(spec.domain, `${namespace}/${name}`);

      const leftMs = timeLeftMs(website, manager.clock.now());
      const replicas = leftMs > 0 ? spec.replicas : 0;
      const deployment = await applyOwned({
        ...Deployment,
        metadata: { name },
        spec: deploymentSpec(name, spec, replicas),
      });
      await applyOwned({
        ...Service,
        metadata: { name },
        spec: { selector: { website: name }, ports: [{ port: 80 }] },
      });
      await applyStatus(statusOf(website, deployment, leftMs));
      if (!Number.isFinite(leftMs) || leftMs <= 0) return undefined;
      return { requeueAfterMs: Math.max(1, timeLeftMs(website, manager.clock.now())) };
    });
}

/** How long a website has yet to be served. */
function timeLeftMs({ metadata, spec }, now) {
  if (spec.expiresAfterSeconds === undefined) return Infinity;
  return Date.parse(metadata.creationTimestamp) + spec.expiresAfterSeconds * 1000 - now;
}

function deploymentSpec(name, { image }, replicas) {
  const labels = { website: name };
  const containers = [{ name: 'web', image, ports: [{ containerPort: 80 }] }];
  return { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
}

function statusOf({ metadata, spec, status }, deployment, leftMs) {
  const readyReplicas = deployment.status?.readyReplicas ?? 0;
  const ready =
    leftMs <= 0
      ? { status: 'False', reason: 'Expired', message: `it was for ${spec.expiresAfterSeconds} s` }
      : readyReplicas >= spec.replicas
        ? { status: 'True', reason: 'AllReplicasReady', message: 'all replicas are ready' }
        : { status: 'False', reason: 'Waiting', message: `${readyReplicas} of ${spec.replicas} replicas are ready` };
  const condition = { type: 'Ready', ...ready, observedGeneration: metadata.generation };
  return { readyReplicas, conditions: [...setCondition(status?.conditions, condition)] };
}
