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
// which kinds there are
export {
  type BuiltinResource,
  type BuiltinSubresource,
  builtinResources,
  findResource,
  findResourceOfKind,
} from './resources.ts';
export { storageVersionHash } from './storage-version.ts';
export { type BootstrapObjects, bootstrapObjects } from './bootstrap.ts';
// their types: decoding, conversion, merging, protobuf
export { type StructType, structType, typeOf } from './types/type.ts';
export { type GoFacts, type GoField, goFacts, goFields } from './types/go-types.ts';
export { type Decoded, DecodeError, type DecodeOptions, decodeObject, normalizeObject } from './decode.ts';
export { convert } from './conversion.ts';
export {
  type SmdAtom,
  type SmdField,
  type SmdList,
  type SmdMap,
  type SmdType,
  type SmdTypeDef,
  type SmdTypeRef,
  smdTypeOf,
  smdTypeOfSchema,
} from './smd-type.ts';
export { patchSchemaOf } from './patch-schema.ts';
export type { PatchField, PatchSchema } from 'nekube/apimachinery';
export { type ProtobufFacts, type ProtobufField, type ProtobufMessage, protobufFacts } from './protobuf-facts.ts';
// their rules: defaults, validation, strategy, and what only single groups have
export type { CellPrinter, ResourceRules, WriteContext, WriteRules } from './rules/resource-rules.ts';
export {
  type ObjectMetaOptions,
  validateFieldManager,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './rules/meta.ts';
export { type FieldLabel, fieldLabel } from './field-labels.ts';
export { invalidGo } from './rules/go-struct.ts';
export { tokenRequestRules } from './rules/authentication.ts';
export { admissionregistrationRulesWith } from './rules/admissionregistration.ts';
export type {
  ExpressionUse,
  PolicyCompiler,
  PolicyExpressions,
} from './rules/admissionregistration/expressions.ts';
export { customResourceDefinitionRules, type SchemaChecks } from './rules/apiextensions.ts';
export { type Approval, approvalOf, isProtectedGroup } from './rules/apiextensions/approval.ts';
export { findField, type FoundField } from './rules/apiextensions/field-path.ts';
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
// what is told of them: discovery, OpenAPI, Tables
export {
  aggregatedDiscoveryDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
  builtinGroups,
  type ServedGroup,
  type ServedResource,
  type ServedVersion,
} from './discovery.ts';
export { builtinOpenApiV2, type CustomSwagger, type OpenApiV2, openApiV2With } from './openapi-v2.ts';
export { builtinOpenApiV3, type OpenApiV3Document, openApiV3Document, openApiV3Index } from './openapi-v3.ts';
export { openApiSchemas, type SchemaFacts } from './facts.ts';
export { swaggerBody, swaggerParameter } from './openapi/swagger.ts';
export { openApiParameters } from './openapi/parameters.ts';
export { describedSchema } from './openapi/schemas.ts';
export { type TableColumn, tableColumns } from './table.ts';
export { nameAndCreation, scaleCells, tableCells, tableOrder, tableRowConditions } from './columns/index.ts';
