/** Resources of a cluster become a routing model and statuses: values in, values out. */
export { type Translation, translate, Translator } from './translator.ts';
export {
  keyOf,
  type Objects,
  SNAPSHOT_KINDS,
  type Snapshot,
  type SnapshotKind,
  snapshotOf,
} from './snapshot.ts';
/** What is read of objects. */
export type * from './resources.ts';
export { KNOWN_FEATURES } from '../model/features.ts';
export { XBACKEND_LABEL, xBackendLabel } from './slice-groups.ts';
export { readObjects } from './read-objects.ts';
