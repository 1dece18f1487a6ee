import { formatTime, type KubeObject } from 'nekube/apimachinery';
import type { WriteContext } from '../resource-rules.ts';
import type { Loose } from '../rule.ts';

const decisions = ['Approved', 'Denied'];

/** Writes down who asks for a certificate. */
export function requestedBy(csr: KubeObject, user: WriteContext['user']): void {
  csr.spec ??= {};
  const { spec } = csr;
  for (const field of ['username', 'uid', 'groups', 'extra']) delete spec[field];
  spec.username = user.name;
  if (user.uid) spec.uid = user.uid;
  spec.groups = [...user.groups];
  const extra = Object.entries(user.extra ?? {});
  if (extra.length > 0) spec.extra = Object.fromEntries(extra.map(([key, values]) => [key, [...values]]));
}

/** Puts stored approvals and denials in the place of new ones, if there are as many. */
export function preserveDecisions(csr: KubeObject, old: KubeObject): void {
  for (const type of decisions) {
    const isOfType = (condition: Loose) => condition.type === type;
    const stored: Loose[] = (old.status?.conditions ?? []).filter(isOfType);
    const conditions: Loose[] = csr.status?.conditions ?? [];
    if (conditions.filter(isOfType).length !== stored.length) continue;
    if (stored.length > 0)
      csr.status.conditions = conditions.map((c) => (isOfType(c) ? structuredClone(stored.shift()) : c));
  }
}

/** Fills in when conditions were updated, and since when they hold. */
export function stampConditions(csr: KubeObject, old: KubeObject, now: Date): void {
  const time = formatTime(now);
  for (const condition of csr.status?.conditions ?? []) {
    condition.lastUpdateTime ??= time;
    condition.lastTransitionTime ??= heldSince(condition, old) ?? time;
  }
}

function heldSince({ type, status }: Loose, old: KubeObject): string | undefined {
  const same = (c: Loose) => c.type === type && c.status === status && c.lastTransitionTime;
  return (old.status?.conditions ?? []).find(same)?.lastTransitionTime;
}
