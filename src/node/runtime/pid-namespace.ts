import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOUNT_SCRIPT, ROOT_SCRIPT } from '../volumes/mount-script.ts';

/**
 * The first process of the namespace: it runs the container's program, reaps whom that leaves behind, and ends with it, upon which
 * the kernel kills all that is left. The program itself is not the first, for which the kernel ignores signals that it does not handle.
 * What the shell has to say of how the program ended is nothing for the container's log.
 */
const INIT = `exec 3>&2 2>/dev/null
(exec "$@" 2>&3 3>&-)
exit $?`;

/** The name of that process among its arguments. */
const INIT_NAME = 'nekube-init';

/** A namespace of processes with its own /proc; the kernel ends it with the process that waits for it. */
const UNSHARE = [
  'unshare',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount',
  '--propagation',
  'slave',
  '--mount-proc',
  '--',
];

/** What runs in the process of a container's program before that does. */
const SCRIPTS: readonly string[] = [INIT, MOUNT_SCRIPT, ROOT_SCRIPT];

/** So often is looked whether the program has begun. */
const LOOK_MS = 3;

let works: boolean | undefined;

/** Whether processes of this one may have namespaces of their own; it is tried once. */
export function canHavePidNamespaces(): boolean {
  works ??=
    existsSync('/proc/thread-self/children') &&
    spawnSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' }).status === 0;
  return works;
}

/** The command that runs another in a namespace of its own, which nothing that it starts can leave or outlive. */
export function inPidNamespace(argv: readonly string[]): readonly string[] {
  return [...UNSHARE, '/bin/sh', '-c', INIT, INIT_NAME, ...argv];
}

/**
 * Waits until a container's program has begun: its process, as this machine counts; undefined if it has ended. Before that its
 * process does other things, as mounting; who joined its namespaces by then would not see what it will.
 */
export async function programOf(child: ChildProcess, isNamespaced: boolean): Promise<number | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const program = isNamespaced ? childOfInit(child.pid!) : child.pid!;
    if (program !== undefined && hasBegun(program)) return program;
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** The process that is to be the program of {@link inPidNamespace}. */
function childOfInit(child: number): number | undefined {
  const init = firstChild(child);
  const program = init === undefined ? undefined : firstChild(init);
  return program !== undefined && isInitsChild(program) ? program : undefined;
}

/**
 * Whether a process has become another program than those that prepare for it, each of which has a script of ours among its words.
 * While it becomes another it has no words at all.
 */
function hasBegun(pid: number): boolean {
  const words = textOf(`/proc/${pid}/cmdline`);
  return words !== '' && !words.split('\0').some((word) => SCRIPTS.includes(word));
}

/** The eldest child that a process has. */
function firstChild(pid: number): number | undefined {
  const [first = ''] = textOf(`/proc/${pid}/task/${pid}/children`).split(' ');
  return first === '' ? undefined : Number(first);
}

/** Whether it is in a namespace within this one: before that begins, others run that make it. */
function isInitsChild(pid: number): boolean {
  const [, ids = ''] = /^NSpid:\t(.*)$/m.exec(textOf(`/proc/${pid}/status`)) ?? [];
  return ids.split('\t').at(-1) === '2';
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
