import type { JsonValue, KubeObject } from 'nekube/apimachinery';

/** A value of which any part may be left out, at every depth. Lists are stated whole, or by the keys of their items. */
export type DeepPartial<T> = T extends readonly (infer U)[]
  ? DeepPartial<U>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** The fields that a manager wants in an object: what an apply states. */
export type ApplyConfiguration<T extends KubeObject = KubeObject> = DeepPartial<Omit<T, 'metadata'>> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: DeepPartial<T['metadata']> & { readonly name: string };
};

/** As RFC 7386: `null` removes a field. */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: MergePatch<T[K]> | null }
    : T;

/** As RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

/** Kubernetes' merge patch: lists merge by the keys of their kind; `$patch`, `$retainKeys` and the like direct it. */
export type StrategicMergePatch<T> = T extends readonly (infer U)[]
  ? (StrategicMergePatch<U> | { readonly $patch: 'replace' | 'delete' })[]
  : T extends object
    ? { readonly [K in keyof T]?: StrategicMergePatch<T[K]> | null } & { readonly [K in `$${string}`]?: unknown }
    : T;

/** A patch, of one of three kinds. For the fourth see `Client.apply`. */
export type Patch<T extends KubeObject = KubeObject> =
  | { readonly merge: MergePatch<T> }
  | { readonly json: readonly JsonPatchOperation[] }
  | { readonly strategic: StrategicMergePatch<T> };
