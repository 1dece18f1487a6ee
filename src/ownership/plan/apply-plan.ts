import type { JsonValue, KubeObject, StatusError } from 'nekube/apimachinery';
import type { FieldPath } from 'nekube/smd';
import type { Claim } from '../conflict-causes.ts';
import type { Verdict } from '../decided-configuration.ts';
import type { Configuration } from '../field-conflicts.ts';

/**
 * What becomes of a field.
 *
 * - `set`: it gets the applied value, which it did not have
 * - `unchanged`: it has the applied value, and the manager owns it from now on if it did not
 * - `removed`: the manager applied it before and does not any more, and nobody else owns it; or it yields, and goes with
 *   the part it is in, which the manager applied before
 * - `kept`: the same, and it stays nevertheless
 * - `conflict`: another owns it and wants another value, and nothing decides that
 * - `yielded`: such a conflict, in which the live value stays and the manager does not own it
 * - `shared`: such a conflict, in which the live value stays and both own it
 * - `server`: nobody applies it here; the server changes it (defaults, admission)
 */
export type PlannedAction = 'set' | 'unchanged' | 'removed' | 'kept' | 'conflict' | 'yielded' | 'shared' | 'server';

/** What becomes of one field. */
export interface PlannedField {
  readonly path: FieldPath;
  readonly action: PlannedAction;
  /** Undefined where there is none. */
  readonly live: JsonValue | undefined;
  readonly applied: JsonValue | undefined;
  /** After the apply; of a conflict that nothing decides, after a forced one. */
  readonly result: JsonValue | undefined;
  /** Who else owns it before the apply; of a field that is kept, why it is: nobody means that the server sets it. */
  readonly others: readonly Claim[];
  /** The manager did not own it before, and does afterwards. */
  readonly claimed: boolean;
  /** Of a conflict: what was decided, and by what. */
  readonly verdict?: Verdict;
}

/** What is not wrong with an apply, but rarely meant. */
export interface PlanWarning {
  /**
   * - `Atomic`: a part is replaced as a whole, and what others put into it goes
   * - `ListKey`: an item is new beside one that was to be changed: an item with another key is another item
   * - `Yielded`: what yields does not stay: the part it is in goes, since the manager does not apply that any more
   * - `UpdateManager`: client-side apply, or the same manager by updates, owns what is applied; `fix` migrates
   * - `ForcedApply`: the server would refuse it with force, too
   * - `ChangedByServer`: the server makes something else of an applied value
   * - `NoSchema`: the cluster does not state the kind's schema, so that lists are taken for atomic
   * - `ManagedFields`: an entry of managedFields could not be read
   * - `NotTried`: the server could not be asked, since the namespace or the kind is to be created, too
   */
  readonly type:
    | 'Atomic'
    | 'ListKey'
    | 'Yielded'
    | 'UpdateManager'
    | 'ForcedApply'
    | 'ChangedByServer'
    | 'NoSchema'
    | 'ManagedFields'
    | 'NotTried';
  readonly message: string;
  readonly paths: readonly FieldPath[];
  /** What the message tells of, by name, for who says it in another language. */
  readonly facts?: Readonly<Record<string, string>>;
  /** What mends it, as a command where there is one. */
  readonly fix?: string;
}

/**
 * How an apply would end.
 *
 * - `created`, `changed`: the object is new, or becomes another
 * - `owners`: the object stays as it is, and other managers own its fields
 * - `none`: nothing changes at all
 * - `conflict`: it is refused, since nothing decides its conflicts
 * - `error`: it is refused for something else
 */
export type PlanOutcome = 'created' | 'changed' | 'owners' | 'none' | 'conflict' | 'error';

/** What an apply would do to an object. */
export interface ApplyPlan {
  readonly configuration: Configuration;
  readonly fieldManager: string;
  readonly outcome: PlanOutcome;
  /** The object before; undefined: there is none. */
  readonly live: KubeObject | undefined;
  /** The object afterwards, with its owners; undefined where the apply is refused. */
  readonly after: KubeObject | undefined;
  readonly fields: readonly PlannedField[];
  readonly warnings: readonly PlanWarning[];
  /** Why the apply is refused; absent where nobody serves the kind. */
  readonly error?: StatusError;
}
