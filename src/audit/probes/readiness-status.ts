import type { JsonObject } from 'nekube/apimachinery';

/** An object whose status is made up. */
interface Judged {
  readonly isReady: boolean;
  /** How many it wants. */
  readonly replicas: number;
  readonly generation: number;
}

const BEGUN = '2026-01-01T00:00:00Z';
const ENDED = '2026-01-01T00:01:00Z';

const NONE = (): undefined => undefined;

/** By kind; of others, which are custom resources mostly, a condition `Ready` is what there is by convention. */
const STATUS_OF: Readonly<Record<string, (of: Judged) => JsonObject | undefined>> = {
  Deployment: (of) => ({ ...countsOf(of), updatedReplicas: readyOf(of), conditions: [condition('Available', of)] }),
  StatefulSet: (of) => ({ ...countsOf(of), updatedReplicas: readyOf(of), currentReplicas: readyOf(of) }),
  ReplicaSet: countsOf,
  DaemonSet: ({ isReady, generation }) => ({
    observedGeneration: generation,
    currentNumberScheduled: 1,
    desiredNumberScheduled: 1,
    numberMisscheduled: 0,
    numberReady: Number(isReady),
    numberAvailable: Number(isReady),
  }),
  // a server lets no Job that has ended begin again
  Job: (of) =>
    of.isReady
      ? {
          succeeded: 1,
          startTime: BEGUN,
          completionTime: ENDED,
          conditions: [condition('SuccessCriteriaMet', of), condition('Complete', of)],
        }
      : undefined,
  Pod: (of) => ({ phase: of.isReady ? 'Running' : 'Pending', conditions: [condition('Ready', of)] }),
  Service: ({ isReady }) => ({ loadBalancer: { ...(isReady && { ingress: [{ ip: '192.0.2.1' }] }) } }),
  PersistentVolumeClaim: ({ isReady }) => ({ phase: isReady ? 'Bound' : 'Pending' }),
  ConfigMap: NONE,
  Secret: NONE,
  ServiceAccount: NONE,
  Role: NONE,
  RoleBinding: NONE,
  ClusterRole: NONE,
  ClusterRoleBinding: NONE,
};

/** The status with which an object says that it is ready, or is not; undefined: its kind has none, or none that says so. */
export function readinessStatus({ kind, spec, metadata }: JsonObject, isReady: boolean): JsonObject | undefined {
  const { replicas = 1 } = (spec ?? {}) as { readonly replicas?: number };
  const { generation = 1 } = (metadata ?? {}) as { readonly generation?: number };
  const of = { isReady, replicas, generation };
  const statusOf = typeof kind === 'string' && Object.hasOwn(STATUS_OF, kind) ? STATUS_OF[kind] : undefined;
  return statusOf === undefined ? { conditions: [condition('Ready', of)] } : statusOf(of);
}

/** The status with which an object says that it failed for good; undefined: its kind has none. */
export function failedStatus({ kind }: JsonObject): JsonObject | undefined {
  const is = (type: string, isSo = true): JsonObject => condition(type, { isReady: isSo, replicas: 0, generation: 1 });
  if (kind === 'Job') return { failed: 1, startTime: BEGUN, conditions: [is('FailureTarget'), is('Failed')] };
  if (kind === 'Pod') return { phase: 'Failed', conditions: [is('Ready', false)] };
  if (kind !== 'Deployment') return undefined;
  const stuck = { ...is('Progressing', false), reason: 'ProgressDeadlineExceeded' };
  return { conditions: [is('Available', false), stuck, is('ReplicaFailure')] };
}

function countsOf(of: Judged): JsonObject {
  const ready = readyOf(of);
  return {
    observedGeneration: of.generation,
    replicas: of.replicas,
    readyReplicas: ready,
    availableReplicas: ready,
  };
}

function readyOf({ isReady, replicas }: Judged): number {
  return isReady ? replicas : 0;
}

function condition(type: string, { isReady }: Judged): JsonObject {
  return { type, status: isReady ? 'True' : 'False', reason: 'Audit', lastTransitionTime: BEGUN };
}
