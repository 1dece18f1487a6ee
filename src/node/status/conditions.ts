import type { PodCondition } from 'nekube/component-helpers';
import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import type { ContainerStatus } from '../pod/pod-status.ts';
import { isSidecar } from '../pod/restarts.ts';

/** Conditions that a node writes; all others are left as others wrote them. */
const OWN: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
]);

/** What conditions are made of. */
export interface ConditionInput {
  readonly phase: string;
  /** Init containers first. */
  readonly statuses: readonly ContainerStatus[];
  readonly hasSandbox: boolean;
  /** A time of the API. */
  readonly now: string;
}

/** What a condition is about, without since when. */
type Finding = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const TRUE: Finding = { status: 'True' };

/** All conditions of a pod, those of others first; a time of transition changes with the status alone. */
export function conditionsOf(pod: Pod, input: ConditionInput): PodCondition[] {
  const before = pod.status?.conditions ?? [];
  const others = before.filter(({ type }) => !OWN.has(type));
  const containersReady = containersReadiness(pod, input);
  const findings: Readonly<Record<string, Finding>> = {
    PodReadyToStartContainers: input.hasSandbox ? TRUE : { status: 'False' },
    Initialized: initialization(pod, input),
    Ready: containersReady.status === 'True' ? gates(pod, others) : containersReady,
    ContainersReady: containersReady,
    PodScheduled: TRUE,
  };
  const own = Object.entries(findings).map(([type, finding]) => condition(type, finding, pod, input.now));
  return [...others, ...own];
}

function condition(type: string, finding: Finding, { metadata, status }: Pod, now: string): PodCondition {
  const before = status?.conditions?.find((one) => one.type === type);
  return {
    type,
    ...(metadata.generation !== undefined && { observedGeneration: Number(metadata.generation) }),
    ...finding,
    lastProbeTime: null,
    lastTransitionTime: before?.status === finding.status ? (before.lastTransitionTime ?? now) : now,
  };
}

function containersReadiness({ spec }: Pod, { phase, statuses }: ConditionInput): Finding {
  const watched = [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
  const { unknown, lacking } = sort(watched, statuses, ({ ready }) => ready);
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const message = messageOf(unknown, 'unready', lacking);
  return message === '' ? TRUE : { status: 'False', reason: 'ContainersNotReady', message };
}

function initialization({ spec }: Pod, { phase, statuses }: ConditionInput): Finding {
  const { unknown, lacking } = sort(spec.initContainers ?? [], statuses, (status, container) =>
    isSidecar(container) ? status.started === true : status.ready,
  );
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' };
  const proper = new Set(spec.containers.map(({ name }) => name));
  const hasStarted = statuses.some(
    ({ name, state, lastState }) => proper.has(name) && (state?.running ?? state?.terminated ?? lastState?.terminated),
  );
  if (hasStarted) return TRUE;
  const message = messageOf(unknown, 'incomplete', lacking);
  return message === '' ? TRUE : { status: 'False', reason: 'ContainersNotInitialized', message };
}

function gates({ spec }: Pod, conditions: readonly PodCondition[]): Finding {
  const messages = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = conditions.find(({ type }) => type === conditionType);
    if (found === undefined) {
      return [`corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`];
    }
    const name = JSON.stringify(conditionType);
    return found.status === 'True'
      ? []
      : [`the status of pod readiness gate ${name} is not "True", but ${found.status}`];
  });
  if (messages.length === 0) return TRUE;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function sort(
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  isFine: (status: ContainerStatus, container: Container) => boolean,
): { readonly unknown: readonly string[]; readonly lacking: readonly string[] } {
  const unknown: string[] = [];
  const lacking: string[] = [];
  for (const container of containers) {
    const status = statuses.find(({ name }) => name === container.name);
    if (status === undefined) unknown.push(container.name);
    else if (!isFine(status, container)) lacking.push(container.name);
  }
  return { unknown, lacking };
}

function messageOf(unknown: readonly string[], what: string, lacking: readonly string[]): string {
  const parts: string[] = [];
  if (unknown.length > 0) parts.push(`containers with unknown status: [${unknown.join(' ')}]`);
  if (lacking.length > 0) parts.push(`containers with ${what} status: [${lacking.join(' ')}]`);
  return parts.join(', ');
}
