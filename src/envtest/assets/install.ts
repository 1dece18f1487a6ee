import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AssetsFolder, putPrograms } from './ensure.ts';
import { AssetsError } from './errors.ts';
import {
  ASSETS_VERSION,
  cacheRoot,
  type Place,
  platformName,
  readVersion,
  setupEnvtestRoot,
  thisPlace,
} from './places.ts';
import { currentMark, markOf } from './write.ts';

/** Where to, and under which name. */
export interface InstallOptions {
  /** The folder that holds `VERSION-OS-ARCH`; default: setup-envtest's store. */
  readonly dir?: string;
  readonly version?: string;
  /** The version by whose name the folder goes, where tests ask for another one; the programs stay what they are. */
  readonly as?: string;
  readonly place?: Place;
}

/**
 * Puts the programs where setup-envtest keeps what it has downloaded, and where controller-runtime looks for it first
 * when it would download them. A folder of real programs is never replaced.
 *
 * @throws AssetsError
 */
export function installAssets({ dir, version, as, place = thisPlace() }: InstallOptions = {}): AssetsFolder {
  const kubernetes = version === undefined ? ASSETS_VERSION : readVersion(version);
  const root = dir === undefined ? setupEnvtestRoot(place) : resolve(dir);
  const path = join(root, platformName(as === undefined ? kubernetes : exactVersion(as), place));
  const mark = currentMark(kubernetes);
  putPrograms(path, mark);
  return { path, root, kubernetes, nekube: mark.nekube };
}

/** A folder has the name of one version. @throws AssetsError */
function exactVersion(text: string): string {
  const version = /^v?(\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (version === undefined)
    throw new AssetsError(
      `Cannot name a folder by ${JSON.stringify(text)}: it is no version`,
      'give --as as in 1.34.1',
    );
  return version;
}

/** Removes what `installAssets` made, or, without a folder, everything in the cache. Gives what was removed. @throws AssetsError */
export function removeAssets({ dir, as, place = thisPlace() }: Omit<InstallOptions, 'version'> = {}): string[] {
  const root = dir === undefined ? setupEnvtestRoot(place) : resolve(dir);
  const installed = join(root, platformName(as === undefined ? ASSETS_VERSION : exactVersion(as), place));
  if (existsSync(installed) && markOf(installed) === undefined && dir !== undefined)
    throw new AssetsError(`Cannot remove ${installed}: it is not nekube's`, 'remove it yourself');
  const ours = markOf(installed) === undefined ? [] : [installed];
  const cached = dir === undefined && as === undefined ? [cacheRoot(place)].filter((path) => existsSync(path)) : [];
  const removed = [...ours, ...cached];
  for (const path of removed) rmSync(path, { recursive: true, force: true });
  return removed;
}
