import { formatTime } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type Condition, findCondition } from 'nekube/controller';
import type { Service } from 'nekube/network';
import { MODE_ANNOTATION } from '../services/settings.ts';
import type { ModeCondition } from '../services/modes.ts';

/** Who owns the condition. All nodes are one, since there is one condition for all. */
const FIELD_MANAGER = 'nekube-loadbalancer';

/** What conditions are written with. */
export interface ModeConditionsOptions {
  readonly client: Client;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The node that says so. */
  readonly node: string;
  /** Whether there is a node of that name. */
  readonly isNode: (name: string) => boolean;
}

/**
 * Writes the condition of a Service that says by which mode it is balanced. A Service that has asked for nothing and has what all have is
 * left alone, unless it was told otherwise before. Of nodes that serve it otherwise than asked one says so, with its name, and no other takes that
 * back while there is such a node.
 *
 * @throws StatusError the server refuses it
 */
export async function writeModeCondition(
  service: Service,
  condition: ModeCondition,
  { client, now, node, isNode }: ModeConditionsOptions,
): Promise<void> {
  const written = conditionToWrite(service, condition, { now: now(), node, isNode });
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
export function conditionToWrite(
  service: Service,
  told: ModeCondition,
  { now, node, isNode }: Pick<ModeConditionsOptions, 'node' | 'isNode'> & { readonly now: number },
): Condition | undefined {
  const condition = told.status === 'True' ? told : { ...told, message: `on node ${node}: ${told.message}` };
  const { conditions } = (service.status ?? {}) as { conditions?: readonly Condition[] };
  const before = findCondition(conditions, condition.type);
  const { annotations = {}, generation } = service.metadata;
  const holder = before?.status === 'False' ? /^on node (\S+): /.exec(before.message)?.[1] : undefined;
  if (holder !== undefined && holder !== node && isNode(holder)) return undefined;
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
