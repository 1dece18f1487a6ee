import { existsSync, lstatSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { StartError } from '../agent/start-error.ts';
import { expandVariables } from '../images/expand.ts';
import type { Container } from '../pod/container.ts';
import { MOUNT_SCRIPT } from './mount-script.ts';

/** The variable that leads to the mounts of a container, where they cannot be where it expects them. */
export const ROOT_VARIABLE = 'NEKUBE_ROOT';

/** A folder or file, and where a container expects it. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** The mounts of a container, those of outer folders first. @throws StartError for a volume that there is not */
export function mountsOf(
  { name: container, volumeMounts = [] }: Pick<Container, 'name' | 'volumeMounts'>,
  volumes: ReadonlyMap<string, string>,
  variables: Readonly<Record<string, string>>,
): Mount[] {
  const mounts = volumeMounts.map(({ name, mountPath, subPath, subPathExpr, readOnly = false }) => {
    const dir = volumes.get(name);
    if (dir === undefined) throw new StartError('CreateContainerConfigError', `volume ${name} is not there`);
    const below = subPath ?? (subPathExpr && expandVariables(subPathExpr, variables)) ?? '';
    if (below.split('/').includes('..')) {
      throw new StartError('CreateContainerConfigError', `unable to bind the subPath ${below}: must not contain '..'`);
    }
    const source = join(dir, below);
    try {
      if (below !== '') prepareSubPath(dir, source);
    } catch {
      const what = `failed to prepare subPath for volumeMount ${JSON.stringify(name)} of container "${container}"`;
      throw new StartError('CreateContainerConfigError', what);
    }
    return { source, target: rooted(mountPath), readOnly };
  });
  return mounts.sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** Makes the folder, if nothing is there. @throws Error if links lead out of the volume, also before there is anything */
function prepareSubPath(dir: string, source: string): void {
  let there = source;
  while (there !== dir && lstatSync(there, { throwIfNoEntry: false }) === undefined) there = dirname(there);
  const volume = realpathSync(dir);
  const real = realpathSync(there);
  if (real !== volume && !real.startsWith(`${volume}/`)) throw new Error(`${there} is not within ${dir}`);
  if (there !== source) mkdirSync(source, { recursive: true, mode: 0o777 });
}

/** A path of a container from its root, which `..` does not leave. */
export function rooted(path: string): string {
  return posix.normalize(`/${path}`);
}

/** The command that runs another with mounts where it expects them, in a namespace of mounts of its own. */
export function withMounts(argv: readonly string[], mounts: readonly Mount[], scratch: string): readonly string[] {
  if (mounts.length === 0) return argv;
  const isThere = ({ target }: Mount): boolean => existsSync(`/${target.split('/')[1]}`);
  const root = mounts.every(isThere) ? '-' : 'root';
  const words = mounts.flatMap(({ source, target, readOnly }) => [source, target, readOnly ? 'ro' : 'rw']);
  return [
    'unshare',
    '--mount',
    '--',
    '/bin/sh',
    '-c',
    MOUNT_SCRIPT,
    'nekube-mount',
    scratch,
    root,
    ...words,
    '--',
    ...argv,
  ];
}

/** Where a command is run beside a container. */
export interface BesidePlace {
  /** Of the container's program. */
  readonly pid: number;
  readonly cwd: string;
  /** Whether the program is in a namespace of processes of its own, which the command joins. */
  readonly entersPid: boolean;
}

/**
 * On a terminal the command is the job in the foreground: what is typed to interrupt it must not end those who wait for it outside of
 * its namespace. The shell with jobs cannot give the terminal back to them when it ends, since their group has no number in here, and
 * ends with an error of its own; so it tells by a pipe how the command ended.
 */
const BESIDE = `cd "$0" 2>/dev/null
[ -t 0 ] || exec "$@"
exec 3>&1 4>&2
code=$(/bin/sh -c '
  exec 5>&1 >&3 2>/dev/null
  set -m
  (exec "$@" 2>&4 3>&- 4>&- 5>&-)
  echo "$?" >&5
' "$0" "$@")
exit "\${code:-1}"`;

/** The command that runs another where a process of {@link withMounts} finds its mounts. */
export function besideMounts(argv: readonly string[], { pid, cwd, entersPid }: BesidePlace): readonly string[] {
  const namespaces = ['--mount', '--root', '--wd', ...(entersPid ? ['--pid'] : [])];
  return ['nsenter', '--target', String(pid), ...namespaces, '--', '/bin/sh', '-c', BESIDE, cwd, ...argv];
}

/** Makes a folder with links to the mounts, each where its target is below that folder; mounts within others are left out. */
export function linkMounts(root: string, mounts: readonly Mount[]): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true, mode: 0o755 });
  for (const { source, target } of mounts) {
    const link = join(root, target);
    try {
      mkdirSync(dirname(link), { recursive: true, mode: 0o755 });
      symlinkSync(source, link);
    } catch {
      // what is within another mount cannot be shown beside it
    }
  }
}

/** A text with the paths of mounts in it as they are on this machine: `--config=/etc/app/config.yaml`. */
export function rewritePaths(text: string, mounts: readonly Mount[]): string {
  let result = text;
  // inner ones first, so that each path is replaced once
  for (const { source, target } of [...mounts].reverse()) {
    const path = target.replace(/\/+$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (path === '') continue;
    result = result.replace(
      new RegExp(`(^|[\\s=:,;'"@])${path}(?=$|[/\\s=:,;'"])`, 'g'),
      (_, before: string) => before + source,
    );
  }
  return result;
}
