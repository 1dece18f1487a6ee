import { formatTime, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Clock } from 'nekube/client';
import { bucketLimiter, type EventHandler, exponentialLimiter, maxOfLimiter } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { conditionsAfter, type Findings } from './conditions.ts';
import { deleteContent } from './content.ts';
import { discoverContent } from './discovery.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
/** The finalizer in a namespace's spec that is this controller's. */
const FINALIZER = 'kubernetes';
const WORKERS = 10;
const LONGEST_RETRY_MS = 60_000;

/** Empties namespaces that are deleted, of all kinds that there are, and then lets them go. */
export const namespaceController: BuiltinController = {
  name: 'namespace-controller',
  setUp({ manager, client, clock, settings }) {
    const rateLimiter = maxOfLimiter(exponentialLimiter({ maxMs: LONGEST_RETRY_MS }), bucketLimiter({ clock }));
    manager
      .controller(this.name, { maxConcurrentReconciles: WORKERS, rateLimiter })
      .watches(NAMESPACE, enqueueDeleted(settings.namespaceDeletionGraceMs))
      .reconcile(async ({ name }, { signal, log }) => {
        const warn = (error: unknown): void =>
          log.warn("Couldn't update status condition for namespace", { namespace: name, error });
        const seconds = await emptyNamespace({ client, clock, signal, warn }, name);
        return seconds > 0 ? { requeueAfterMs: (Math.floor(seconds / 2) + 1) * 1000 } : undefined;
      });
  },
};

function enqueueDeleted(afterMs: number): EventHandler {
  return {
    handle(event, queue) {
      const { name, deletionTimestamp } = event.object.metadata;
      if (event.type !== 'deleted' && deletionTimestamp !== undefined) queue.add({ name: name! }, { afterMs });
    },
  };
}

interface Deps {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly warn: (error: unknown) => void;
}

/**
 * One round for a namespace, if it is deleted.
 *
 * @returns how many seconds what is left may take; 0: it is done
 * @throws Error for what could not be deleted
 */
async function emptyNamespace(deps: Deps, name: string): Promise<number> {
  const { client, clock, signal } = deps;
  try {
    const found = await client.get(NAMESPACE, { name }, { signal });
    if (found.metadata.deletionTimestamp === undefined) return 0;
    const namespace = await retried(deps, found, (one) => markTerminating(deps, one));
    if (isFinalized(namespace)) return 0;
    const { resources, error } = await discoverContent(client, signal);
    const sinceMs = clock.now() - Date.parse(namespace.metadata.deletionTimestamp!);
    const { findings, estimateSeconds, errors } = await deleteContent(
      { client, namespace: name, sinceMs, signal },
      resources,
      error,
    );
    const told = await tellConditions(deps, namespace, findings);
    if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
    if (estimateSeconds === 0) await retried(deps, told, (one) => finalize(deps, one));
    return estimateSeconds;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return 0;
    throw error;
  }
}

async function markTerminating({ client, signal }: Deps, namespace: KubeObject): Promise<KubeObject> {
  if (namespace.status?.phase === 'Terminating') return namespace;
  const status = { ...namespace.status, phase: 'Terminating' };
  return client.update({ ...namespace, status } as KubeObject, { subresource: 'status', signal });
}

function isFinalized({ spec }: KubeObject): boolean {
  return (spec?.finalizers ?? []).length === 0;
}

/** Writes what is new; that it fails is told and no more, for the next round tells it again. */
async function tellConditions(
  { client, clock, signal, warn }: Deps,
  namespace: KubeObject,
  findings: Findings,
): Promise<KubeObject> {
  const now = formatTime(new Date(clock.now()));
  const conditions = conditionsAfter(namespace.status?.conditions ?? [], findings, now);
  if (conditions === undefined) return namespace;
  const changed = { ...namespace, status: { ...namespace.status, conditions } } as KubeObject;
  try {
    return await client.update(changed, { subresource: 'status', signal });
  } catch (error) {
    warn(error);
    return namespace;
  }
}

function finalize({ client, signal }: Deps, { metadata, spec }: KubeObject): Promise<KubeObject> {
  const finalizers = (spec?.finalizers ?? []).filter((one: string) => one !== FINALIZER).toSorted();
  const object: KubeObject = { ...NAMESPACE, metadata, spec: { ...spec, finalizers } };
  return client.update(object, { subresource: 'finalize', signal });
}

/** Writes again what somebody else's write came before. @throws Error when it is another namespace of the name by now */
async function retried(
  { client, signal }: Deps,
  namespace: KubeObject,
  write: (namespace: KubeObject) => Promise<KubeObject>,
): Promise<KubeObject> {
  for (let latest = namespace; ; ) {
    try {
      return await write(latest);
    } catch (error) {
      if (!isStatusError(error, 'Conflict')) throw error;
      const { name, uid } = latest.metadata;
      latest = await client.get(NAMESPACE, { name: name! }, { signal });
      if (latest.metadata.uid !== uid) throw new Error('namespace uid has changed across retries');
    }
  }
}
