import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type EnvoyLogLevel, prepareLog } from './log-file.ts';

/** The files of an Envoy, in a folder that only its user sees. */
export class EnvoyFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get bootstrap(): string {
    return join(this.folder, 'bootstrap.json');
  }
  get adminSocket(): string {
    return join(this.folder, 'admin.sock');
  }
  get xdsSocket(): string {
    return join(this.folder, 'xds.sock');
  }
  get log(): string {
    return join(this.folder, 'envoy.log');
  }
  get record(): string {
    return join(this.folder, 'process.json');
  }
  get baseId(): string {
    return join(this.folder, 'base-id');
  }
  /** Where two processes speak to each other during a hot restart; more is appended to this name. */
  get restartSocket(): string {
    return join(this.folder, 'hot', 'r');
  }

  /** Removes what processes left that are gone. */
  clear(): void {
    for (const path of [this.record, this.baseId, this.adminSocket, join(this.folder, 'hot')]) {
      rmSync(path, { recursive: true, force: true });
    }
    mkdirSync(join(this.folder, 'hot'), { mode: 0o700, recursive: true });
  }
}

/** How a process is started. */
export interface LaunchOptions {
  readonly program: string;
  readonly files: EnvoyFiles;
  readonly concurrency: number;
  readonly logLevel: EnvoyLogLevel;
  /** Within this time connections of a listener that goes, or of the process before, are asked to end. */
  readonly drainSeconds: number;
  /** Present: takes over from the process of the epoch before. */
  readonly after?: number;
}

/** Envoy, and the shell that waits for it. */
export interface Launched {
  readonly pid: number;
  /** Ends as Envoy does. */
  readonly shell: ChildProcess;
}

/** Starts a program whose output goes to the file `$0`, tells its process, and ends as it does. */
const SHELL = '"$@" </dev/null >>"$0" 2>&1 & echo $!; wait $!';

/**
 * Starts Envoy so that it goes on when we are gone: in a session of its own, and as the child of a shell, since it ends itself
 * with its parent. It writes to a file: as for `/dev/stdout`, which access logs may name, a pipe would break with us, and a
 * socket cannot be opened by that name.
 *
 * @throws Error if there is no shell
 */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const { program, files } = options;
  prepareLog(files.log);
  const args = ['-c', SHELL, files.log, program, ...argumentsOf(options)];
  const shell = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, cwd: files.folder });
  const told = new Promise<string>((resolve, reject) => {
    shell.on('error', reject);
    shell.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    shell.on('exit', () => reject(new Error(`Cannot start Envoy ${JSON.stringify(program)}; its log: ${files.log}`)));
  });
  const pid = Number((await told).trim());
  shell.unref();
  (shell.stdout as Socket).unref();
  return { pid, shell };
}

/**
 * At other levels nothing is said of resources that are refused: what Envoy tells us of it is enough, and its log would have the
 * resource as a whole, with what is secret in it.
 */
const DETAILED: ReadonlySet<EnvoyLogLevel> = new Set(['trace', 'debug']);

function argumentsOf({ files, concurrency, logLevel, drainSeconds, after }: LaunchOptions): string[] {
  const epoch =
    after === undefined
      ? ['--use-dynamic-base-id', '--base-id-path', files.baseId]
      : ['--restart-epoch', String(after + 1), '--base-id', String(writtenBaseId(files))];
  return [
    ...['--config-path', files.bootstrap, ...epoch],
    ...['--socket-path', files.restartSocket, '--socket-mode', '600'],
    ...['--concurrency', String(concurrency), '--log-level', logLevel, '--skip-deprecated-logs'],
    ...(DETAILED.has(logLevel) ? [] : ['--component-log-level', 'config:error']),
    ...['--drain-time-s', String(drainSeconds), '--parent-shutdown-time-s', String(drainSeconds + 1)],
    ...['--drain-strategy', 'immediate'],
  ];
}

/** The number by which processes of the same Envoy find each other; `undefined` as long as it is not written. */
export function writtenBaseId(files: EnvoyFiles): number | undefined {
  try {
    const id = Number(readFileSync(files.baseId, 'utf8'));
    return Number.isInteger(id) && id > 0 ? id : undefined;
  } catch {
    return undefined;
  }
}
