import { escapeFieldValue, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, newInformer } from 'nekube/client';
import { idOf, keyOf, type ObjectId, showObject } from './manifest.ts';
import { type Readiness, readinessOf } from './readiness.ts';

/** How is waited. */
export interface AwaitOptions {
  /** Milliseconds until the waiting ends. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends the waiting; what is known until then is the result. */
  readonly signal: AbortSignal;
  /** Hears of every change: what is waited for, and why. */
  readonly onProgress?: (waiting: readonly WaitingFor[], total: number) => void;
  /** Hears of failures to watch, which are tried again. */
  readonly onError?: (error: Error) => void;
}

/** An object that is not ready yet. */
export interface WaitingFor {
  readonly object: string;
  readonly message: string;
}

/**
 * Waits until every object is ready, or has failed, by watching those that are not. Objects that fail may still become
 * ready while others are waited for.
 *
 * @param objects as they were written
 * @returns what is known at the end, by `keyOf`
 */
export async function awaitReady(
  client: Client,
  objects: readonly KubeObject[],
  options: AwaitOptions,
): Promise<ReadonlyMap<string, Readiness>> {
  const known = new Map<string, Readiness>();
  for (const object of objects) known.set(keyOf(idOf(object)), readinessOf(object, options.clock.now()));
  const pending = objects.filter((object) => known.get(keyOf(idOf(object)))!.state !== 'Current');
  if (pending.length > 0 && !options.signal.aborted) await watchUntilSettled(client, pending, known, options);
  return known;
}

/** The watches end with the waiting. */
async function watchUntilSettled(
  client: Client,
  pending: readonly KubeObject[],
  known: Map<string, Readiness>,
  options: AwaitOptions,
): Promise<void> {
  const { clock, signal, timeoutMs } = options;
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const cancel = clock.after(timeoutMs, end);
  signal.addEventListener('abort', end, { once: true });
  const tell = (object: KubeObject, readiness: Readiness): void => {
    const key = keyOf(idOf(object));
    if (!known.has(key)) return;
    known.set(key, readiness);
    options.onProgress?.(waitingIn(pending, known), known.size);
    if (isSettled(pending, known)) end();
  };
  options.onProgress?.(waitingIn(pending, known), known.size);
  if (isSettled(pending, known)) end();
  try {
    await Promise.all(groupsOf(pending).map((group) => watchGroup(client, group, tell, options, stop.signal)));
  } finally {
    cancel();
    signal.removeEventListener('abort', end);
  }
}

/** Objects of one kind in one namespace, which one watch sees. */
type Group = readonly [KubeObject, ...KubeObject[]];

function groupsOf(objects: readonly KubeObject[]): Group[] {
  const groups = new Map<string, [KubeObject, ...KubeObject[]]>();
  for (const object of objects) {
    const key = `${object.apiVersion} ${object.kind} ${object.metadata.namespace ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [object]);
    else group.push(object);
  }
  return [...groups.values()];
}

function watchGroup(
  client: Client,
  group: Group,
  tell: (object: KubeObject, readiness: Readiness) => void,
  { clock, onError }: AwaitOptions,
  signal: AbortSignal,
): Promise<void> {
  const [{ apiVersion = '', kind = '', metadata }] = group;
  const informer = newInformer(
    client,
    { apiVersion, kind },
    {
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      // a whole namespace is watched only for several
      ...(group.length === 1 && { fieldSelector: `metadata.name=${escapeFieldValue(metadata.name!)}` }),
      ...(onError && { onError }),
    },
  );
  // a list's items do not say what they are
  const named = (object: KubeObject): KubeObject => ({ ...object, apiVersion, kind });
  const look = (object: KubeObject): void => tell(named(object), readinessOf(named(object), clock.now()));
  informer.handle({
    added: look,
    updated: look,
    deleted: (object) => tell(named(object), { state: 'NotFound', message: 'Resource not found' }),
  });
  return informer.run(signal);
}

function isSettled(objects: readonly KubeObject[], known: ReadonlyMap<string, Readiness>): boolean {
  return objects.every((object) => {
    const { state } = known.get(keyOf(idOf(object)))!;
    return state === 'Current' || state === 'Failed';
  });
}

function waitingIn(objects: readonly KubeObject[], known: ReadonlyMap<string, Readiness>): WaitingFor[] {
  return objects.flatMap((object) => {
    const id: ObjectId = idOf(object);
    const { state, message } = known.get(keyOf(id))!;
    return state === 'Current' ? [] : [{ object: showObject(id), message }];
  });
}
