import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from 'nekube/files';
import { type Disk, diskBelow, refuseLinks } from './disk.ts';
import { LEDGER_FILE } from './ledger.ts';
import { lackOfRepository, openRepository, type Repository, RepositoryError } from './repository.ts';

/** Where to something is published. */
export interface PlaceOptions {
  /** A folder; with `commit` one in the work tree of a git repository. */
  readonly to: string;
  /** The files are committed; a text is the commit's message. */
  readonly commit?: boolean | string;
  /** The name of a remote that is configured, to which the commit is brought. */
  readonly push?: string;
  /** The disk to write a folder's files with; default: this machine's. */
  readonly disk?: (folder: string) => Disk;
}

/** A place that is open. */
export interface Place {
  readonly files: Disk;
  /** Where what is on its way waits. */
  readonly work: string;
  /** The folder that readers' files are in. */
  readonly to: string;
  readonly repository: Repository | undefined;
}

const WORK_FOLDER = '.nekube-weekly';

/**
 * Opens a place to publish to. Its folder is made, unless it is refused.
 *
 * @param makesFolder false: nothing is written, and git is asked from the nearest folder that there is
 *
 * Rejects with a RepositoryError where it is to be committed or pushed and cannot be, and an Error where a link would lead out of it.
 */
export async function openPlace(
  { to, commit, push, disk = diskBelow }: PlaceOptions,
  makesFolder = true,
): Promise<Place> {
  const files = disk(to);
  if (commit || push !== undefined) {
    const nearest = nearestFolder(to);
    const before = await openRepository(nearest);
    if (before === undefined)
      throw new RepositoryError(`Cannot commit: ${JSON.stringify(to)} ${await lackOfRepository(nearest)}`);
    if (commit) await before.requireCommit();
    if (push !== undefined) await before.requireRemote(push);
  }
  if (makesFolder) makeFolder(to);
  const repository = await openRepository(makesFolder ? to : nearestFolder(to));
  const work = repository === undefined ? join(to, WORK_FOLDER) : join(repository.gitFolder, 'nekube-weekly');
  refuseLinks(to, repository === undefined ? [WORK_FOLDER, LEDGER_FILE] : [LEDGER_FILE]);
  return { files, work, to, repository };
}

/** The folder, or the nearest one above it that exists. */
function nearestFolder(folder: string): string {
  let nearest = resolve(folder);
  while (!existsSync(nearest) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  return nearest;
}
