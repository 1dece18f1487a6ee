import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import type { Readable } from 'node:stream';

/** A pipe of the system: the end that this process reads, and the one that a child writes to. */
export interface Pipe {
  readonly readable: Readable;
  /** A descriptor to hand to a child. */
  readonly fd: number;
  /** Closes this process' copy of `fd`: once the child has its own, so that the end of the child is the end of the stream. */
  release(): void;
}

/**
 * Makes pipes. What Node itself puts between a process and its child is a pair of sockets, which programs cannot open again
 * by /dev/stdout.
 *
 * @param paths of files that do not exist yet, and are gone again afterwards
 */
export async function makePipes(paths: readonly string[]): Promise<Pipe[]> {
  await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
  return paths.map(openPipe);
}

function openPipe(path: string): Pipe {
  // this end first, and without waiting: the system lets nobody write to a pipe that nobody reads
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_WRONLY);
  rmSync(path);
  return {
    readable: new Socket({ fd: reading, readable: true, writable: false }),
    fd,
    release: () => closeSync(fd),
  };
}
