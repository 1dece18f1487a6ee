import { namespacedName } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';

/**
 * Which object has a name, by its uid, so that a reconciler can forget what it knew of one that is gone, or whose name another
 * has now: a request is a key, and says nothing of either.
 */
export class Incarnations {
  readonly #uids = new Map<string, string>();

  /** To be told at each request; undefined: nothing has the name. @returns the uid of the one that had the name, if it is gone */
  replace(key: ObjectKey, uid: string | undefined): string | undefined {
    const text = namespacedName(key);
    const before = this.#uids.get(text);
    if (uid === undefined) this.#uids.delete(text);
    else this.#uids.set(text, uid);
    return before === uid ? undefined : before;
  }
}
