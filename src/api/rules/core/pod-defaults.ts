import type { Loose } from '../rule.ts';

/** Sets the defaults of a pod spec in place. */
export function defaultPodSpec(spec: Loose): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
}
