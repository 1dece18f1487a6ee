import type { JsonValue, KubeObject } from 'nekube/apimachinery';

/** A value of which any part may be left out, at every depth. Lists are stated whole, or by the keys of their items. */
export type DeepPartial<T> = T extends readonly (infer U)[]
  ? DeepPartial<U>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** The fields that a manager wants in an object: what an apply states. The metadata that servers write are left out. */
export type ApplyConfiguration<T extends KubeObject = KubeObject> = DeepPartial<
  Omit<T, 'apiVersion' | 'kind' | 'metadata'>
> & {
  readonly apiVersion: T['apiVersion'] & string;
  readonly kind: T['kind'] & string;
  readonly metadata: DeepPartial<T['metadata']> & { readonly name: string; readonly managedFields?: never };
};

/** As RFC 7386: `null` removes a field, and lists are replaced. */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: MergePatch<T[K]> | null }
    : T;

/** As RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue | object }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/**
 * Kubernetes' merge patch, for built-in kinds: lists merge by the keys of their items, `null` removes a field, and what
 * begins with `$` directs it.
 */
export type StrategicMergePatch<T> = T extends readonly (infer U)[]
  ? (StrategicMergePatch<U> | WholeListDirective)[]
  : T extends object
    ? { readonly [K in keyof T]?: StrategicMergePatch<T[K]> | null } & StrategicDirectives<T>
    : T;

/** What directs the merge of an object. */
export interface StrategicDirectives<T> {
  /** `delete`: this item, or object, goes; `replace`: it becomes what the patch has. */
  readonly $patch?: 'delete' | 'merge' | 'replace';
  /** For a union: all fields but these go. */
  readonly $retainKeys?: readonly (keyof T)[];
  /** In which order a list's items will be; an item is stated by its key. */
  readonly [order: `$setElementOrder/${string}`]: readonly unknown[];
  /** Which values go from a list of values. */
  readonly [values: `$deleteFromPrimitiveList/${string}`]: readonly (string | number)[];
}

/** An item that is about its list as a whole. */
export interface WholeListDirective {
  readonly $patch: 'replace';
}

/** A patch, of one of three kinds. For the fourth see `Client.apply`. */
export type Patch<T extends KubeObject = KubeObject> =
  | { readonly merge: MergePatch<T> }
  | { readonly json: readonly JsonPatchOperation[] }
  | { readonly strategic: StrategicMergePatch<T> };
