/**
 * The built-in kinds as data, and one generic mapper for all of them: which groups, versions, resources and
 * subresources there are; types that decode and normalise objects as the Go structs do; schemas for structured and
 * strategic merge; conversion between versions; defaults, validation and strategy as declarative rules; discovery and
 * OpenAPI documents; columns of Tables; the objects a fresh server makes.
 *
 * The facts in `facts/` are generated from a running kube-apiserver and from the Go types (see NOTICE). They are
 * read at first use and compiled a kind at a time, so importing this room costs nearly nothing.
 *
 * What it does not do: it serves no request, stores nothing and knows no custom resource.
 */
export * from './resources.ts';
export {
  type ObjectMetaOptions,
  validateFieldManager,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './rules/meta.ts';
export { type Approval, approvalOf, isProtectedGroup } from './rules/apiextensions/approval.ts';
export { findField, type FoundField } from './rules/apiextensions/field-path.ts';
export { invalidGo } from './rules/go-struct.ts';
export { admissionregistrationRulesWith } from './rules/admissionregistration.ts';
export type {
  ExpressionUse,
  PolicyCompiler,
  PolicyExpressions,
} from './rules/admissionregistration/expressions.ts';
export { customResourceDefinitionRules, type SchemaChecks } from './rules/apiextensions.ts';
export type { CellPrinter, ResourceRules, WriteContext, WriteRules } from './rules/resource-rules.ts';
export { type StructType, structType, typeOf } from './types/type.ts';
export * from './decode.ts';
export * from './smd-type.ts';
export { patchSchemaOf } from './patch-schema.ts';
export type { PatchField, PatchSchema } from 'nekube/apimachinery';
export * from './conversion.ts';
export * from './storage-version.ts';
export * from './field-labels.ts';
export * from './discovery.ts';
export * from './openapi-v3.ts';
export * from './openapi-v2.ts';
export * from './bootstrap.ts';
export * from './table.ts';
export * from './columns/index.ts';
export * from './protobuf-facts.ts';
export {
  type Allocation,
  AllocationError,
  allocateServiceCreate,
  allocateServiceUpdate,
  ipAddressOf,
  type IpFamily,
  releaseService,
  type ServiceAllocator,
} from './rules/core/service-allocation.ts';
export { MemoryServiceAllocator, type ServiceRanges } from './rules/core/service-ranges.ts';
export { mandatoryFlowControl } from './rules/flowcontrol/mandatory.ts';
export { openApiSchemas, type SchemaFacts } from './facts.ts';
export { openApiParameters } from './openapi/parameters.ts';
export { describedSchema } from './openapi/schemas.ts';
