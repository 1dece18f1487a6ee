import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file of a volume. */
export interface VolumeFile {
  readonly data: Buffer;
  readonly mode: number;
}

/** What the names in the folder lead to, and what that leads to. */
const DATA = '..data';

/**
 * Makes a folder hold these files and no others, all at once: readers see the files of before, or those of now. As the
 * kubelet has it, names are links into `..data`, which is a link to a folder of its own for each state.
 *
 * @returns whether anything changed
 */
export function writeAtomically(dir: string, files: ReadonlyMap<string, VolumeFile>, stamp: string): boolean {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const link = join(dir, DATA);
  const before = existsSync(link) ? readlinkSync(link) : undefined;
  if (before !== undefined && holds(join(dir, before), files)) return false;
  const state = `..${stamp}`;
  mkdirSync(join(dir, state), { mode: 0o755 });
  for (const [path, { data, mode }] of files) {
    const file = join(dir, state, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, data, { mode });
  }
  symlinkSync(state, `${link}_tmp`);
  renameSync(`${link}_tmp`, link);
  const tops = new Set([...files.keys()].map((path) => path.split('/')[0]!));
  for (const top of tops) if (!isLink(join(dir, top))) symlinkSync(join(DATA, top), join(dir, top));
  for (const name of readdirSync(dir)) {
    if (!name.startsWith('..') && !tops.has(name)) rmSync(join(dir, name), { force: true });
  }
  if (before !== undefined) rmSync(join(dir, before), { recursive: true, force: true });
  return true;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function holds(dir: string, files: ReadonlyMap<string, VolumeFile>): boolean {
  const there = (readdirSync(dir, { recursive: true, withFileTypes: true }) as { isFile(): boolean }[]).filter((one) =>
    one.isFile(),
  );
  if (there.length !== files.size) return false;
  return [...files].every(([path, { data }]) => {
    try {
      return readFileSync(join(dir, path)).equals(data);
    } catch {
      return false;
    }
  });
}
