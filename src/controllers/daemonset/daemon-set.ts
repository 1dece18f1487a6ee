import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { NodeDemands, Toleration } from 'nekube/component-helpers';
import type { PodTemplate } from '../pods/pod.ts';
import { type IntOrPercent, scaledValue } from '../workload/int-or-percent.ts';

/** The template of a DaemonSet's pods. */
export interface DaemonTemplate extends PodTemplate {
  spec?: NodeDemands & {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly tolerations?: readonly Toleration[];
  };
}

/** What a DaemonSet says of its pods, by nodes. */
export interface DaemonSetStatus {
  observedGeneration?: number;
  desiredNumberScheduled: number;
  currentNumberScheduled: number;
  numberMisscheduled: number;
  numberReady: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  numberUnavailable?: number;
  collisionCount?: number;
}

/** A DaemonSet. */
export interface DaemonSet extends KubeObject {
  spec: {
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    selector: LabelSelectorObject;
    template: DaemonTemplate;
    updateStrategy?: { type?: string; rollingUpdate?: { maxSurge?: IntOrPercent; maxUnavailable?: IntOrPercent } };
  };
  status?: DaemonSetStatus;
}

/** DaemonSets. */
export const DAEMON_SET: Kind<DaemonSet> = { apiVersion: 'apps/v1', kind: 'DaemonSet' };

/** How many times the template was changed, which was told before there were hashes. */
export function templateGeneration({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.['deprecated.daemonset.template.generation'];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? String(BigInt(text.replace('+', ''))) : undefined;
}

/** Whether a new pod may run beside the old one on a node. */
export function allowsSurge(set: DaemonSet): boolean {
  return updateLimits(set, 1).surge > 0;
}

/** On how many nodes there may be two pods on the way, or none that is available. */
export function updateLimits(
  { spec }: DaemonSet,
  nodes: number,
): { readonly surge: number; readonly unavailable: number } {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  return {
    surge: scaledValue(rollingUpdate?.maxSurge ?? 0, nodes, 'up'),
    unavailable: scaledValue(rollingUpdate?.maxUnavailable ?? 0, nodes, 'up'),
  };
}
