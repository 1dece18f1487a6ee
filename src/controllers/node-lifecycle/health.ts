import { formatTime, type JsonValue, jsonEqual } from 'nekube/apimachinery';
import { conditionOf, type Node, type NodeCondition } from '../nodes/node.ts';

/** What was known of a node the last time. */
export interface NodeHealth {
  /** When it last gave a sign of life, on the scale of {@link HealthParts.attended}. */
  readonly probedAt: number;
  readonly ready: NodeCondition | undefined;
  /** When it last renewed its lease, as the lease says. */
  readonly renewTime: string | undefined;
}

/** What is made of a node. */
export interface Judgement {
  readonly health: NodeHealth;
  /** What the node said, or would have said of itself if it had said anything. */
  readonly observed: NodeCondition;
  /** How it is said to be now; undefined: a new node that has said nothing yet. */
  readonly current: NodeCondition | undefined;
  /** All conditions, where they must be written. */
  readonly conditions?: readonly NodeCondition[];
}

/** What a node is judged by. */
export interface HealthParts {
  readonly known: NodeHealth | undefined;
  /** That of its lease; undefined: it has none. */
  readonly renewTime: string | undefined;
  /** Milliseconds since 1970: what is written into conditions. */
  readonly now: number;
  /**
   * Milliseconds in which nodes were looked at, which silence is measured by: a clock that is set, and a process that had no time
   * to look, make no node silent.
   */
  readonly attended: number;
  readonly nodeMonitorGracePeriodMs: number;
  readonly nodeStartupGracePeriodMs: number;
}

/** What nobody knows of a node that is silent. That its network is not available is for somebody else to say. */
const TYPES = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Judges whether a node lives: it wrote its status or renewed its lease not too long ago. */
export function judge(node: Node, parts: HealthParts): Judgement {
  const { now, attended } = parts;
  const created = node.metadata.creationTimestamp ?? null;
  const ready = conditionOf(node, 'Ready');
  const fallback = { type: 'Ready', status: 'Unknown', lastHeartbeatTime: created, lastTransitionTime: created };
  const observed = ready ?? fallback;
  const graceMs = ready === undefined ? parts.nodeStartupGracePeriodMs : parts.nodeMonitorGracePeriodMs;
  const health = observe(node, ready, parts);
  if (attended <= health.probedAt + graceMs) return { health, observed, current: ready };
  const conditions = silent(node, now);
  const current = conditions.find(({ type }) => type === 'Ready')!;
  const next = { ...health, ready: current };
  if (isSame(current, observed)) return { health: next, observed, current };
  return { health: next, observed, current, conditions };
}

function observe(node: Node, ready: NodeCondition | undefined, parts: HealthParts): NodeHealth {
  const { known, renewTime, attended } = parts;
  const health = byStatus(node, ready, parts);
  // a lease counts from when this controller sees it renewed: its clock may be another
  const isRenewed =
    renewTime !== undefined && (known?.renewTime === undefined || Date.parse(known.renewTime) < Date.parse(renewTime));
  return isRenewed ? { ...health, renewTime, probedAt: attended } : health;
}

function byStatus(node: Node, ready: NodeCondition | undefined, { known, now, attended }: HealthParts): NodeHealth {
  const isNew = known === undefined;
  if (isNew && ready === undefined) {
    const ageMs = now - Date.parse(node.metadata.creationTimestamp ?? '');
    return { probedAt: attended - ageMs, ready, renewTime: undefined };
  }
  if (isNew || (known.ready === undefined) !== (ready === undefined)) {
    // who said something before and says nothing now is looked at anew
    if (!isNew && ready === undefined) return { ...known, ready };
    return { probedAt: attended, ready, renewTime: undefined };
  }
  const hasWritten = known.ready?.lastHeartbeatTime !== ready?.lastHeartbeatTime;
  return hasWritten ? { probedAt: attended, ready, renewTime: undefined } : known;
}

function silent({ metadata, status }: Node, now: number): NodeCondition[] {
  const lastTransitionTime = formatTime(new Date(now));
  const all = [...(status?.conditions ?? [])];
  for (const type of TYPES) {
    const at = all.findIndex((one) => one.type === type);
    if (at < 0) {
      all.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: metadata.creationTimestamp ?? null,
        lastTransitionTime,
      });
    } else if (all[at]!.status !== 'Unknown') {
      const message = 'Kubelet stopped posting node status.';
      all[at] = { ...all[at]!, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime };
    }
  }
  return all;
}

function isSame(a: NodeCondition, b: NodeCondition): boolean {
  return jsonEqual(a as unknown as JsonValue, b as unknown as JsonValue);
}
