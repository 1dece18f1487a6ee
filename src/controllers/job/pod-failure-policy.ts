import type { ContainerStatus, Pod } from '../pods/pod.ts';
import type { Job, PodFailureRule } from './job.ts';

/** What a rule makes of a pod's failure. */
export interface FailureMatch {
  readonly action: PodFailureRule['action'];
  /** Why the Job fails, where it does. */
  readonly message?: string;
}

/** The first rule that matches a pod that failed, and what it says; undefined: none. */
export function matchFailurePolicy({ spec }: Job, pod: Pod): FailureMatch | undefined {
  const { namespace, name } = pod.metadata;
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const { action } = rule;
    const matched = `matching ${action} rule at index ${index}`;
    const container = rule.onExitCodes && exitOf(pod, rule.onExitCodes);
    if (container !== undefined) {
      const how = `failed with exit code ${container.state!.terminated!.exitCode}`;
      return { action, message: `Container ${container.name} for pod ${namespace}/${name} ${how} ${matched}` };
    }
    const condition = rule.onExitCodes ? undefined : conditionOf(pod, rule);
    if (condition !== undefined)
      return { action, message: `Pod ${namespace}/${name} has condition ${condition} ${matched}` };
  }
  return undefined;
}

/** Whether a failure counts for the limits. */
export function countsFailure(job: Job, pod: Pod): boolean {
  return matchFailurePolicy(job, pod)?.action !== 'Ignore';
}

/** The container that ended with a code that matches, of the containers first. */
function exitOf(
  { status }: Pod,
  { containerName, operator, values }: NonNullable<PodFailureRule['onExitCodes']>,
): ContainerStatus | undefined {
  const matches = ({ name, state }: ContainerStatus): boolean => {
    const code = state?.terminated?.exitCode;
    if (code === undefined || code === 0) return false;
    if (containerName !== undefined && containerName !== name) return false;
    return values.includes(code) === (operator === 'In');
  };
  return status?.containerStatuses?.find(matches) ?? status?.initContainerStatuses?.find(matches);
}

function conditionOf({ status }: Pod, { onPodConditions = [] }: PodFailureRule): string | undefined {
  return status?.conditions?.find((condition) =>
    onPodConditions.some(({ type, status: is }) => condition.type === type && condition.status === is),
  )?.type;
}
