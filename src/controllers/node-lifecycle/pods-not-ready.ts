import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { CoreEventRecorder } from 'nekube/controller';
import { POD, type Pod } from '../pods/pod.ts';

/** Says of pods that they are not ready, since their node is not. @throws what could not be written, when all were tried */
export async function markNotReady(
  pods: readonly Pod[],
  { client, events, now }: { readonly client: Client; readonly events: CoreEventRecorder; readonly now: number },
): Promise<void> {
  const errors: unknown[] = [];
  for (const pod of pods) {
    const conditions = pod.status?.conditions ?? [];
    const at = conditions.findIndex(({ type }) => type === 'Ready');
    if (at < 0 || conditions[at]!.status === 'False') continue;
    const changed = { ...conditions[at]!, status: 'False', lastTransitionTime: formatTime(new Date(now)) };
    const status = { ...pod.status, conditions: conditions.with(at, changed) };
    try {
      await client.update<Pod>({ ...POD, ...pod, status }, { subresource: 'status' });
    } catch (error) {
      if (isStatusError(error, 'NotFound')) continue;
      errors.push(error);
    }
    events.record({ ...POD, ...pod }, 'Warning', 'NodeNotReady', 'Node is not ready');
  }
  if (errors.length > 0)
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'Cannot mark pods not ready');
}
