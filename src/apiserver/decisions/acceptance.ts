import { errorText, formatTime, type KubeObject } from 'nekube/apimachinery';
import { compilePolicy, type FieldPolicy, type PolicyCondition } from 'nekube/fieldpolicy';
import { applyStatus, type SystemWriter } from '../system-objects.ts';
import type { FollowedResource } from './followed-resource.ts';

/** What the status of policies is kept with. */
export interface AcceptanceDeps extends SystemWriter {
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

const MANAGER = 'kube-apiserver';

/** Writes into the status of policies whether they can be evaluated, whenever one has changed. */
export function keepAcceptance(followed: FollowedResource, deps: AcceptanceDeps, signal: AbortSignal): void {
  let due = false;
  let busy = false;
  const run = async (): Promise<void> => {
    due = true;
    if (busy) return;
    busy = true;
    while (due && !signal.aborted) {
      due = false;
      for (const policy of followed.list()) await tell(policy as FieldPolicy);
    }
    busy = false;
  };
  const tell = async (policy: FieldPolicy): Promise<void> => {
    const { resource } = followed;
    const accepted = acceptedOf(policy, deps.now());
    if (resource === undefined || accepted === undefined) return;
    const { name = '', namespace } = policy.metadata;
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    const config = { apiVersion: policy.apiVersion!, kind: policy.kind, metadata, status: { conditions: [accepted] } };
    try {
      await applyStatus(deps, deps.now(), resource, config as unknown as KubeObject, MANAGER);
    } catch (error) {
      if (!signal.aborted) deps.log(`Cannot tell of ${policy.kind} "${name}" whether it holds: ${errorText(error)}`);
    }
  };
  followed.onChange(() => void run());
  void run();
}

/** The condition of a policy; undefined if it has that already. */
function acceptedOf(policy: FieldPolicy, now: Date): PolicyCondition | undefined {
  const { generation = 0 } = policy.metadata;
  const before = policy.status?.conditions?.find(({ type }) => type === 'Accepted');
  if (before?.observedGeneration === generation) return undefined;
  const { problems } = compilePolicy(policy);
  const status = problems.length === 0 ? 'True' : 'False';
  return {
    type: 'Accepted',
    status,
    observedGeneration: generation,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : formatTime(now),
    reason: problems.length === 0 ? 'Accepted' : 'Malformed',
    message: problems.length === 0 ? '' : `It decides Fail: ${problems.join('; ')}`,
  } as PolicyCondition;
}
