import { mkdtempSync, readFileSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BpfError } from '../errors.ts';
import { errnoName, native } from './native.ts';

const CGROUP2_MAGIC = 0x63677270;

/**
 * Does something with the folder of the cgroup v2 that all others are below, as far as this process sees: that which is mounted, or one
 * that is mounted for as long as it takes. What was attached there stays.
 *
 * @throws BpfError none is mounted, and there is no right to do so
 */
export function withCgroupRoot<T>(work: (folder: string) => T): T {
  const mounted = mountedRoot();
  if (mounted !== undefined) return work(mounted);
  const folder = mkdtempSync(join(tmpdir(), 'nekube-cgroup-'));
  try {
    if (native().mount('none', folder, 'cgroup2') < 0)
      throw new BpfError(`mount a cgroup v2 at ${folder}`, errnoName(native().errno()), 'needs CAP_SYS_ADMIN');
    try {
      return work(folder);
    } finally {
      native().unmount(folder);
    }
  } finally {
    rmdirSync(folder);
  }
}

function mountedRoot(): string | undefined {
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const folders = lines.map((line) => line.split(' ')).filter(([, , type]) => type === 'cgroup2');
  return folders.map(([, folder = '']) => folder).find(isCgroup2);
}

/** Another may be mounted over it. */
function isCgroup2(folder: string): boolean {
  try {
    return statfsSync(folder).type === CGROUP2_MAGIC;
  } catch {
    return false;
  }
}
