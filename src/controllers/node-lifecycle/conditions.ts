import { conditionOf, type Node } from '../nodes/node.ts';
import { isSameTaint, type TaintName } from '../nodes/taints.ts';

/** Which condition in which status keeps pods off. */
const TAINTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
const OWN = new Set([UNSCHEDULABLE, ...Object.values(TAINTS).flatMap((keys) => Object.values(keys))]);
const EFFECT = 'NoSchedule';

/** The taints that keep new pods off, to be added and to be taken off, so that they are what conditions say. */
export function noScheduleChanges({ spec, status }: Node): { add: TaintName[]; remove: TaintName[] } {
  const wanted = (status?.conditions ?? []).flatMap((one) => {
    const key = TAINTS[one.type]?.[one.status];
    return key === undefined ? [] : [{ key, effect: EFFECT }];
  });
  if (spec.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: EFFECT });
  const known = (spec.taints ?? []).filter(({ key, effect }) => effect === EFFECT && OWN.has(key));
  const without = (all: readonly TaintName[], others: readonly TaintName[]): TaintName[] =>
    all.filter((one) => !others.some((other) => isSameTaint(one, other))).map(({ key, effect }) => ({ key, effect }));
  return { add: without(wanted, known), remove: without(known, wanted) };
}

/** Makes pods leave a node that is not ready. */
export const NOT_READY: TaintName = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' };
/** Makes pods leave a node of which nobody knows how it is. */
export const UNREACHABLE: TaintName = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };

/** The taint that makes pods leave, by what the node says, and that which it excludes; undefined: it is ready. */
export function noExecuteTaint(node: Node): { taint: TaintName; opposite: TaintName } | undefined {
  const status = conditionOf(node, 'Ready')?.status;
  if (status === 'False') return { taint: NOT_READY, opposite: UNREACHABLE };
  if (status === 'Unknown') return { taint: UNREACHABLE, opposite: NOT_READY };
  return undefined;
}

/** Labels that have an older name, which has the same value. */
const OLDER_LABELS: Readonly<Record<string, string>> = {
  'kubernetes.io/os': 'beta.kubernetes.io/os',
  'kubernetes.io/arch': 'beta.kubernetes.io/arch',
};

/** The labels that a node lacks, or has otherwise than by their newer names. */
export function missingLabels({ metadata: { labels = {} } }: Node): Record<string, string> {
  const found = Object.entries(OLDER_LABELS).filter(
    ([name, older]) => name in labels && labels[older] !== labels[name],
  );
  return Object.fromEntries(found.map(([name, older]) => [older, labels[name]!]));
}
