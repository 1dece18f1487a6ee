import { isStatusError } from 'nekube/apimachinery';

/** Whether a server refused to create something because its namespace goes. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    isStatusError(error) && (error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')
  );
}
