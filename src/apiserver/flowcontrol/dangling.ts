import { formatTime, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Informer } from '../registry/informer.ts';
import type { ServedResource } from '../registry/served.ts';
import { applyStatus, type SystemWriter } from '../system-objects.ts';

/** What keeps the conditions. */
export interface DanglingOptions {
  readonly schemas: Informer;
  readonly levels: Informer;
  readonly resource: ServedResource;
  readonly writer: SystemWriter;
  readonly now: () => Date;
  /** Aborted when the server closes. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** As which kube-apiserver writes it. */
const MANAGER = 'api-priority-and-fairness-config-consumer-v1';

/**
 * Keeps the condition `Dangling` of every FlowSchema: whether the priority level that it names is there. Resolves when
 * it is right for the first time.
 */
export function keepDangling(options: DanglingOptions): Promise<void> {
  const { schemas, levels, signal, log } = options;
  let checking: Promise<void> | undefined;
  let again = false;
  const check = async (): Promise<void> => {
    do {
      again = false;
      await Promise.all(schemas.list().map((schema) => update(schema, options).catch(complain)));
    } while (again && !signal.aborted);
    checking = undefined;
  };
  const complain = (error: Error): void => {
    if (!signal.aborted) log(`flow schemas: ${error.message}`);
  };
  const changed = (): void => {
    if (signal.aborted) return;
    if (checking === undefined) checking = check();
    else again = true;
  };
  for (const informer of [schemas, levels]) informer.onChange(changed);
  changed();
  return checking ?? Promise.resolve();
}

async function update(schema: KubeObject, { levels, resource, writer, now }: DanglingOptions): Promise<void> {
  const wanted = conditionOf(schema, levels);
  const conditions = (schema.status?.conditions ?? []) as readonly Record<string, unknown>[];
  const current = conditions.find(({ type }) => type === 'Dangling');
  if (Object.entries(wanted).every(([key, value]) => current?.[key] === value)) return;
  const condition = { ...wanted, lastTransitionTime: formatTime(now()) };
  const config = {
    kind: 'FlowSchema',
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    metadata: { name: schema.metadata.name },
    status: { conditions: [condition] },
  } as KubeObject;
  try {
    await applyStatus(writer, now(), resource, config, MANAGER);
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

function conditionOf({ spec }: KubeObject, levels: Informer): Readonly<Record<string, string>> {
  const name = spec.priorityLevelConfiguration?.name ?? '';
  const found = levels.get('', name) !== undefined || name === 'exempt' || name === 'catch-all';
  const what = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  return found
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${what} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${what} but there is no such object` };
}
