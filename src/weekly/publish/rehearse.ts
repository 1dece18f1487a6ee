import { join, relative } from 'node:path';
import type { IssueDocument } from '../issue/model.ts';
import type { Disk } from './disk.ts';
import { lineDiff } from './line-diff.ts';
import { openPlace, type Place } from './place.ts';
import { publishTo, type Published, type PublishOptions } from './publish.ts';
import type { Repository } from './repository.ts';

/** A file that publishing would write. */
export interface PlannedFile {
  /** From the folder. */
  readonly path: string;
  /** Whether it takes the place of one. */
  readonly isThere: boolean;
  /** From what is there to what would be. */
  readonly diff: string;
}

/** What publishing would do. */
export interface Rehearsal extends Published {
  /** In the order in which they would be; nothing is ever deleted. */
  readonly files: readonly PlannedFile[];
  /** The messages of the commits; the first may be of what an earlier run began. */
  readonly commits: readonly string[];
  /** The branch that they would be made on, and pushed. */
  readonly branch?: string;
  /** The remotes that would be pushed to. */
  readonly pushes: readonly string[];
}

/**
 * Publishes an issue without writing: the same is done as by `publishIssue`, to a folder in memory above that of the disk, and to a
 * repository that only notes what it is asked for. So it refuses what that would refuse, but for what only writing tells: rights, a full
 * disk, a hook, a remote.
 */
export async function rehearseIssue(issue: IssueDocument, options: PublishOptions): Promise<Rehearsal> {
  const written = new Map<string, string | undefined>();
  const commits: string[] = [];
  const pushes: string[] = [];
  const place = await openPlace(options, false);
  const { files: disk, repository, to, work } = place;
  const files = diskAbove(disk, written);
  const notes: Place = {
    ...place,
    files,
    ...(repository && { repository: notingRepository(repository, { files, to, commits, pushes }) }),
  };
  const published = await publishTo(notes, issue, options);
  const planned = [...written]
    .filter(([path, text]) => isBelow(to, path) && !isBelow(work, path) && text !== disk.read(path))
    .map(([path, text]): PlannedFile => {
      const there = disk.read(path);
      return { path: relative(to, path), isThere: there !== undefined, diff: lineDiff(there ?? '', text ?? '') };
    });
  const branch = repository?.branch;
  return { ...published, files: planned, commits, pushes, ...(branch !== undefined && { branch }) };
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(join(folder, '/'));
}

/** A disk whose writes stay in memory. @param written the texts by path; undefined: removed */
function diskAbove(disk: Disk, written: Map<string, string | undefined>): Disk {
  const read = (path: string): string | undefined => (written.has(path) ? written.get(path) : disk.read(path));
  return {
    read,
    write: (path, text) => void written.set(path, text),
    move(from, to) {
      written.set(to, read(from));
      written.set(from, undefined);
    },
    claim(path, text) {
      if (read(path) !== undefined) return false;
      written.set(path, text);
      return true;
    },
    remove: (path) => void written.set(path, undefined),
  };
}

interface Notes extends Pick<Place, 'files' | 'to'> {
  readonly commits: string[];
  readonly pushes: string[];
}

function notingRepository(repository: Repository, { files, to, commits, pushes }: Notes): Repository {
  const committed = new Map<string, string>();
  const isCommitted = async (path: string, text: string): Promise<boolean> =>
    committed.has(path) ? committed.get(path) === text : await repository.hasCommitted(path, text);
  return {
    ...repository,
    async commit(paths, message) {
      const texts = paths.map((path) => [join(to, path), files.read(join(to, path)) ?? ''] as const);
      const are = await Promise.all(texts.map(([path, text]) => isCommitted(path, text)));
      if (!are.every(Boolean)) commits.push(message);
      for (const [path, text] of texts) committed.set(path, text);
      return undefined;
    },
    async push(remote) {
      if (commits.length > 0 || !(await repository.isPushed(remote))) pushes.push(remote);
    },
  };
}
