import type { JsonObject } from 'nekube/apimachinery';
import { linesOf } from './probe.ts';
import { outcomeOf } from '../observe/outcome.ts';
import { type ObjectRef, shownRef } from '../observe/operator-write.ts';
import type { Finding } from '../verdict/finding.ts';
import { childrenOf, inTrial, merge, type Probe, read } from './probe.ts';
import { isOfSubject, tryOut } from './subject.ts';

/** What it made becomes ready, and then is not ready any more: does it write to others by that? */
export const childStatus: Probe = async (context) => {
  const { session, subject } = context;
  const trial = await tryOut(session, subject);
  const follows: string[] = [];
  const reports: string[] = [];
  // a step that waits for the one before makes its objects when that is ready
  const known = new Set<string>();
  let written = trial.interval.writes;
  for (let next = childrenOf(trial).map((ref) => inTrial(ref, trial)); next.length > 0; ) {
    const made: ObjectRef[] = [];
    for (const child of next) {
      known.add(shownRef(child));
      const object = await read(session.env.client, child);
      for (const isReady of [true, false]) {
        const status = object && statusOf(object as unknown as JsonObject, isReady);
        if (status === undefined) continue;
        const { writes } = await session
          .during((client) => merge(client, { ...child, subresource: 'status' }, { status }))
          .catch(() => ({ writes: [] }));
        const others = writes.filter((write) => !isOfSubject(subject, write) && write.code < 300);
        const what = `${shownRef(child)} ${isReady ? 'became ready' : 'was ready no more'}`;
        const [before, after] = [outcomeOf(written), outcomeOf([...written, ...others])];
        written = [...written, ...others];
        for (const line of linesOf(context, before, after)) follows.push(`${what}; then ${line}`);
        if (writes.some((write) => isOfSubject(subject, write))) reports.push(what);
        made.push(...others.filter(({ verb }) => verb === 'create' || verb === 'apply'));
      }
    }
    next = made.map((ref) => ({ ...ref, subresource: '' })).filter((ref) => !known.has(shownRef(ref)));
  }
  const probe = 'the status of what it made changes';
  const findings: Finding[] = [];
  if (follows.length > 0) findings.push({ aspect: 'follows-status', probe, evidence: follows });
  if (reports.length > 0) findings.push({ aspect: 'reports-status', probe, evidence: reports });
  return findings;
};

/** A status that says that an object is ready, or is not; undefined: its kind has none. */
function statusOf({ kind, spec, metadata }: JsonObject, isReady: boolean): JsonObject | undefined {
  const { replicas = 1 } = (spec ?? {}) as { readonly replicas?: number };
  const { generation = 1 } = (metadata ?? {}) as { readonly generation?: number };
  const n = isReady ? replicas : 0;
  const condition = (type: string): JsonObject => ({
    type,
    status: isReady ? 'True' : 'False',
    reason: 'Audit',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const counts = {
    observedGeneration: generation,
    replicas,
    readyReplicas: n,
    availableReplicas: n,
    updatedReplicas: n,
  };
  switch (kind) {
    case 'Deployment':
      return { ...counts, conditions: [condition('Available')] };
    case 'StatefulSet':
      return { ...counts, currentReplicas: n };
    case 'ReplicaSet':
      return { observedGeneration: generation, replicas, readyReplicas: n, availableReplicas: n };
    case 'DaemonSet':
      return {
        observedGeneration: generation,
        currentNumberScheduled: 1,
        desiredNumberScheduled: 1,
        numberMisscheduled: 0,
        numberReady: Number(isReady),
        numberAvailable: Number(isReady),
      };
    case 'Job':
      return isReady
        ? {
            succeeded: 1,
            startTime: '2026-01-01T00:00:00Z',
            completionTime: '2026-01-01T00:01:00Z',
            conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
          }
        : undefined;
    case 'Pod':
      return { phase: isReady ? 'Running' : 'Pending', conditions: [condition('Ready')] };
    case 'Service':
      return { loadBalancer: isReady ? { ingress: [{ ip: '192.0.2.1' }] } : {} };
    case 'PersistentVolumeClaim':
      return { phase: isReady ? 'Bound' : 'Pending' };
    case 'ConfigMap':
    case 'Secret':
    case 'ServiceAccount':
    case 'Role':
    case 'RoleBinding':
    case 'ClusterRole':
    case 'ClusterRoleBinding':
      return undefined;
    default:
      return { conditions: [condition('Ready')] };
  }
}
