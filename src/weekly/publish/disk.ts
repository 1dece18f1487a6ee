import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { makeFolder } from 'nekube/files';

/** What publishing does to files. Each step is on the disk when it returns; tests end the process between any two. */
export interface Disk {
  /** The text of a file, undefined if there is none. */
  read(path: string): string | undefined;
  /** Writes a file that is there whole or not at all. */
  write(path: string, text: string): void;
  /** Moves a file to where it takes the place of another. */
  move(from: string, to: string): void;
  /** Makes a file that must not be there; false if it is. */
  claim(path: string, text: string): boolean;
  /** Removes a file or a folder, if it is there. */
  remove(path: string): void;
}

/**
 * The disk of this machine, for a folder that others write to. No link below the folder is followed, also none that is laid there while we
 * write: each folder on the way is opened as one that is no link, and the next is looked for in what was opened. Node has no call for that,
 * but Linux has its open files as folders; elsewhere `refuseLinks` looks just before.
 *
 * @throws Error that names the file and why
 */
export function diskBelow(folder: string): Disk {
  const at = <R>(path: string, use: (path: string) => R): R => pinned(folder, path, true, use);
  const disk: Disk = {
    read(path) {
      try {
        return pinned(folder, path, false, (file) => {
          const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
          return closing(fd, () => readFileSync(fd, 'utf8'));
        });
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: (path, text) => at(path, (file) => writeWhole(file, text)),
    move(from, to) {
      const isMoved = at(from, (source) =>
        at(to, (target) => {
          try {
            makeFolder(dirname(target));
            renameSync(source, target);
            syncFolder(dirname(target));
            return true;
          } catch (error) {
            if (codeOf(error) === 'EXDEV') return false;
            throw error;
          }
        }),
      );
      if (isMoved) return;
      disk.write(to, disk.read(from)!);
      disk.remove(from);
    },
    claim: (path, text) =>
      at(path, (file) => {
        // whoever finds it finds it whole
        const whole = `${file}.${process.pid}`;
        try {
          makeFolder(dirname(file));
          writeFileSync(whole, text);
          linkSync(whole, file);
          return true;
        } catch (error) {
          if (codeOf(error) === 'EEXIST') return false;
          throw error;
        } finally {
          rmSync(whole, { force: true });
        }
      }),
    remove: (path) => at(path, (file) => rmSync(file, { recursive: true, force: true })),
  };
  return disk;
}

/**
 * Refuses paths below a folder that have a link in them: a repository that others write to could lead us out of it.
 *
 * @throws Error that names the link
 */
export function refuseLinks(folder: string, paths: readonly string[]): void {
  for (const path of paths) {
    const parts = path.split('/');
    for (const [i] of parts.entries()) {
      const part = parts.slice(0, i + 1).join('/');
      if (lstatSync(join(folder, part), { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(part);
    }
  }
}

function linkError(path: string): Error {
  return new Error(`Cannot publish to ${JSON.stringify(path)}: it is a link, which may lead elsewhere; remove it`);
}

/** Where this process finds its open files. */
const OPEN_FILES = '/proc/self/fd';
const canPin = existsSync(OPEN_FILES);

/** Uses a path below a folder as one in which no folder can be another by now. Those that are missing are made, or are an error. */
function pinned<R>(folder: string, path: string, makes: boolean, use: (path: string) => R): R {
  const parts = relative(folder, path).split(sep);
  const name = parts.pop()!;
  let fd: number | undefined;
  try {
    // what is elsewhere is ours: git's folder
    if (!canPin || parts[0] === '..') return use(path);
    fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    for (const [i, part] of parts.entries()) {
      const next = openFolder(`${OPEN_FILES}/${fd}/${part}`, parts.slice(0, i + 1).join('/'), makes);
      closeSync(fd);
      fd = next;
    }
    return use(`${OPEN_FILES}/${fd}/${name}`);
  } catch (error) {
    throw told(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Opens a folder that is no link. */
function openFolder(path: string, shown: string, makes: boolean): number {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  try {
    return openSync(path, flags);
  } catch (error) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(shown);
    if (codeOf(error) !== 'ENOENT' || !makes) throw error;
  }
  mkdirSync(path);
  syncFolder(dirname(path));
  return openSync(path, flags);
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  makeFolder(dirname(path));
  // what a killed process left, or a link that somebody laid there
  rmSync(temporary, { force: true });
  try {
    const fd = openSync(temporary, 'wx', 0o644);
    closing(fd, () => {
      writeFileSync(fd, text);
      fsyncSync(fd);
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** A file's name is on the disk when its folder is. */
function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  closing(fd, () => fsyncSync(fd));
}

function closing<R>(fd: number, use: () => R): R {
  try {
    return use();
  } finally {
    closeSync(fd);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EDQUOT: "the user's share of the disk is used up",
  EISDIR: 'a folder is there',
  ELOOP: 'it is a link, which may lead elsewhere; remove it',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is where a folder should be',
  EPERM: 'this user may not',
  EROFS: 'the disk can only be read',
};

/** An error of the system in words, with the file as it was asked for. */
function told(path: string, error: unknown): unknown {
  const why = WHY[codeOf(error) ?? ''];
  return why === undefined ? error : new Error(`Cannot publish to ${JSON.stringify(path)}: ${why}`, { cause: error });
}
