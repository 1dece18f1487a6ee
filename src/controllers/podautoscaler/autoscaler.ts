import { formatTime, type KubeObject, type LabelSelectorObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** How fast an autoscaler may go in one direction. */
export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[];
  readonly tolerance?: string;
}

/** What a metric shall be; one of the three. */
export interface MetricTarget {
  readonly type?: string;
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

/** Which metric it is. */
export interface MetricIdentifier {
  readonly name: string;
  readonly selector?: LabelSelectorObject;
}

/** An object that is named from elsewhere. */
export interface CrossReference {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
}

/** A metric that an autoscaler looks at. */
export interface MetricSpec {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target: MetricTarget };
  readonly containerResource?: { readonly name: string; readonly container: string; readonly target: MetricTarget };
  readonly pods?: { readonly metric: MetricIdentifier; readonly target: MetricTarget };
  readonly object?: {
    readonly describedObject: CrossReference;
    readonly metric: MetricIdentifier;
    readonly target: MetricTarget;
  };
  readonly external?: { readonly metric: MetricIdentifier; readonly target: MetricTarget };
}

/** A condition of an autoscaler. */
export interface AutoscalerCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What an autoscaler found. */
export interface AutoscalerStatus {
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly lastScaleTime?: string;
  readonly currentMetrics?: readonly object[] | null;
  readonly conditions?: readonly AutoscalerCondition[];
}

/** A HorizontalPodAutoscaler. */
export interface Autoscaler extends KubeObject {
  spec: {
    readonly scaleTargetRef: CrossReference;
    readonly minReplicas?: number;
    readonly maxReplicas: number;
    readonly metrics?: readonly MetricSpec[];
    readonly behavior?: { readonly scaleUp?: ScalingRules; readonly scaleDown?: ScalingRules };
  };
  status?: AutoscalerStatus;
}

/** HorizontalPodAutoscalers. */
export const AUTOSCALER: Kind<Autoscaler> = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };

/** The conditions with one of them as it is now; its time changes with its status alone. */
export function withCondition(
  conditions: readonly AutoscalerCondition[],
  next: AutoscalerCondition,
  now: number,
): readonly AutoscalerCondition[] {
  const old = conditions.find(({ type }) => type === next.type);
  const lastTransitionTime =
    old?.status === next.status && old.lastTransitionTime !== undefined
      ? old.lastTransitionTime
      : formatTime(new Date(now));
  const changed = { ...next, lastTransitionTime };
  return old === undefined ? [...conditions, changed] : conditions.map((one) => (one === old ? changed : one));
}
