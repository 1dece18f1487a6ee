import { isStatusError, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client, ObjectStore } from 'nekube/client';
import { controllerOf } from 'nekube/controller';
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
  type RevisionData,
  textOfData,
} from '../workload/controller-revision.ts';
import { fnv32, safeEncode } from '../workload/go-hash.ts';
import type { StatefulSet } from './stateful-set.ts';

const HASH_LABEL = 'controller.kubernetes.io/hash';
/** Of a name there is so much before the hash. */
const LONGEST_PREFIX = 223;

/** What pods are made of: those that stay as they were, and those that are updated. */
export interface SetRevisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

/** The revisions of a set, the oldest first; what nobody has is taken over. */
export async function listRevisions(
  client: Client,
  set: StatefulSet,
  store: ObjectStore<ControllerRevision>,
): Promise<readonly ControllerRevision[]> {
  const selector = labelSelectorFromObject(set.spec.selector);
  const selected = store.list(set.metadata.namespace).filter((one) => selector.matches(one.metadata.labels));
  const own = selected.filter((one) => (controllerOf(one)?.uid ?? set.metadata.uid) === set.metadata.uid);
  return inOrder(await claimObjects(client, { owner: set, selector, kind: CONTROLLER_REVISION }, own));
}

/** Finds the revision of the set's template among those that there are, or makes it; and the one that is current. */
export async function syncRevisions(
  client: Client,
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
): Promise<SetRevisions> {
  const data = dataOf(set.spec.template);
  const newest = revisions.at(-1);
  const equal = revisions.filter((one) => hasData(one, data)).at(-1);
  let collisionCount = set.status?.collisionCount ?? 0;
  let update = equal;
  if (update === undefined) {
    const number = (newest?.revision ?? 0) + 1;
    const hash = { [HASH_LABEL]: hashOf(data, collisionCount) };
    const planned = newRevision(set, { name: nameFor(set, data, collisionCount), hash, data, revision: number });
    ({ update, collisionCount } = await create(client, planned, collisionCount));
  } else if (newest !== undefined && !hasData(newest, data)) {
    update = await renumbered(client, update, newest.revision + 1);
  } else {
    update = newest!;
  }
  const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  return { current, update, collisionCount };
}

/** Deletes the oldest revisions beyond the limit that no pod is of. */
export async function truncateRevisions(
  client: Client,
  set: StatefulSet,
  revisions: readonly ControllerRevision[],
  live: ReadonlySet<string>,
): Promise<void> {
  const { revisionHistoryLimit = 10 } = set.spec;
  const old = revisions.filter(({ metadata }) => !live.has(metadata.name!));
  for (const revision of old.slice(0, Math.max(0, old.length - revisionHistoryLimit))) {
    await forgetRevision(client, revision);
  }
}

/** A name that is taken by another revision is a collision: the next hash is tried. */
async function create(
  client: Client,
  planned: ControllerRevision,
  collisions: number,
): Promise<{ readonly update: ControllerRevision; readonly collisionCount: number }> {
  const { namespace, ownerReferences } = planned.metadata;
  const owner = { metadata: { name: ownerReferences![0]!.name } };
  for (let collisionCount = collisions; ; collisionCount++) {
    const name = nameFor(owner, planned.data!, collisionCount);
    const named = { ...planned, metadata: { ...planned.metadata, name } };
    try {
      return { update: await client.create<ControllerRevision>({ ...CONTROLLER_REVISION, ...named }), collisionCount };
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error;
      const found = await client.get(CONTROLLER_REVISION, { namespace, name });
      if (hasData(found, planned.data!)) return { update: found, collisionCount };
    }
  }
}

function nameFor(owner: Pick<StatefulSet, 'metadata'>, data: RevisionData, collisions: number): string {
  return `${owner.metadata.name!.slice(0, LONGEST_PREFIX)}-${hashOf(data, collisions)}`;
}

function hashOf(data: RevisionData, collisions: number): string {
  return safeEncode(fnv32(Buffer.from(`${textOfData(data)}${collisions}`)));
}
