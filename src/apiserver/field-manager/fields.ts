import type { SmdType } from 'nekube/api';
import {
  anyElement,
  excludeFilter,
  type FieldFilter,
  FieldSet,
  includeFilter,
  ParseableType,
  pathOf,
  prefixMatcher,
  Schema,
} from 'nekube/smd';

const types = new WeakMap<SmdType, ParseableType>();

/** The type that a kind's objects are merged as; the same for the same data, so that values of it can be merged. */
export function parseableTypeOf(data: SmdType): ParseableType {
  let type = types.get(data);
  if (type === undefined) {
    type = new ParseableType(new Schema(data.schema).type(data.typeName));
    types.set(data, type);
  }
  return type;
}

/** Names of fields on the way to one; `*` is any entry or item. */
export type FieldsPattern = readonly string[];

/** Nobody owns these fields through an endpoint, nor what is below them: its strategy resets them. */
export function resetFilter(paths: readonly FieldsPattern[]): FieldFilter {
  return excludeFilter(FieldSet.of(...paths.map((path) => pathOf(...path))));
}

/** Only these fields, and what is below them, can be owned through an endpoint. */
export function keepFilter(patterns: readonly FieldsPattern[]): FieldFilter {
  return includeFilter(
    ...patterns.map((pattern) => prefixMatcher(...pattern.map((part) => (part === '*' ? anyElement : part)))),
  );
}
