import type { Container } from './container.ts';
import type { Pod } from './pod.ts';

/** An init container that stays and is started again whenever it ends. */
export function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === 'Always';
}

/** Whether a container that ended is started again: by its own rules, its own policy, or the pod's. */
export function restartsAfter(container: Container, { spec }: Pod, exitCode: number): boolean {
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
    if (exitCodes === undefined) return false;
    const isListed = (exitCodes.values ?? []).includes(exitCode);
    return exitCodes.operator === 'In' ? isListed : !isListed;
  });
  if (rule !== undefined) return rule.action.startsWith('Restart');
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** Whether a container that a probe failed is started again; there is no exit code that rules could look at. */
export function restartsAfterProbe(container: Container, { spec }: Pod): boolean {
  return (container.restartPolicy ?? spec.restartPolicy ?? 'Always') !== 'Never';
}
