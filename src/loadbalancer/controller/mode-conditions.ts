import { formatTime } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type Condition, findCondition } from 'nekube/controller';
import type { Service } from 'nekube/network';
import { MODE_ANNOTATION } from '../services/settings.ts';
import type { ModeCondition } from '../services/modes.ts';

/** Who owns the condition. All nodes are one: what they say is the same. */
const FIELD_MANAGER = 'nekube-loadbalancer';

/** What conditions are written with. */
export interface ModeConditionsOptions {
  readonly client: Client;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Writes the condition of a Service that says by which mode it is balanced. A Service that has asked for nothing and has what all have is
 * left alone, unless it was told otherwise before. Nodes write it alike, so that it does not matter which of them does.
 *
 * @throws StatusError the server refuses it
 */
export async function writeModeCondition(
  service: Service,
  condition: ModeCondition,
  { client, now }: ModeConditionsOptions,
): Promise<void> {
  const written = conditionToWrite(service, condition, now());
  if (written === undefined) return;
  const { namespace = 'default', name = '' } = service.metadata;
  await client.apply(
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name } },
      status: { conditions: [written] },
    },
    { subresource: 'status', fieldManager: FIELD_MANAGER, force: true },
  );
}

/** The condition as it is to be; undefined where nothing is to be written. Pure. */
export function conditionToWrite(service: Service, condition: ModeCondition, now: number): Condition | undefined {
  const { conditions } = (service.status ?? {}) as { conditions?: readonly Condition[] };
  const before = findCondition(conditions, condition.type);
  const { annotations = {}, generation } = service.metadata;
  const isOfInterest = condition.status !== 'True' || MODE_ANNOTATION in annotations || before !== undefined;
  if (!isOfInterest || (before !== undefined && isSame(before, condition))) return undefined;
  return {
    ...condition,
    ...(generation !== undefined && { observedGeneration: generation }),
    lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : formatTime(new Date(now)),
  };
}

function isSame(a: ModeCondition, b: ModeCondition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}
