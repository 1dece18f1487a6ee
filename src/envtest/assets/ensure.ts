import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssetsError } from './errors.ts';
import { cacheRoot, type Place, platformName, readVersion, thisPlace } from './places.ts';
import { currentMark, makeBeside, type Mark, markOf, writePrograms } from './write.ts';

/** Which folder is wanted. */
export interface EnsureOptions {
  /** The folder above `k8s/VERSION-OS-ARCH`; default: one of this version of nekube in the user's cache. */
  readonly dir?: string;
  /** As setup-envtest takes them; default: the only one. */
  readonly version?: string;
  readonly place?: Place;
}

/** A folder with `kube-apiserver`, `etcd` and `kubectl`. */
export interface AssetsFolder {
  /** For `KUBEBUILDER_ASSETS`. */
  readonly path: string;
  /** The folder with one such folder for each version, for `ENVTEST_ASSETS_DIR` and the like. */
  readonly root: string;
  readonly kubernetes: string;
  readonly nekube: string;
}

/**
 * Gives the folder for `KUBEBUILDER_ASSETS`, which is made when it is not there: whole or not at all, by however many
 * processes at once. In the cache each version of nekube has its own, so that running tests keep what they started with.
 *
 * @throws AssetsError for a version that there is not, and for a folder that cannot be made
 */
export function ensureAssets({ dir, version = 'latest', place = thisPlace() }: EnsureOptions = {}): AssetsFolder {
  const kubernetes = readVersion(version);
  const mark = currentMark(kubernetes);
  const above = dir === undefined ? join(cacheRoot(place), `${mark.nekube}-${mark.digest}`) : resolve(dir);
  const root = join(above, 'k8s');
  const path = join(root, platformName(kubernetes, place));
  putPrograms(path, mark);
  return { path, root, kubernetes, nekube: mark.nekube };
}

/** Makes a folder, or renews one of ours. @throws AssetsError if it is somebody else's, or cannot be made */
export function putPrograms(path: string, mark: Mark): void {
  const there = markOf(path);
  if (there?.digest === mark.digest && there.node === mark.node) return;
  if (there === undefined && existsSync(path))
    throw new AssetsError(`Cannot make ${path}: it is there, and is not nekube's`, 'remove it, or name another folder');
  let made: string | undefined;
  try {
    made = makeBeside(path);
    writePrograms(made, mark);
    swap(made, path, mark);
  } catch (cause) {
    if (cause instanceof AssetsError) throw cause;
    throw new AssetsError(
      `Cannot make ${path}: ${(cause as Error).message}`,
      'name a folder that can be written',
      cause,
    );
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
}

/** Puts a folder in its place. Another process may have done so meanwhile, which is as good. */
function swap(made: string, path: string, mark: Mark): void {
  const old = `${made}.old`;
  try {
    if (markOf(path) !== undefined) renameSync(path, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  try {
    renameSync(made, path);
  } catch (error) {
    if (markOf(path)?.digest !== mark.digest) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}
