import { controllerReferenceTo } from 'nekube/controller';
import { REPLICA_SET, type ReplicaSet } from '../replicaset/replica-set.ts';
import { templateHash } from '../workload/template-hash.ts';
import { annotationsOfRevision, sizeAnnotations } from './annotations.ts';
import type { Deployment } from './deployment.ts';
import { HASH_LABEL } from './replica-sets.ts';
import { nextReplicas } from './rollout.ts';

/** Names end with a hash and are no longer than this. */
const LONGEST_NAME = 253;

/** The ReplicaSet for a Deployment's template, as many pods as there is room for beside the old ones. */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], revision: number): ReplicaSet {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash };
  const annotations = annotationsOfRevision(deployment, {}, revision);
  return {
    ...REPLICA_SET,
    metadata: {
      name: `${metadata.name!.slice(0, LONGEST_NAME - 1 - hash.length)}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations: { ...annotations, ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReferenceTo(deployment)],
    },
    spec: {
      replicas: nextReplicas(deployment, old, 0),
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}
