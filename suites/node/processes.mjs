// Processes of this machine, by what they have in their environment.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** For tests that need to know of them: `{skip}`. */
export const linuxOnly = { skip: existsSync('/proc/self/environ') ? false : 'processes are told by /proc' };

/** Why this user may not make namespaces of processes; false if it may. */
export function whyNoNamespaces() {
  const { status } = spawnSync('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', 'true']);
  return status !== 0 && 'this user may not make namespaces of processes';
}

/** The processes that carry `NAME=VALUE` in their environment, but for those that hold a container's namespace. */
export function carrying(mark) {
  return processes()
    .filter(({ environ, cmdline }) => environ.includes(mark) && !cmdline.includes('nekube-init'))
    .map(({ pid }) => pid);
}

/** The processes that were started with just these words. */
export function running(...words) {
  return processes()
    .filter(({ cmdline }) => cmdline.join(' ') === words.join(' '))
    .map(({ pid }) => pid);
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [environ, cmdline] = ['environ', 'cmdline'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'latin1').split('\0').slice(0, -1),
        );
        return { pid: Number(pid), environ, cmdline };
      } catch {
        return [];
      }
    });
}
