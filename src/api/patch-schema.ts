/** What strategic merge patch knows of the fields of a struct (x-kubernetes-patch-strategy and -merge-key). */
export interface PatchSchema {
  /** Undefined for a field that the struct has not. */
  field(name: string): PatchField | undefined;
}

/** What strategic merge patch knows of a field. */
export interface PatchField {
  /** Of the struct the field holds, or of the elements of its list or map. */
  readonly schema?: PatchSchema;
  /** The field by which elements of a list of structs are the same. */
  readonly mergeKey?: string;
  /** `merge`, `replace`, `retainKeys`; none means replace for a list, merge for a struct. */
  readonly strategies: readonly string[];
}

/** The schema by which strategic merge patches of a kind work; undefined when the kind is not served. */
export function patchSchemaOf(_apiVersion: string, _kind: string): PatchSchema | undefined {
  return undefined;
}
