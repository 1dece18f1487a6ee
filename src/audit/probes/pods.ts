import { isJsonObject, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import { shownRef } from '../observe/operator-write.ts';
import { changesIn, childrenOf, inTrial, merge, type Probe, read } from './probe.ts';
import { withWords } from '../observe/words.ts';
import { freshName, tryOut } from './subject.ts';

const RESTARTS = 7;

/** States of a pod in which an operator may see a reason to act. */
const STATES: readonly { readonly words: string; readonly status: JsonObject }[] = [
  { words: 'is ready', status: statusOf('Running', 'True', { running: {} }, 0) },
  {
    words: 'crashes again and again',
    status: statusOf('Running', 'False', { waiting: { reason: 'CrashLoopBackOff' } }, RESTARTS),
  },
  { words: 'has failed', status: statusOf('Failed', 'False', { terminated: { exitCode: 1 } }, RESTARTS) },
];

/**
 * A pod comes of a workload that it made, as the built-in controllers would make it, and becomes ready, crashes, fails: does it want
 * anything else then? Asked of operators that look at pods.
 */
export const pods: Probe = async (context) => {
  const { session, subject } = context;
  if (!session.hasAskedFor('pods')) return [];
  const trial = await tryOut(session, subject);
  const evidence: string[] = [];
  for (const child of childrenOf(trial).map((ref) => inTrial(ref, trial))) {
    const workload = await read(session.env.client, child);
    const pod = workload && podOf(workload, child.namespace);
    if (pod === undefined) continue;
    const ref = { group: '', resource: 'pods', subresource: '', namespace: child.namespace, name: pod.metadata.name! };
    const made = await session.during((client) => client.create(pod)).catch(() => undefined);
    if (made === undefined) continue;
    const of = `a pod of ${withWords(shownRef(child))}`;
    evidence.push(...changesIn(context, made).map((line) => `${of} comes; then ${line}`));
    for (const { words, status } of STATES) {
      const interval = await session.during((client) => merge(client, { ...ref, subresource: 'status' }, { status }));
      evidence.push(...changesIn(context, interval).map((line) => `${of} ${words}; then ${line}`));
    }
  }
  const probe = 'the status of pods of what it made changes';
  return evidence.length === 0 ? [] : [{ aspect: 'follows-status', probe, evidence }];
};

/** A pod of a workload's template; undefined: it has none. */
function podOf({ apiVersion, kind, metadata, spec }: KubeObject, namespace: string): KubeObject | undefined {
  const template = spec?.template as JsonObject | undefined;
  if (!isJsonObject(template) || !isJsonObject(template.spec)) return undefined;
  const { labels = {} } = (template.metadata ?? {}) as { readonly labels?: Record<string, string> };
  const owner = { apiVersion: apiVersion!, kind: kind!, name: metadata.name!, uid: metadata.uid!, controller: true };
  const containers = [{ name: 'main', image: 'audit:1' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: `${metadata.name}-${freshName()}`, labels, ownerReferences: [owner] },
    spec: { containers },
  } as KubeObject;
}

function statusOf(phase: string, ready: string, state: JsonObject, restartCount: number): JsonObject {
  const one = { name: 'main', image: 'audit:1', imageID: '', ready: ready === 'True', restartCount, state };
  return {
    phase,
    conditions: [{ type: 'Ready', status: ready, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    containerStatuses: [one],
  };
}
