import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** The disk of this machine. */
export const disk: Disk = {
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  write(path, text) {
    const temporary = `${path}.tmp`;
    makeFolder(dirname(path));
    // what a killed process left, or a link that somebody laid there
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, 'wx', 0o644);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  },
  move(from, to) {
    makeFolder(dirname(to));
    try {
      renameSync(from, to);
      syncFolder(dirname(to));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      disk.write(to, readFileSync(from, 'utf8'));
      disk.remove(from);
    }
  },
  claim(path, text) {
    makeFolder(dirname(path));
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  },
  remove(path) {
    rmSync(path, { recursive: true, force: true });
  },
};

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
      if (lstatSync(join(folder, part), { throwIfNoEntry: false })?.isSymbolicLink())
        throw new Error(`Cannot publish to ${JSON.stringify(part)}: it is a link, which may lead elsewhere; remove it`);
    }
  }
}

/** A file's name is on the disk when its folder is. */
function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
