import type { FieldError, JsonValue, KubeObject } from 'nekube/apimachinery';

/** What a write may know beside its objects; everything comes from outside, so rules stay pure. */
export interface WriteContext {
  /** The time of the request. */
  readonly now: Date;
  /** The user that asks. */
  readonly user: {
    readonly name: string;
    readonly uid?: string;
    readonly groups: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  /** Makes a random UID, for kinds that are named by one where the client gives no name. */
  newUid?(): string;
}

/** How one part of a resource (the main object or a subresource such as `status`) is written. */
export interface WriteRules {
  /** Clears and sets what clients may not, before a create (kube-apiserver's strategy PrepareForCreate). */
  prepareForCreate?(object: KubeObject, context: WriteContext): void;
  /** The same before an update: keeps the halves this endpoint may not write, counts up `generation`. */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: WriteContext): void;
  /** Defects of kind and apiVersion; an object that has some is not looked at further. */
  validateTypeMeta?(object: KubeObject): FieldError[];
  /** Defects beyond `metadata` of an object to be created; paths start at the root. */
  validate?(object: KubeObject): FieldError[];
  /** Defects beyond `metadata` of an update; runs everything the real server runs, in its order. `warn` tells others. */
  validateUpdate?(object: KubeObject, old: KubeObject, warn?: (text: string) => void): FieldError[];
  /** Texts for `Warning` headers on create (`old` undefined) and update. */
  warnings?(object: KubeObject, old: KubeObject | undefined): string[];
  /** Top-level fields (as FieldsV1 paths, e.g. `['status']`) this endpoint ignores; apply does not own them. */
  resetFields?: readonly (readonly string[])[];
  /** The fields this endpoint writes, `*` for any element of a list; it ignores all others, as `resetFields`. */
  onlyFields?: readonly (readonly string[])[];
}

/**
 * All behaviour of a built-in resource beyond its types: one entry a resource in a file an API group.
 *
 * Objects are of the hub version (the version that is stored); `defaults` works on the version of the request.
 * Functions change the object they are given; they never touch `old`.
 */
export interface ResourceRules extends WriteRules {
  /** Sets defaults in place, by served version; `*` serves all versions. */
  defaults?: Readonly<Record<string, (object: KubeObject) => void>>;
  /** Messages for a bad name; `prefix` says that it is a generateName. Default: DNS subdomain. */
  nameCheck?(name: string, prefix: boolean): readonly string[];
  /** Subresources that are written through the same stored object (`status`, `approval`, `ephemeralcontainers`, …). */
  subresources?: Readonly<Record<string, WriteRules>>;
  /** Annotations that stand for a field of Go's internal type: Tables and partial objects are without them. */
  versionedAnnotations?: readonly string[];
  /** Finalizers of one word must be the old, known ones (default); custom resources take any qualified name. */
  knownFinalizers?: boolean;
  /** PUT to a missing name creates it. */
  allowCreateOnUpdate?: boolean;
  /** PUT without resourceVersion is accepted (default true). */
  allowUnconditionalUpdate?: boolean;
  /** Field selector keys beyond metadata.name and metadata.namespace, with their values. */
  selectableFields?(object: KubeObject): Record<string, string>;
  /** What becomes of dependents when a delete names no policy; `unsupported` ignores policies. Default: background. */
  defaultGarbageCollection?: 'background' | 'orphan' | 'unsupported';
  /**
   * For kinds that are deleted gracefully: the period in seconds that the object gets, where `requested` is what the
   * client asked for; 0 deletes at once.
   */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number;
  /**
   * For kinds whose DELETE only begins the deletion, and that are gone when something of their own is finished:
   * `begin` marks the object, and `isFinished` says that nothing of its own is left.
   */
  twoPhaseDeletion?: { begin(object: KubeObject): void; isFinished(object: KubeObject): boolean };
  /** Told as a warning when a DELETE does not say what becomes of dependents. */
  deleteWarning?: string;
  /** Annotations that the internal version has fields for; rows of Tables, which are made of it, do not show them. */
  internalAnnotations?: readonly string[];
  /** A finished DELETE answers with the object and not with a Status. */
  returnsDeletedObject?: boolean;
  /** Seconds after which an object expires; undefined for those that stay. */
  ttlSeconds?: number;
  /** Where `/scale` reads and writes. */
  scale?: { replicas: string; statusReplicas: string; selector: string };
}

/** Cells of a Table row, in the order of the facts' columns (all priorities). */
export type CellPrinter = (object: KubeObject, now: Date) => JsonValue[];
