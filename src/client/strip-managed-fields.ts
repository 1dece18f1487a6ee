import type { KubeObject } from 'nekube/apimachinery';

/**
 * A transform for informers: leaves out who owns which field, which few readers need and which is often more than half
 * of an object. Do not send such an object to the server as an update, which would take all fields for the updater's.
 */
export function stripManagedFields<T extends KubeObject>(object: T): T {
  delete object.metadata.managedFields;
  return object;
}
