import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';

/** The variable by which processes of a node are known, whatever group or session they moved to. */
export const RUN_VARIABLE = 'NEKUBE_RUN';

/**
 * Reads which groups of processes live (`+ 123`, `- 123`). At the end of its input its parent has ended, or is about to:
 * what is left is killed, by groups, and then whoever carries the mark, until nobody is found.
 */
const SCRIPT = `
groups=' '
while read -r sign group; do
  case $sign in
  +) groups="$groups$group " ;;
  -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
round=0
while [ $round -lt 20 ] && [ -d /proc/self ]; do
  found=$(grep -lzx -e "$1" /proc/[0-9]*/environ 2>/dev/null)
  for file in $found; do
    process=\${file#/proc/}
    kill -KILL "\${process%/environ}" 2>/dev/null
  done
  [ -n "$found" ] || [ $round -lt 1 ] || break
  round=$((round + 1))
done
`;

/**
 * Sees to it that no process of a node outlives this one, whatever ends it: a shell of a few hundred kilobytes that waits for
 * the end of a pipe which only this process holds.
 */
export class Reaper {
  /** What marks the processes of this node, as `NAME=VALUE`: {@link RUN_VARIABLE}. */
  readonly mark: string = randomBytes(12).toString('hex');
  readonly #shell: ChildProcess;

  constructor() {
    // a group of its own, so that an interrupt from the terminal does not end it first
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'nekube-reaper', `${RUN_VARIABLE}=${this.mark}`], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.stdin!.on('error', () => {});
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref(): void }).unref();
  }

  /** A group of processes began. */
  add(group: number): void {
    this.#shell.stdin!.write(`+ ${group}\n`);
  }

  /** Nothing of the group is left. */
  remove(group: number): void {
    this.#shell.stdin!.write(`- ${group}\n`);
  }

  /** Kills whatever is left, and resolves when that is done. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return resolve();
      this.#shell.ref();
      this.#shell.once('exit', () => resolve());
      this.#shell.stdin!.end();
    });
  }
}
