import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Clock } from 'nekube/client';
import type { CommandLine } from 'nekube/nodeserver';
import { ContainerLog } from '../logs/container-logs.ts';
import type { Exit } from '../pod/record.ts';
import { makePipes, type Pipe } from './fifo.ts';
import { type Reaper, RUN_VARIABLE } from './reaper.ts';
import type { RunningContainer } from './running-container.ts';
import { killMarked } from './marked-processes.ts';
import { programOf } from './pid-namespace.ts';

/** So long is waited, when all that is known of a container has ended, for what it said; who holds its output then got away. */
const LAST_WORDS_MS = 1000;

/** The variable by which the processes of one container are known. */
const CONTAINER_VARIABLE = 'NEKUBE_CONTAINER_ID';

/** What is run. */
export interface ProcessOptions {
  readonly argv: readonly string[];
  /** Whether `argv` has a program run in a namespace of processes, as `inPidNamespace` makes it. */
  readonly isNamespaced: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where its output goes. */
  readonly logPath: string;
  /** A folder for what lives as long as its start takes. */
  readonly scratchDir: string;
  readonly stdin: boolean;
  /** Makes the command that is run beside, with variables that mark whose it is. */
  readonly beside: (marks: Readonly<Record<string, string>>, pid: number) => (argv: readonly string[]) => CommandLine;
  readonly clock: Clock;
  readonly reaper: Reaper;
  /** Asked at the last moment: false when the node has begun to end meanwhile, and nothing may be started any more. */
  readonly mayBegin: () => boolean;
}

/**
 * Starts a process in a session of its own, with its output in a log.
 *
 * @throws Error of the system, if there is no such program or folder; or if it may not begin
 */
export async function startProcess(options: ProcessOptions): Promise<RunningContainer> {
  const { clock, reaper, logPath } = options;
  checkTexts(options);
  const id = randomBytes(32).toString('hex');
  const names = ['stdout', 'stderr'] as const;
  const pipes = await makePipes(names.map((name) => join(options.scratchDir, `${id.slice(0, 16)}.${name}`)));
  if (!options.mayBegin()) {
    for (const pipe of pipes) {
      pipe.readable.destroy();
      pipe.release();
    }
    throw new Error('the node ends');
  }
  const log = new ContainerLog(logPath, () => clock.now());
  const child = launch(options, id, [pipes[0]!.fd, pipes[1]!.fd]);
  const said = Promise.all(pipes.map(({ readable }, i) => log.follow(readable, names[i]!)));
  for (const pipe of pipes) pipe.release();
  try {
    await spawned(child);
  } catch (error) {
    await said;
    await log.close();
    throw error;
  }
  const { pid = 0 } = child;
  reaper.add(pid);
  const killAll = (): void => killGroup(pid);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      const at = clock.now();
      // as when the first process of a container ends: nothing of it stays
      killAll();
      // where it had a namespace the kernel has seen to that
      void (options.isNamespaced ? Promise.resolve() : killMarked(`${CONTAINER_VARIABLE}=${id}`))
        .then(() => lastWords(said, pipes, clock))
        .then(() => log.close())
        .then(() => {
          reaper.remove(pid);
          resolve(exitOf(code, signal, at));
        });
    });
  });
  const program = await programOf(child, options.isNamespaced);
  return {
    id,
    startedAt: clock.now(),
    pid,
    beside: options.beside(marksOf(options, id), program ?? pid),
    ...(child.stdin && { stdin: child.stdin }),
    exited,
    signal: (name) => signalTo(child, program, name),
    kill: killAll,
  };
}

/** Sends a signal to a program, if that has not ended: its number may be another's by then. */
function signalTo(child: ChildProcess, program: number | undefined, name: string): void {
  if (program === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(program, name);
  } catch {
    // it has just ended
  }
}

/**
 * Refuses what no process can be given. Node would as well, but in a message with the whole text, which may be a secret.
 *
 * @throws Error that names the place
 */
function checkTexts({ argv, env }: ProcessOptions): void {
  checkWords(argv);
  const variable = Object.entries(env).find(([name, value]) => name.includes('\0') || value.includes('\0'));
  if (variable !== undefined) throw new Error(`exec: environment variable ${JSON.stringify(variable[0])} contains NUL`);
}

/** Refuses words that no command can have. @throws Error that does not tell them, since they may be secrets */
export function checkWords(words: readonly string[]): void {
  if (words.some((word) => word.includes('\0'))) throw new Error('exec: a word of the command contains NUL');
}

/** Resolves when all that was said is read; not later because somebody whom nobody knows still holds the output. */
async function lastWords(said: Promise<unknown>, pipes: readonly Pipe[], clock: Clock): Promise<void> {
  const cancel = clock.after(LAST_WORDS_MS, () => {
    for (const { readable } of pipes) readable.destroy();
  });
  await said;
  cancel();
}

function launch(options: ProcessOptions, id: string, out: [number, number]): ChildProcess {
  const { argv, env, cwd, stdin } = options;
  const [program = '', ...args] = [...deathSignal(), ...argv];
  const marks = marksOf(options, id);
  const stdio: ['pipe' | 'ignore', number, number] = [stdin ? 'pipe' : 'ignore', ...out];
  return spawn(program, args, { cwd, env: { ...env, ...marks }, detached: true, stdio });
}

function marksOf({ reaper }: ProcessOptions, id: string): Readonly<Record<string, string>> {
  return { [RUN_VARIABLE]: reaper.mark, [CONTAINER_VARIABLE]: id };
}

function spawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

function exitOf(code: number | null, signal: NodeJS.Signals | null, at: number): Exit {
  const number = signal === null ? undefined : constants.signals[signal];
  const exitCode = code ?? 128 + (number ?? 0);
  return { code: exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', at };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left
  }
}

let prefix: readonly string[] | undefined;

/** What has the system kill a process when the one that started it ends; nothing where the system has no such thing. */
function deathSignal(): readonly string[] {
  if (prefix === undefined) {
    const words = ['setpriv', '--pdeathsig', 'KILL', '--'];
    const works = spawnSync(words[0]!, [...words.slice(1), 'true'], { stdio: 'ignore' }).status === 0;
    prefix = works ? words : [];
  }
  return prefix;
}
