import { existsSync, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kernel } from 'nekube/bpf';
import { Links } from './links.ts';

/** Where a node's maps and links are pinned, unless another folder is said. */
export const DEFAULT_PINS = '/sys/fs/bpf/nekube';
/** Where the kernel has a place for a bpffs. */
const USUAL_BPFFS = '/sys/fs/bpf';

/**
 * The version of what maps mean, beyond the names and types of their fields: with another one an agent has maps of its own, and takes
 * over only the places of programs.
 */
export const LAYOUT_VERSION = 1;

/** The folders below that of a node. */
export interface PinFolders {
  readonly maps: string;
  /** Maps of sockets alone, which there may be none of. */
  readonly sockets: string;
  readonly links: string;
}

/** The folders of what is pinned. */
export function pinFolders(folder: string): PinFolders {
  const maps = join(folder, `v${LAYOUT_VERSION}`);
  return { maps, sockets: `${maps}-sockets`, links: join(folder, 'links') };
}

/** Sees to it that the folder is in a bpffs, which is mounted where there is none: at its usual place, or else at the folder. */
export function ensurePinFolder(folder: string): void {
  if (kernel.isBpffs(existingAbove(folder))) return;
  kernel.ensureBpffs(folder.startsWith(`${USUAL_BPFFS}/`) && existsSync(USUAL_BPFFS) ? USUAL_BPFFS : folder);
}

/**
 * Whether something is pinned there.
 *
 * @throws Error it may not be looked
 */
export function isPinned(folder: string): boolean {
  const { maps, links } = pinFolders(folder);
  return [maps, links].some((one) => {
    try {
      return statSync(one) !== undefined;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  });
}

/** Removes maps of other versions, which nothing uses any more. */
export function removeOtherVersions(folder: string): void {
  for (const other of foldersIn(folder)) if (!Object.values(pinFolders(folder)).includes(other)) removeFiles(other);
}

/** What was removed. */
export interface Removed {
  readonly links: readonly string[];
  readonly maps: number;
}

/** Detaches all programs whose links are pinned below the folder, and removes all maps of all versions; nothing is left. */
export function removePins(folder: string): Removed {
  const links = new Links({ folder: pinFolders(folder).links }).detachOthers();
  let maps = 0;
  for (const version of foldersIn(folder)) maps += removeFiles(version);
  removeFolder(folder);
  return { links, maps };
}

function removeFiles(folder: string): number {
  const files = readdirSync(folder);
  for (const file of files) unlinkSync(join(folder, file));
  rmdirSync(folder);
  return files.length;
}

/** A folder at which a bpffs was mounted for this is no longer mounted. */
function removeFolder(folder: string): void {
  // the kernel itself has files at the top of each
  if (!existsSync(folder) || readdirSync(folder).some((file) => !file.endsWith('.debug'))) return;
  if (statSync(folder).dev !== statSync(dirname(folder)).dev) kernel.unmountBpffs(folder);
  if (folder !== USUAL_BPFFS) rmdirSync(folder);
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name === 'links' || /^v\d+(-sockets)?$/.test(name))
    .map((name) => join(folder, name));
}

function existingAbove(folder: string): string {
  return existsSync(folder) ? folder : existingAbove(dirname(folder));
}
