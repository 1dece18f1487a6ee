import { createHash } from 'node:crypto';
import type { GroupVersionKind } from 'nekube/apimachinery';

/**
 * The opaque hash by which clients see that a resource is stored as another kind than before: the first eight bytes
 * of the SHA-256 of `group/version/kind`, in base64.
 */
export function storageVersionHash({ group, version, kind }: GroupVersionKind): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}
