import type { KubeObject } from 'nekube/apimachinery';
import type { ManagerInfo } from 'nekube/managedfields';
import type { Decision, FieldPath, Value } from 'nekube/smd';

/** A field that an apply would change and another manager owns. */
export interface OwnedField {
  /** In the version that the owner wrote in. */
  readonly path: FieldPath;
  readonly owner: ManagerInfo;
  /** When the owner's entry was last changed; undefined for who never changed anything. */
  readonly time: string | undefined;
  /** Undefined where the object has nothing there, in the version of the apply. */
  readonly live: Value | undefined;
  readonly applied: Value | undefined;
}

/**
 * Decides what becomes of the fields that an apply is in conflict over, all at once: one decision each, in their order. It
 * has no effects, since an apply may be made again: after a race, or when a conversion is there.
 *
 * @param taken makes the object as it is if the apply takes everything. @throws StatusError where that cannot be
 */
export type DecideOwned = (fields: readonly OwnedField[], taken: () => KubeObject) => readonly Decision[];
