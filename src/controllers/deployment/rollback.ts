import type { ReplicaSet } from '../replicaset/replica-set.ts';
import { ownAnnotations, revisionBefore, revisionOf, ROLLBACK, sharedAnnotations } from './annotations.ts';
import type { Deployment } from './deployment.ts';
import { isSameTemplate, withoutHash } from './replica-sets.ts';

/** How a Deployment goes back, and what is told of it. */
export interface Rollback {
  readonly deployment: Deployment;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The revision that an annotation asks to go back to; 0: the one before; undefined: none. */
export function rollbackRevision({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[ROLLBACK] ?? '';
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** Goes back to a revision: to its template and its annotations. Whatever comes of it, it is asked for no more. */
export function rollbackOf(deployment: Deployment, all: readonly ReplicaSet[], asked: number): Rollback {
  const { [ROLLBACK]: _, ...annotations } = deployment.metadata.annotations ?? {};
  const asItIs = { ...deployment, metadata: { ...deployment.metadata, annotations } };
  const refused = (reason: string, message: string): Rollback => ({
    deployment: asItIs,
    type: 'Warning',
    reason,
    message,
  });
  const notFound = 'DeploymentRollbackRevisionNotFound';
  const revision = asked === 0 ? revisionBefore(all) : asked;
  if (revision === 0) return refused(notFound, 'Unable to find last revision.');
  const set = all.find((one) => revisionOf(one) === revision);
  if (set === undefined) return refused(notFound, 'Unable to find the revision to rollback to.');
  const { name } = deployment.metadata;
  if (isSameTemplate(deployment.spec.template, set.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment "${name}"`;
    return refused('DeploymentRollbackTemplateUnchanged', message);
  }
  const restored = { ...ownAnnotations(annotations), ...sharedAnnotations(set.metadata.annotations ?? {}) };
  return {
    deployment: {
      ...deployment,
      metadata: { ...deployment.metadata, annotations: restored },
      spec: { ...deployment.spec, template: withoutHash(set.spec.template) },
    },
    type: 'Normal',
    reason: 'DeploymentRollback',
    message: `Rolled back deployment "${name}" to revision ${revision}`,
  };
}
