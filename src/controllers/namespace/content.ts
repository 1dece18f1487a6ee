import { errorText, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, ServedResource } from 'nekube/client';
import type { Findings } from './conditions.ts';

/** How long finalizers are thought to take. */
const FINALIZERS_SECONDS = 15;

/** What one round of deleting came to. */
export interface Round {
  readonly findings: Findings;
  /** So long the rest is thought to take; 0: nothing is left to wait for. */
  readonly estimateSeconds: number;
  readonly errors: readonly string[];
}

/** A namespace to empty. */
export interface Emptying {
  readonly client: Client;
  readonly namespace: string;
  /** How long ago the namespace was deleted. */
  readonly sinceMs: number;
  readonly signal?: AbortSignal;
}

/** What is left of a kind. */
interface Left {
  readonly estimateSeconds: number;
  readonly objects: readonly KubeObject[];
  readonly error?: string;
}

/**
 * Deletes what is in a namespace: pods first, and the rest only when there are none any more, so that nothing that a pod
 * still needs goes before it.
 *
 * @param resources all that are namespaced and can be deleted
 * @param discoveryError why these may not be all
 */
export async function deleteContent(
  emptying: Emptying,
  resources: readonly ServedResource[],
  discoveryError?: string,
): Promise<Round> {
  const rounds: (readonly [ServedResource, Left])[] = [];
  const pods = resources.find(isPods);
  if (pods !== undefined) rounds.push([pods, await deleteAllOf(emptying, pods)]);
  const podsLeft = (rounds[0]?.[1].objects.length ?? 0) > 0;
  if (!podsLeft)
    for (const resource of resources)
      if (resource !== pods) rounds.push([resource, await deleteAllOf(emptying, resource)]);
  const errors = rounds.flatMap(([resource, { error }]) => {
    if (error === undefined) return [];
    return [resource === pods ? `failed to delete pods for namespace: ${emptying.namespace}, err: ${error}` : error];
  });
  return {
    estimateSeconds: Math.max(0, ...rounds.map(([, { estimateSeconds }]) => estimateSeconds)),
    errors: discoveryError === undefined ? errors : [discoveryError, ...errors],
    findings: {
      ...(discoveryError !== undefined && { discoveryError }),
      contentErrors: rounds.flatMap(([, { error }]) => error ?? []),
      // kube-controller-manager counts nothing before the pods are gone
      ...totalsOf(podsLeft ? [] : rounds),
    },
  };
}

function isPods({ group, version, resource }: ServedResource): boolean {
  return group === '' && version === 'v1' && resource === 'pods';
}

function totalsOf(rounds: readonly (readonly [ServedResource, Left])[]): Pick<Findings, 'remaining' | 'finalizers'> {
  const [remaining, finalizers] = [new Map<string, number>(), new Map<string, number>()];
  for (const [{ resource, group }, { objects }] of rounds) {
    if (objects.length > 0) remaining.set(`${resource}.${group}`, objects.length);
    for (const name of objects.flatMap(({ metadata }) => metadata.finalizers ?? []))
      finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  }
  return { remaining, finalizers };
}

async function deleteAllOf(emptying: Emptying, resource: ServedResource): Promise<Left> {
  let estimateSeconds = 0;
  try {
    if (isPods(resource)) estimateSeconds = await podsEstimate(emptying, resource);
    if (!(await deleteCollection(emptying, resource))) await deleteEach(emptying, resource);
    const objects = await listOf(emptying, resource);
    if (objects.length === 0) return { estimateSeconds: 0, objects };
    if (estimateSeconds !== 0) return { estimateSeconds, objects };
    if (objects.some(({ metadata }) => (metadata.finalizers ?? []).length > 0))
      return { estimateSeconds: FINALIZERS_SECONDS, objects };
    return { estimateSeconds, objects, error: unexpected(emptying.namespace, resource) };
  } catch (error) {
    emptying.signal?.throwIfAborted();
    return { estimateSeconds, objects: [], error: errorText(error) };
  }
}

function unexpected(namespace: string, { group, version, resource }: ServedResource): string {
  return `unexpected items still remain in namespace: ${namespace} for gvr: ${group}/${version}, Resource=${resource}`;
}

/** The longest time that a pod may still take to end; 0 when that time has passed. */
async function podsEstimate({ client, namespace, sinceMs, signal }: Emptying, pods: ServedResource): Promise<number> {
  const { items } = await client.list(pods, { namespace, signal });
  const seconds = items
    .filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    .map(({ spec }) => Number(spec?.terminationGracePeriodSeconds ?? 0));
  const longest = Math.max(0, ...seconds);
  return sinceMs >= longest * 1000 ? 0 : longest;
}

/** False: the server does not do that for the resource. */
async function deleteCollection({ client, namespace, signal }: Emptying, resource: ServedResource): Promise<boolean> {
  if (!resource.verbs.includes('deletecollection')) return false;
  try {
    // in the background, or kinds that are orphaned by default would wait for a finalizer
    await client.deleteAll(resource, { namespace }, { propagationPolicy: 'Background', signal });
    return true;
  } catch (error) {
    if (isUnsupported(error)) return false;
    throw error;
  }
}

async function deleteEach(emptying: Emptying, resource: ServedResource): Promise<void> {
  const { client, namespace, signal } = emptying;
  for (const { metadata } of await listOf(emptying, resource)) {
    const key = { namespace, name: metadata.name! };
    await client.delete(resource, key, { propagationPolicy: 'Background', signal }).catch((error: unknown) => {
      if (!isUnsupported(error)) throw error;
    });
  }
}

/** What is there of a resource; nothing where it cannot be listed. */
async function listOf(
  { client, namespace, signal }: Emptying,
  resource: ServedResource,
): Promise<readonly KubeObject[]> {
  if (!resource.verbs.includes('list')) return [];
  try {
    return (await client.list(resource, { namespace, metadataOnly: true, signal })).items;
  } catch (error) {
    if (isUnsupported(error)) return [];
    throw error;
  }
}

function isUnsupported(error: unknown): boolean {
  return isStatusError(error, 'MethodNotAllowed') || isStatusError(error, 'NotFound');
}
