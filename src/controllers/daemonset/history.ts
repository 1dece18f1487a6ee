import { isStatusError, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client, ObjectStore } from 'nekube/client';
import { POD, type Pod } from '../pods/pod.ts';
import { claimObjects } from '../workload/claim.ts';
import {
  CONTROLLER_REVISION,
  type ControllerRevision,
  dataOf,
  forgetRevision,
  hasData,
  inOrder,
  newRevision,
  renumbered,
  REVISION_LABEL,
} from '../workload/controller-revision.ts';
import { templateHash } from '../workload/template-hash.ts';
import { DAEMON_SET, type DaemonSet } from './daemon-set.ts';

/** The revisions of a set: that of the template that it has, and all others. */
export interface History {
  readonly current: ControllerRevision;
  readonly old: readonly ControllerRevision[];
}

/** Finds the revisions of a set, and makes the one of its template if there is none. */
export async function syncHistory(
  client: Client,
  set: DaemonSet,
  { store, pods }: { readonly store: ObjectStore<ControllerRevision>; readonly pods: () => Promise<readonly Pod[]> },
): Promise<History> {
  const selector = labelSelectorFromObject(set.spec.selector);
  const all = store.list(set.metadata.namespace);
  const claimed = await claimObjects(client, { owner: set, selector, kind: CONTROLLER_REVISION }, all);
  const revisions = await Promise.all(claimed.map((one) => labelled(client, one)));
  const data = dataOf(set.spec.template);
  const old = revisions.filter((one) => !hasData(one, data));
  const same = inOrder(revisions.filter((one) => hasData(one, data)));
  const number = Math.max(0, ...old.map(({ revision }) => revision)) + 1;
  const newest = same.at(-1);
  if (newest === undefined) return { current: await create(client, set, number), old };
  for (const other of same.slice(0, -1)) await replace(client, { other, by: newest, pods });
  return { current: newest.revision < number ? await renumbered(client, newest, number) : newest, old };
}

/** Deletes the oldest revisions beyond the limit, but for those that pods are of. */
export async function truncateHistory(
  client: Client,
  set: DaemonSet,
  history: History,
  pods: readonly Pod[],
): Promise<void> {
  const { revisionHistoryLimit = 10 } = set.spec;
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[REVISION_LABEL]));
  const dead = inOrder(history.old).filter((one) => !live.has(hashOf(one)));
  const tooMany = Math.max(0, history.old.length - revisionHistoryLimit);
  for (const revision of dead.slice(0, tooMany)) await forgetRevision(client, revision);
}

/** The hash of a revision, which its pods have as well. */
export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[REVISION_LABEL] ?? '';
}

/** Revisions of long ago have no hash; their name takes its place. */
async function labelled(client: Client, revision: ControllerRevision): Promise<ControllerRevision> {
  if (hashOf(revision) !== '') return revision;
  const { metadata } = revision;
  const labels = { ...metadata.labels, [REVISION_LABEL]: metadata.name! };
  return client.update<ControllerRevision>({ ...CONTROLLER_REVISION, ...revision, metadata: { ...metadata, labels } });
}

async function create(client: Client, set: DaemonSet, revision: number): Promise<ControllerRevision> {
  const { namespace } = set.metadata;
  const hash = templateHash(set.spec.template, set.status?.collisionCount);
  const name = `${set.metadata.name}-${hash}`;
  const data = dataOf(set.spec.template);
  const planned = newRevision(set, { name, hash: { [REVISION_LABEL]: hash }, data, revision });
  try {
    return await client.create<ControllerRevision>({ ...CONTROLLER_REVISION, ...planned });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    const found = await client.get(CONTROLLER_REVISION, { namespace, name });
    if (hasData(found, data)) return found;
    await countCollision(client, set);
    throw error;
  }
}

/** The next try has another hash. */
async function countCollision(client: Client, set: DaemonSet): Promise<void> {
  const { namespace, name = '' } = set.metadata;
  const live = await client.get(DAEMON_SET, { namespace, name });
  const known = set.status?.collisionCount;
  if (live.status?.collisionCount !== known) {
    const what = `found a stale collision count (${known ?? 0}, expected ${live.status?.collisionCount ?? 0})`;
    throw new Error(`${what} of DaemonSet "${name}" while processing; will retry until it is updated`);
  }
  const status = { ...live.status!, collisionCount: (known ?? 0) + 1 };
  await client.update<DaemonSet>({ ...DAEMON_SET, ...live, status }, { subresource: 'status' });
}

/** One of two revisions of one template goes, and all pods are of the other. */
async function replace(
  client: Client,
  { other, by, pods }: { other: ControllerRevision; by: ControllerRevision; pods: () => Promise<readonly Pod[]> },
): Promise<void> {
  for (const { metadata } of await pods()) {
    if (metadata.labels?.[REVISION_LABEL] === hashOf(by)) continue;
    const labels = { [REVISION_LABEL]: hashOf(by) };
    await client.patch(
      POD,
      { namespace: metadata.namespace, name: metadata.name! },
      { merge: { metadata: { labels } } },
    );
  }
  await forgetRevision(client, other);
}
