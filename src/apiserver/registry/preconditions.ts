import { goQuote, invalid, type KubeObject, newConflict, newFailure, newInvalid, Path } from 'nekube/apimachinery';
import type { Entry } from 'nekube/storage';
import { groupResource, type ServedResource } from './served.ts';

const OPTIMISTIC_LOCK = 'the object has been modified; please apply your changes to the latest version and try again';

/** A new object has no version yet. @throws StatusError */
export function checkCreateVersion(object: KubeObject): void {
  const version = object.metadata.resourceVersion ?? '';
  if (uint64Problem(version) === undefined && Number(version) !== 0)
    throw newFailure(500, '', 'resourceVersion should not be set on objects to be created');
}

/**
 * Compares the uid that the stored object must have with its own.
 *
 * @throws StatusError Conflict, in the words of kube-apiserver's storage layer, with the key that etcd has
 */
export function checkUid(
  resource: ServedResource,
  key: string,
  name: string,
  current: KubeObject | undefined,
  uid: string | undefined,
): void {
  if (uid === undefined || uid === '' || uid === current?.metadata.uid) return;
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current?.metadata.uid ?? ''}`;
  const text = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  throw newConflict(groupResource(resource), name, text);
}

/**
 * Compares the object's resourceVersion with the stored one; without one the update is unconditional if it may be.
 *
 * @throws StatusError Conflict, Invalid
 */
export function checkVersion(resource: ServedResource, name: string, object: KubeObject, head: Entry): void {
  const text = object.metadata.resourceVersion ?? '';
  const version = parseResourceVersion(text);
  if (version === 0 && (resource.rules.allowUnconditionalUpdate ?? true)) {
    object.metadata.resourceVersion = String(head.modRevision);
    return;
  }
  if (version === 0) {
    const error = invalid(Path.of('metadata', 'resourceVersion'), 0, 'must be specified for an update');
    throw newInvalid(groupResource(resource), name, [error]);
  }
  if (version !== head.modRevision) throw newConflict(groupResource(resource), name, OPTIMISTIC_LOCK);
}

/** @throws StatusError 500 with Go's message for what is not a number */
function parseResourceVersion(text: string): number {
  if (text === '' || text === '0') return 0;
  const problem = uint64Problem(text);
  if (problem !== undefined) throw newFailure(500, '', problem);
  return Number(text);
}

/** Why Go does not read a text as an uint64; undefined if it does. */
export function uint64Problem(text: string): string | undefined {
  const isNumber = /^\d+$/.test(text);
  if (isNumber && text.replace(/^0+/, '').length <= 20 && BigInt(text) < 2n ** 64n) return undefined;
  return `strconv.ParseUint: parsing ${goQuote(text)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`;
}
