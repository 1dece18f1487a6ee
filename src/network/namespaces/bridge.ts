import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { isMarkAlive, processMark, shortProcessScope } from 'nekube/files';
import { ip, ipJson } from '../machine/run.ts';

/** The device that joins the pods of a run, and by which the machine reaches them. */
export interface Bridge {
  readonly name: string;
  /** It goes, and with it the routes that lead to it. */
  remove(): Promise<void>;
}

/** What a bridge is made for. */
export interface BridgeOptions {
  readonly pid: number;
  /** The bridge's own address, with the length of the range of all pods: `10.244.0.1/16`. */
  readonly address: string;
  /** Addresses in these are this machine's own: of nodes and services. */
  readonly localRanges: readonly string[];
}

/** A device's other name says whose it is, so that one which was left over is found. */
const ALIAS = /^nekube ([0-9a-f]{8}) (\d+ \d+)$/;

/** The other name of a bridge of a process; the scope is where the process's id means something. */
export function bridgeAlias(pid: number): string {
  return `nekube ${shortProcessScope()} ${processMark(pid)}`;
}

/** Whether a bridge of this other name is of a run that is gone; no run of another namespace of processes is, as far as we see. */
export function isOfDeadRun(alias: string): boolean {
  const [, scope, mark] = ALIAS.exec(alias) ?? [];
  return scope === shortProcessScope() && !isMarkAlive(mark!);
}

/** Makes the bridge of this run. @throws Error what went wrong; nothing is left then */
export async function makeBridge({ pid, address, localRanges }: BridgeOptions): Promise<Bridge> {
  const name = `nk${pid}`;
  const remover = startRemover(name);
  const remove = async (): Promise<void> => {
    const isRunning = remover.exitCode === null && remover.signalCode === null;
    // it must not keep this process, unless that waits for it
    if (isRunning) remover.ref();
    const gone = isRunning ? once(remover, 'exit') : undefined;
    remover.stdin!.end();
    await gone;
  };
  try {
    await ip([
      'link set lo up',
      `link add ${name} type bridge`,
      `link set ${name} alias "${bridgeAlias(pid)}"`,
      `addr add ${address} dev ${name}`,
      `link set ${name} up`,
      // what is local is bound and reached without an address on any device, and goes with the bridge
      ...localRanges.map((range) => `route add local ${range} dev ${name}`),
    ]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, remove };
}

/** Removes the bridges of runs whose process is gone. Their pods' devices went with the last process of each pod. */
export async function removeDeadBridges(): Promise<void> {
  const links = await ipJson<{ readonly ifname: string; readonly ifalias?: string }>([
    'link',
    'show',
    'type',
    'bridge',
  ]);
  for (const { ifname, ifalias = '' } of links) {
    // what waited for the end of that run may remove it at the same time
    if (isOfDeadRun(ifalias)) await ip([`link del ${ifname}`]).catch(() => undefined);
  }
}

/** Removes the bridge when nothing more can come from this process, whatever has ended it. */
function startRemover(name: string): ChildProcess {
  const script = 'cat > /dev/null; ip link del "$0"';
  const child = spawn('sh', ['-c', script, name], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}
