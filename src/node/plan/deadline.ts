import type { Pod } from '../pod/pod.ts';

/** Why a pod failed that ran longer than it may. */
export const DEADLINE_EXCEEDED = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
} as const;

/** Until when a pod may run, counted from when the node first saw it; undefined: as long as it likes. */
export function deadlineOf({ spec, status }: Pod, now: number): number | undefined {
  const { activeDeadlineSeconds: seconds } = spec;
  if (seconds === undefined) return undefined;
  return (status?.startTime === undefined ? now : Date.parse(status.startTime)) + Number(seconds) * 1000;
}
