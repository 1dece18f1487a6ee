import type { KubeObject, OwnerReference } from 'nekube/apimachinery';
import { FOREGROUND, ORPHAN } from './node.ts';

/** The owners of an object by what is known of them. */
export interface Owners {
  /** There, and to stay or to go without waiting for anybody. */
  readonly solid: readonly OwnerReference[];
  /** Not there. */
  readonly dangling: readonly OwnerReference[];
  /** There, deleted, and waiting for its dependents. */
  readonly waiting: readonly OwnerReference[];
}

/** What is to be done with an object that has owners. */
export type Verdict =
  | { readonly does: 'keep' }
  /** It stays, without these owners. */
  | { readonly does: 'release'; readonly uids: readonly string[] }
  /** It goes; `unblocks`: it must not block its owners any more, or both would wait for ever. */
  | {
      readonly does: 'delete';
      readonly policy: 'Background' | 'Foreground' | 'Orphan';
      readonly unblocks?: boolean;
    };

/**
 * Decides over an object: whoever has an owner that stays, stays.
 *
 * @param dependents of the object; each says whether it waits for its own
 */
export function verdictOn(
  { metadata }: Pick<KubeObject, 'metadata'>,
  { solid, dangling, waiting }: Owners,
  dependents: Iterable<{ readonly deletingDependents: boolean }>,
): Verdict {
  if (solid.length > 0) {
    const uids = [...dangling, ...waiting].map(({ uid }) => uid);
    return uids.length === 0 ? { does: 'keep' } : { does: 'release', uids };
  }
  const below = [...dependents];
  if (waiting.length > 0 && below.length > 0) {
    const unblocks = below.some(({ deletingDependents }) => deletingDependents);
    return { does: 'delete', policy: 'Foreground', ...(unblocks && { unblocks }) };
  }
  const finalizers = metadata.finalizers ?? [];
  if (finalizers.includes(ORPHAN)) return { does: 'delete', policy: 'Orphan' };
  return { does: 'delete', policy: finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background' };
}
