import { type ChildProcess, spawn } from 'node:child_process';
import { ip } from '../machine/run.ts';

/** What a pod's namespace is made of. */
export interface PodNamespaceOptions {
  readonly address: string;
  /** The length of the range of all pods. */
  readonly prefix: number;
  readonly gateway: string;
  readonly bridge: string;
  /** The name of the pod's device on the machine's side. */
  readonly device: string;
  readonly hostname: string;
  /** Files that stand in for /etc/hosts and /etc/resolv.conf. */
  readonly hosts: string;
  readonly resolv: string;
}

/** A network, mount and host name namespace, held by a process that does nothing. */
export interface PodNamespace {
  within(argv: readonly string[]): readonly string[];
  remove(): Promise<void>;
}

/**
 * Puts the pod's files in place, waits for its device, and holds the namespaces until its standard input ends: when it is
 * told to go, or when the process that made it is gone.
 */
const HOLD = `set -e
[ ! -e /etc/hosts ] || mount --bind "$1" /etc/hosts
[ ! -e /etc/resolv.conf ] || mount --bind "$2" /etc/resolv.conf
hostname "$3" 2>/dev/null || echo "$3" > /proc/sys/kernel/hostname
echo 0 2>/dev/null > /proc/sys/net/ipv4/ip_unprivileged_port_start || :
echo made
read go
printf "$4" | ip -batch -
echo up
exec cat > /dev/null`;

/** Enters the namespaces of the first argument's process, and there the folder that the command was started in. */
const ENTER = `pod=$1; shift; exec nsenter --target "$pod" --net --mount --uts -- /bin/sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"`;

/** Makes the namespaces of a pod. @throws Error what went wrong; nothing is left then */
export async function makePodNamespace(options: PodNamespaceOptions): Promise<PodNamespace> {
  const { address, prefix, gateway, bridge, device, hostname, hosts, resolv } = options;
  const inside = [
    'link set lo up',
    `addr add ${address}/${prefix} broadcast + dev eth0`,
    'link set eth0 up',
    `route add default via ${gateway}`,
  ].map((line) => `${line}\\n`);
  const args = ['--net', '--mount', '--uts', '/bin/sh', '-c', HOLD, 'sh', hosts, resolv, hostname, inside.join('')];
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: '/' });
  const remove = (): Promise<void> => removeHeld(holder, device);
  try {
    const said = sayings(holder);
    await said('made');
    await ip([
      `link add ${device} type veth peer name eth0 netns ${holder.pid}`,
      `link set ${device} master ${bridge} up`,
    ]);
    holder.stdin.write('go\n');
    await said('up');
  } catch (error) {
    await remove();
    throw error;
  }
  // it is ended by us, and must not keep this process alive
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout, holder.stderr]) (stream as unknown as { unref(): void }).unref();
  return { within: (argv) => ['/bin/sh', '-c', ENTER, 'sh', String(holder.pid), ...argv], remove };
}

/** Waits for lines that a process says; rejects when it ends instead. */
function sayings(child: ChildProcess): (word: string) => Promise<void> {
  let out = '';
  let complaint = '';
  let ended: Error | undefined;
  let wake = (): void => undefined;
  child.stdin!.on('error', () => undefined);
  child.stdout!.on('data', (chunk) => {
    out += String(chunk);
    wake();
  });
  child.stderr!.on('data', (chunk) => (complaint += String(chunk)));
  child.once('error', (error) => {
    ended = error;
    wake();
  });
  child.once('close', (code) => {
    ended ??= new Error(`Cannot make the namespaces of a pod: ${complaint.trim() || `exit code ${code}`}`);
    wake();
  });
  return async (word) => {
    while (!out.split('\n').includes(word)) {
      if (ended !== undefined) throw ended;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

async function removeHeld(holder: ChildProcess, device: string): Promise<void> {
  const isRunning = holder.pid !== undefined && holder.exitCode === null && holder.signalCode === null;
  if (isRunning) {
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    holder.ref();
    holder.kill('SIGKILL');
    await gone;
  }
  // the device goes with the namespace, which a process of the pod may still be in; mostly it is gone already
  await ip([`link del ${device}`]).catch(() => undefined);
}
