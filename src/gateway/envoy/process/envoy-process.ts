import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMarkAlive, makeFolder, processMark, writeWhole } from 'nekube/files';
import { bootstrap } from './bootstrap.ts';
import { EnvoyAdmin } from './envoy-admin.ts';
import { EnvoyFiles, launch, writtenBaseId } from './launch.ts';
import { type EnvoyLogLevel, LogFollower } from './log-file.ts';
import { type ProcessRecord, readRecord, writeRecord } from './process-record.ts';

/** How Envoy is run. */
export interface EnvoyProcessOptions {
  /** The program. */
  readonly program: string;
  /** Where sockets, log and bootstrap are; made with mode 0700. An Envoy that runs there already is taken over. */
  readonly folder: string;
  readonly nodeId: string;
  /** Threads that serve. */
  readonly concurrency: number;
  readonly logLevel?: EnvoyLogLevel;
  /** Is told what is worth knowing: how it was started, why it ended, and what it warns of. */
  readonly log: (line: string) => void;
  /** So long connections have that end because a listener or process is replaced; default 60 s. */
  readonly drainSeconds?: number;
}

/** What became of starting it. */
export type Started = 'started' | 'taken over' | 'restarted hot';

/** The longest path that a socket may have. */
const SOCKET_PATH = 100;
const [FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS, STEADY_MS] = [200, 10_000, 10_000];
/** A process that is not our child tells nobody that it ends. */
const LOOK_MS = 1000;

/**
 * A process of Envoy that is there until `close`: it is started again when it ends, replaced without a gap by `restart`, and
 * taken over when another process of ours left it behind.
 */
export class EnvoyProcess {
  readonly files: EnvoyFiles;
  readonly admin: EnvoyAdmin;
  readonly #options: EnvoyProcessOptions;
  #record: ProcessRecord | undefined;
  #follower: LogFollower | undefined;
  #look: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #startedAt = 0;
  #isClosing = false;
  /** Of the one that serves; of one that is replaced nobody cares how it ends. */
  #shell: ChildProcess | undefined;

  private constructor(options: EnvoyProcessOptions) {
    this.#options = options;
    this.files = new EnvoyFiles(options.folder);
    this.admin = new EnvoyAdmin(this.files.adminSocket);
  }

  /**
   * Starts Envoy, or takes over what runs in the folder. It need not answer yet.
   *
   * @throws Error if the folder cannot be used
   */
  static async start(options: EnvoyProcessOptions): Promise<EnvoyProcess> {
    const process = new EnvoyProcess(options);
    if (Buffer.byteLength(process.files.restartSocket) > SOCKET_PATH - 24) {
      throw new Error(
        `The folder of Envoy has too long a path for sockets: ${JSON.stringify(options.folder)}; name a shorter one`,
      );
    }
    makeFolder(options.folder, { mode: 0o700 });
    chmodSync(options.folder, 0o700);
    const how = await process.#begin();
    options.log(`Envoy ${how} (process ${process.pid}, epoch ${process.#record?.epoch})`);
    return process;
  }

  /** The process that serves now, if it is there. */
  get pid(): number | undefined {
    return this.#record && Number(this.#record.mark.split(' ')[0]);
  }

  /** Which process of a chain of hot restarts it is, from 0. */
  get epoch(): number | undefined {
    return this.#record?.epoch;
  }

  /** Has another process take over, as after a change of the program: no connection is refused meanwhile. */
  async restart(): Promise<void> {
    const before = this.#record;
    if (before === undefined || !isMarkAlive(before.mark)) throw new Error('Cannot restart Envoy: it does not run');
    await this.#launch(before);
    await this.#answers(before.epoch + 1);
  }

  /** Ends it: it listens no more, waits for what is under way until the time is over, and goes. */
  async close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#look);
    clearTimeout(this.#again);
    const record = this.#record;
    if (record && isMarkAlive(record.mark)) {
      if (drainMs > 0) await this.#drain(drainMs);
      await end([record.mark, ...record.before]);
    }
    this.#follower?.close();
    this.#forget();
  }

  /** Ends it without waiting for anything. */
  endAtOnce(): void {
    this.leave();
    const { mark, before = [] } = this.#record ?? {};
    for (const each of [mark ?? '', ...before]) send(each, 'SIGKILL');
    this.#forget();
  }

  /** Leaves it running, for who starts in the folder next. */
  leave(): void {
    this.#isClosing = true;
    clearInterval(this.#look);
    clearTimeout(this.#again);
    this.#follower?.close();
  }

  async #begin(): Promise<Started> {
    const text = this.#bootstrap();
    const fingerprint = fingerprintOf(this.#options.program, text, this.#options.concurrency);
    const info = await this.admin.info();
    const record = readRecord(this.files.record);
    const isThere = info?.state === 'LIVE' || info?.state === 'INITIALIZING' || info?.state === 'PRE_INITIALIZING';
    if (isThere && info.nodeId === this.#options.nodeId && writtenBaseId(this.files) !== undefined) {
      if (record?.fingerprint === fingerprint && record.epoch === info.epoch && isMarkAlive(record.mark)) {
        this.#follow();
        this.#record = record;
        this.#watch(undefined);
        return 'taken over';
      }
      writeWhole(this.files.bootstrap, text, { mode: 0o600 });
      await this.#launch({ mark: record?.mark ?? '', epoch: info.epoch, before: record?.before ?? [] });
      return 'restarted hot';
    }
    if (record && isMarkAlive(record.mark)) await end([record.mark, ...record.before]);
    writeWhole(this.files.bootstrap, text, { mode: 0o600 });
    this.#clear();
    await this.#launch();
    return 'started';
  }

  #bootstrap(): string {
    const { xdsSocket, adminSocket } = this.files;
    return `${JSON.stringify(bootstrap({ nodeId: this.#options.nodeId, xdsSocket, adminSocket }), undefined, 1)}\n`;
  }

  async #launch(after?: Omit<ProcessRecord, 'fingerprint'>): Promise<void> {
    const { program, concurrency, logLevel = 'info', drainSeconds = 60 } = this.#options;
    this.#startedAt = Date.now();
    const { pid, shell } = await launch({
      ...{ program, concurrency, logLevel, drainSeconds, files: this.files },
      ...(after && { after: after.epoch }),
    });
    this.#follow();
    this.#shell = shell;
    shell.on('exit', (code, signal) => this.#ended(shell, reasonOf(code, signal)));
    this.#record = {
      mark: processMark(pid) ?? '',
      epoch: after ? after.epoch + 1 : 0,
      fingerprint: fingerprintOf(program, readFileSync(this.files.bootstrap, 'utf8'), concurrency),
      before: after ? [after.mark, ...after.before].filter((mark) => isMarkAlive(mark)) : [],
    };
    writeRecord(this.files.record, this.#record);
    this.#watch(shell);
  }

  /** Looks now and then after a process that is no child of ours. */
  #watch(shell: ChildProcess | undefined): void {
    clearInterval(this.#look);
    if (shell !== undefined) return;
    this.#look = setInterval(() => {
      if (this.#record && !isMarkAlive(this.#record.mark)) this.#ended(undefined, 'it is gone');
    }, LOOK_MS);
    this.#look.unref();
  }

  #follow(): void {
    this.#follower ??= new LogFollower(this.files.log, 'warning', (line) => this.#options.log(`Envoy: ${line}`));
  }

  #ended(shell: ChildProcess | undefined, why: string): void {
    this.#follower?.read();
    if (this.#isClosing || shell !== this.#shell) return;
    clearInterval(this.#look);
    const record = this.#record;
    this.#record = undefined;
    if (Date.now() - this.#startedAt > STEADY_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    const waitMs = this.#backoffMs;
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
    this.#options.log(`Envoy has ended: ${why}; it is started again in ${waitMs} ms (its log: ${this.files.log})`);
    this.#again = setTimeout(() => {
      for (const mark of record?.before ?? []) send(mark, 'SIGKILL');
      this.#clear();
      this.#launch().catch((error: Error) => this.#ended(this.#shell, error.message));
    }, waitMs);
  }

  /** Waits until a process of an epoch answers. @throws Error if another ended instead */
  async #answers(epoch: number): Promise<void> {
    for (let waited = 0; waited < 15_000; waited += 50) {
      const info = await this.admin.info();
      if (info?.epoch === epoch && info.state === 'LIVE') return;
      if (this.#record?.epoch !== epoch) break;
      await sleep(50);
    }
    throw new Error(`Envoy was not restarted; its log says why: ${this.files.log}`);
  }

  async #drain(drainMs: number): Promise<void> {
    const end = Date.now() + drainMs;
    try {
      await this.admin.drain();
      while (Date.now() < end && (await this.admin.active()) > 0) await sleep(50);
    } catch (error) {
      this.#options.log(`Envoy could not be drained: ${(error as Error).message}`);
    }
  }

  #forget(): void {
    this.#record = undefined;
    this.#clear();
  }

  /** Removes what processes left that are gone: their files, and what they shared, which is found by a number in one of these. */
  #clear(): void {
    const baseId = writtenBaseId(this.files);
    this.files.clear();
    if (baseId) removeSharedMemory(baseId);
  }
}

/** How it ended: a shell tells a signal by a number. */
function reasonOf(code: number | null, signal: NodeJS.Signals | null): string {
  const number = code !== null && code > 128 ? code - 128 : undefined;
  const name = signal ?? Object.entries(constants.signals).find(([, each]) => each === number)?.[0];
  return name === undefined ? `exit code ${code}` : `killed by ${name}`;
}

/** What a running Envoy cannot change. */
function fingerprintOf(program: string, bootstrapText: string, concurrency: number): string {
  const { size, mtimeMs } = statSync(program);
  return createHash('sha256')
    .update(JSON.stringify([program, size, mtimeMs, bootstrapText, concurrency]))
    .digest('hex');
}

/** Sends a signal to a process, if it is still there. */
function send(mark: string, signal: NodeJS.Signals): void {
  if (!isMarkAlive(mark)) return;
  try {
    process.kill(Number(mark.split(' ')[0]), signal);
  } catch (error) {
    // it has ended since
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends processes, and waits until they have. */
async function end(marks: readonly string[]): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const alive = marks.filter((mark) => isMarkAlive(mark));
    for (const mark of alive) send(mark, signal);
    for (let waited = 0; waited < 5000 && alive.some((mark) => isMarkAlive(mark)); waited += 20) await sleep(20);
  }
}

/** Envoy leaves what its processes share. */
function removeSharedMemory(baseId: number): void {
  rmSync(`/dev/shm/envoy_shared_memory_${baseId * 10}`, { force: true });
}
