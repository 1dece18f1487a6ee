/**
 * Structured merge and diff (KEP-555): which fields a configuration mentions, how it merges into an object, who owns
 * what, and who conflicts with whom. Equal in its results to sigs.k8s.io/structured-merge-diff 6.3.3.
 *
 * - `fieldpath`: path elements, paths and patterns for them, sets of paths and their form on the wire (FieldsV1), filters
 * - `schema`: types as data, and compiled
 * - `typed`: values with their types: validate, merge, compare, remove, extract
 * - `merge`: apply and update with managers, conflicts and force, over several versions
 * - `decide`: an apply whose conflicts are decided one by one
 *
 * What it does not do: it knows nothing of Kubernetes, reads no clock, and imports nothing of ours. Values are plain
 * JSON with `bigint` for integers beyond 2^53 and are never changed; results share parts with operands. Conflicts and
 * violations are returned, not thrown.
 */
export type { Value, ValueMap } from './value/value.ts';
export { compareValues, equalValues } from './value/value.ts';
export {
  compareElements,
  ElementKind,
  fieldElement,
  indexElement,
  type KeyField,
  keyElement,
  PathElement,
  valueElement,
} from './fieldpath/path-element.ts';
export { comparePaths, type FieldPath, formatPath, pathOf } from './fieldpath/path.ts';
export {
  isMalformedPattern,
  type MalformedPattern,
  parsePathPattern,
  PathPattern,
  patternOf,
} from './fieldpath/path-pattern.ts';
export { emptySet, type FieldNode, FieldSet } from './fieldpath/set.ts';
export {
  elementFromText,
  fieldSetFromJson,
  fieldSetToJson,
  fieldSetToText,
  isMalformed,
  type MalformedFields,
} from './fieldpath/fields-v1.ts';
export {
  anyElement,
  excludeFilter,
  type FieldFilter,
  type FieldMatcher,
  includeFilter,
  prefixMatcher,
} from './fieldpath/filter.ts';
export type {
  AtomData,
  ElementRelationship,
  FieldData,
  ListData,
  MapData,
  ScalarType,
  SchemaData,
  TypeData,
  TypeRefData,
} from './schema/schema-data.ts';
export { type Atom, type ListType, type MapType, Schema, Shape, type StructField, TypeRef } from './schema/schema.ts';
export { type ExtractOptions, TypedValue, typed, type ValidationOptions } from './typed/typed-value.ts';
export { deducedType, ParseableType } from './typed/parseable-type.ts';
export { type Comparison, filterComparison, isSame } from './typed/compare.ts';
export { reconcileFieldSet } from './typed/reconcile.ts';
export { type Violation, Violations } from './typed/violations.ts';
export { valueAt } from './typed/value-at.ts';
export {
  applyDecided,
  type DecidedApply,
  type DecidedConflict,
  type DecideConflicts,
} from './decide/apply-decided.ts';
export { changedFields } from './decide/changed-fields.ts';
export { type Decision, keepsLiveValue, strictestByField } from './decide/decision.ts';
export { decidedConfig } from './decide/edit-config.ts';
export { differenceOfManagers, equalManagers, type Managers, type VersionedSet } from './merge/managers.ts';
export { type Conflict, Conflicts } from './merge/conflict.ts';
export {
  type Applied,
  type Change,
  type Converter,
  type ForcedFields,
  type Updated,
  Updater,
  type UpdaterOptions,
} from './merge/updater.ts';
