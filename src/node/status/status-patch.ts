import { isDeepStrictEqual } from 'node:util';
import type { PodCondition } from 'nekube/component-helpers';
import type { Pod } from '../pod/pod.ts';
import type { PodStatus } from '../pod/pod-status.ts';

/** Lists that a patch merges by addresses, and that are stated whole. */
const WHOLE: ReadonlySet<string> = new Set(['hostIPs', 'podIPs']);
/** Fields that a node takes back when it has nothing more to say. */
const OPTIONAL = ['reason', 'message'] as const;

/**
 * The strategic merge patch that makes a pod's status what it should be, and of this pod only, not of another by its name;
 * undefined: it is so already.
 */
export function statusPatch({ metadata, status = {} }: Pod, wanted: PodStatus): object | undefined {
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const before = status[name as keyof PodStatus];
    if (name === 'conditions') {
      const changed = changedConditions(status.conditions ?? [], wanted.conditions ?? []);
      if (changed.length > 0) changes.conditions = changed;
    } else if (!isDeepStrictEqual(value, before)) {
      changes[name] = WHOLE.has(name) ? [{ $patch: 'replace' }, ...(value as object[])] : value;
    }
  }
  for (const name of OPTIONAL) if (wanted[name] === undefined && status[name] !== undefined) changes[name] = null;
  if (Object.keys(changes).length === 0) return undefined;
  return { metadata: { uid: metadata.uid }, status: changes };
}

/** A condition that loses its reason or message says so. */
function changedConditions(before: readonly PodCondition[], wanted: readonly PodCondition[]): object[] {
  return wanted.flatMap((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    if (isDeepStrictEqual(old, condition)) return [];
    const gone = OPTIONAL.filter((name) => old?.[name] !== undefined && condition[name] === undefined);
    return [{ ...condition, ...Object.fromEntries(gone.map((name) => [name, null])) }];
  });
}
