/**
 * Kubernetes objects as data: group/version/kind, metadata, selectors, quantities, times, Status errors, the JSON,
 * YAML and protobuf codecs and the three patch kinds.
 *
 * What it does not do: it knows no kind (see `nekube/api`), opens no file and no connection, and reads no clock;
 * the one timer is that of `signalWithin`, which is here as the server and its clients share no other ground.
 */
export * from './value.ts';
export * from './meta.ts';
export * from './field-error.ts';
export * from './server-response.ts';
export * from './status.ts';
export * from './names.ts';
export * from './ip.ts';
export * from './error-text.ts';
export * from './parse-error.ts';
export { type Named, namespacedName } from './namespaced-name.ts';
export * from './label-selector.ts';
export * from './field-selector.ts';
export * from './webhook-client-config.ts';
export { parseJson, setMember, stringifyJson } from './json.ts';
export { findDuplicateFields, strictFieldError, strictFieldErrors } from './json-fields.ts';
export * from './quantity.ts';
export * from './time.ts';
export * from './duration.ts';
export { signalWithin } from './signal-within.ts';
export * from './random.ts';
export * from './go-format.ts';
export * from './regexp.ts';
export * from './patch-error.ts';
export * from './json-patch.ts';
export { diffJson, type JsonDifference } from './json-patch-diff.ts';
export * from './json-patch-text.ts';
export * from './merge-patch.ts';
export {
  applyStrategicMergePatch,
  strategicMergeInPlace,
  type PatchField,
  type PatchSchema,
} from './strategic-merge.ts';
export * from './yaml.ts';
export { composeYaml, type YamlNode } from './yaml-compose.ts';
export { stringifyYaml, type YamlLine, yamlLines } from './yaml-emit.ts';
export * from './protobuf.ts';
export * from './protobuf-facts.ts';
export { BYTES, ProtoReader, ProtoWriter, VARINT } from './protobuf-wire.ts';
