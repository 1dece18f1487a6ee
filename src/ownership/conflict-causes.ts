import type { KubeObject, StatusCause, StatusError } from 'nekube/apimachinery';
import { isStatusError } from 'nekube/apimachinery';
import { CONFLICT_REASON, type ManagerInfo, showManager } from 'nekube/managedfields';
import { type FieldPath, formatPath } from 'nekube/smd';
import { type Owner, readOwnership } from './owners.ts';

/** Who owns a field, and since when; an {@link Owner} without its fields. */
export type Claim = Omit<Owner, 'fields'>;

/** The manager of a claim as merges tell managers apart: of those that apply, the version is no part. */
export function managerOf({ manager, operation, apiVersion, subresource }: Claim): ManagerInfo {
  return { manager, operation, apiVersion: operation === 'Apply' ? '' : apiVersion, subresource };
}

/** A field in conflict, as a refused apply tells it. */
export interface ConflictCause {
  readonly path: FieldPath;
  readonly claim: Claim;
}

/** True for the answer to an apply that others' ownership refused, not for a resourceVersion that is too old. */
export function isApplyConflict(error: unknown): error is StatusError {
  return isStatusError(error, 'Conflict') && causesOf(error).length > 0;
}

function causesOf({ status }: StatusError): StatusCause[] {
  return (status.details?.causes ?? []).filter(({ reason }) => reason === CONFLICT_REASON);
}

/**
 * Maps the causes of a refused apply, which are texts, back to paths and to entries of managedFields.
 *
 * @returns Undefined where a cause is in no entry: the object is not the one that the apply met.
 */
export function readCauses(error: StatusError, live: Pick<KubeObject, 'metadata'>): ConflictCause[] | undefined {
  const owners = readOwnership(live).owners.map((owner) => ({ owner, paths: pathsByText(owner) }));
  const found: ConflictCause[] = [];
  for (const { message = '', field = '' } of causesOf(error)) {
    // a server may have two entries of one manager after a scale, of which the last counts
    const at = owners.findLast(({ owner, paths }) => isAbout(message, owner) && paths.has(field));
    if (at === undefined) return undefined;
    const { fields: _, ...claim } = at.owner;
    found.push({ path: at.paths.get(field)!, claim });
  }
  return found;
}

/** Some versions of Kubernetes put the time of the entry behind the manager. */
function isAbout(message: string, owner: Owner): boolean {
  const text = `conflict with ${showManager(managerOf(owner), owner.manager)}`;
  return message === text || message.startsWith(`${text} at `);
}

/** Also of what is above a path: where a list has become atomic since, the conflict is about the list. */
function pathsByText({ fields }: Owner): ReadonlyMap<string, FieldPath> {
  const paths = new Map<string, FieldPath>();
  for (const path of fields.paths()) {
    for (let length = path.length; length > 0; length--) {
      const prefix = path.slice(0, length);
      const text = formatPath(prefix);
      if (paths.has(text)) break;
      paths.set(text, prefix);
    }
  }
  return paths;
}
