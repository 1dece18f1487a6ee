/**
 * Kubernetes objects as data: group/version/kind, metadata, selectors, quantities, times, Status errors, the JSON,
 * YAML and protobuf codecs and the three patch kinds.
 *
 * What it does not do: it knows no kind (see `nekube/api`), opens no file and no connection, and reads no clock.
 */
export * from './value.ts';
export * from './meta.ts';
export * from './field-error.ts';
export * from './status.ts';
export * from './names.ts';
export * from './ip.ts';
export * from './parse-error.ts';
export * from './label-selector.ts';
export * from './field-selector.ts';
