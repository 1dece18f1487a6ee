import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';
import { readinessOf } from 'nekube/ownership';

/** A condition of an object, as its status has it. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
  /** Whether it says that something is wrong; of conditions whose sense is not known it is false. */
  readonly bad: boolean;
}

/** How an object is doing, in a word. */
export interface Summary {
  readonly level: 'good' | 'busy' | 'bad';
  readonly state: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound';
  readonly message: string;
}

/** Whether it has become what it states, as kstatus tells it. */
export function summaryOf(object: KubeObject, nowMs: number): Summary {
  const { state, message } = readinessOf(object, nowMs);
  return { level: state === 'Current' ? 'good' : state === 'Failed' ? 'bad' : 'busy', state, message };
}

/** Conditions that are good when they are false. */
const NEGATIVE =
  /(pressure|failure|failed|degraded|stalled|unavailable|unreachable|error|conflict|terminating|resizepending)$/i;
/** Conditions of which neither is wrong. */
const NEUTRAL =
  /^(Suspended|Complete|Completed|PodScheduled.*|DisruptionTarget|Reconciling|Progressing|NonStructuralSchema|KubernetesAPIApprovalPolicyConformant)$/;

/** The conditions of an object, those that say that something is wrong first. */
export function conditionsOf(object: KubeObject): Condition[] {
  const { status } = object as KubeObject & { readonly status?: JsonObject };
  const list = Array.isArray(status?.conditions) ? status.conditions : [];
  return list
    .filter((one): one is JsonObject => typeof one === 'object' && one !== null && !Array.isArray(one))
    .map(conditionOf)
    .sort((a, b) => Number(b.bad) - Number(a.bad));
}

function conditionOf(condition: JsonObject): Condition {
  const [type, status] = [text(condition.type), text(condition.status)];
  const expected = NEGATIVE.test(type) ? 'False' : 'True';
  const since = text(condition.lastTransitionTime) || text(condition.lastUpdateTime);
  const bad = !NEUTRAL.test(type) && status !== '' && status !== expected;
  return { type, status, reason: text(condition.reason), message: text(condition.message), since, bad };
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
