import type { Kep } from '../model/kep.ts';
import { blobTexts, git, GitError, isShallow } from '../git/git.ts';
import { LOG_ARGUMENTS, readLog } from './read-log.ts';
import { changesOf, folderHistories, type KepChange } from './timeline.ts';

/** What became of a KEP. */
export interface KepHistory {
  /** The oldest first. */
  readonly changes: readonly KepChange[];
  /** When something in its folder changed last: `2021-11-02T10:11:12Z`. */
  readonly changed: string;
}

/**
 * The histories of KEPs by the commits of the main line, by their names. A change is dated by the merge that brought it.
 *
 * @param commit the newest that counts
 * @throws GitError: there is no repository or no git, or it is a shallow clone: all would begin where that does
 */
export function historiesOf(root: string, keps: readonly Kep[], commit = 'HEAD'): ReadonlyMap<string, KepHistory> {
  if (isShallow(root)) throw new GitError('the clone is shallow, and has no history: git fetch --unshallow brings it');
  const log = git(root, [...LOG_ARGUMENTS, commit, '--', 'keps']).toString();
  const folders = folderHistories(readLog(log));
  const own = keps.flatMap((kep) => {
    const history = folders.get(kep.path);
    return history === undefined ? [] : [{ kep, history }];
  });
  const texts = blobTexts(
    root,
    own.flatMap(({ history }) => history.versions.flatMap(({ oid }) => oid ?? [])),
  );
  return new Map(
    own.map(({ kep, history }) => [
      kep.name,
      { changes: changesOf(kep.path, history.versions, texts), changed: history.last.time },
    ]),
  );
}
