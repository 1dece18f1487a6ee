import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { BpfError } from '../errors.ts';
import { errnoName, native } from './native.ts';

/** Alone, and without waiting. */
const EXCLUSIVE_NOW = 2 | 4;

/**
 * Locks a folder, also one of a bpffs, until the lock is closed or the process ends; undefined if another process has it.
 *
 * @throws BpfError it cannot be locked
 */
export function lockFolder(folder: string): { close(): void } | undefined {
  const fd = openSync(folder, 'r');
  if (native().lock(fd, EXCLUSIVE_NOW) < 0) {
    const code = errnoName(native().errno());
    closeSync(fd);
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return undefined;
    throw new BpfError(`lock ${folder}`, code);
  }
  // it was removed meanwhile, and another made
  if (isSame(fd, folder)) return { close: () => closeSync(fd) };
  closeSync(fd);
  return lockFolder(folder);
}

function isSame(fd: number, folder: string): boolean {
  const [one, other] = [fstatSync(fd), statSync(folder)];
  return one.ino === other.ino && one.dev === other.dev;
}
