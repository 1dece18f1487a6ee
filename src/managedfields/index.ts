/**
 * `metadata.managedFields` of Kubernetes objects: read, written and shown as kube-apiserver does. It stands between `smd`,
 * which knows sets of fields and nothing of Kubernetes, and those who work on objects: the API server that keeps the
 * entries, and tools that explain them on any cluster.
 *
 * What it does not do: it merges nothing (`nekube/smd`), decides nothing (`nekube/fieldpolicy`), and asks no server.
 */
export { CONFLICT_REASON, newConflictError, showManager } from './conflict-error.ts';
export {
  canonical,
  checkManagedFields,
  decodeManaged,
  encodeManaged,
  identifierOf,
  keepReset,
  type Managed,
  type ManagedEntry,
  managerInfo,
  type ManagerInfo,
  nothingManaged,
  secondsOf,
  withManagedFields,
  withOwned,
} from './managed.ts';
