// Who owns which field of an object (metadata.managedFields), and server-side apply (KEP-555): one FieldManager for each
// endpoint that writes a resource. It takes objects and gives objects; reading and storing them is the handlers'.
export { type ConvertLater, goOn } from './conversions.ts';
export type { DecideOwned, OwnedField } from './decide.ts';
export { FieldManager, type FieldManagerOptions } from './field-manager.ts';
export { type FieldsPattern, keepFilter, parseableTypeOf, resetFilter } from './fields.ts';
export { type ReplicasPaths, scaleEntriesOf, withScaleEntries } from './scale.ts';
export { ignoreManagedFieldsTimestamps } from './timestamps.ts';
