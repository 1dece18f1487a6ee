import { openApiFacts } from './facts.ts';

/** A reference to a type of a schema, or an inlined one (structured-merge-diff's TypeRef). */
export interface SmdTypeRef {
  readonly namedType?: string;
  readonly scalar?: 'numeric' | 'string' | 'boolean' | 'untyped';
  readonly list?: SmdList;
  readonly map?: SmdMap;
  /** Overrides the relationship of the named type. */
  readonly elementRelationship?: 'associative' | 'atomic' | 'separable';
}

/** A list; keys only where it is associative and its elements are maps. */
export interface SmdList {
  readonly elementType: SmdTypeRef;
  readonly elementRelationship: 'associative' | 'atomic';
  readonly keys?: readonly string[];
}

/** A map or a struct. */
export interface SmdMap {
  readonly fields?: readonly { readonly name: string; readonly type: SmdTypeRef; readonly default?: unknown }[];
  readonly elementType?: SmdTypeRef;
  readonly elementRelationship?: 'atomic' | 'separable';
}

/** A named type of a schema. */
export interface SmdTypeDef extends SmdTypeRef {
  readonly name: string;
}

/** A kind's schema in structured-merge-diff's own form, with only the types reachable from it. */
export interface SmdType {
  readonly schema: { readonly types: readonly SmdTypeDef[] };
  /** Name of the kind's type among them. */
  readonly typeName: string;
}

/** The schema by which fields of a kind are owned and merged; undefined when the kind is not served. */
export function smdTypeOf(_apiVersion: string, _kind: string): SmdType | undefined {
  openApiFacts();
  return undefined;
}
