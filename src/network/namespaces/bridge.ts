import { atEnd } from '../machine/at-end.ts';
import { isMarkAlive, processMark } from '../machine/process-mark.ts';
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
const ALIAS = /^nekube (\d+ \d+)$/;

/** Makes the bridge of this run. @throws Error what went wrong; nothing is left then */
export async function makeBridge({ pid, address, localRanges }: BridgeOptions): Promise<Bridge> {
  const name = `nk${pid}`;
  const remove = atEnd('ip link del "$0"', [name]);
  try {
    await ip([
      'link set lo up',
      `link add ${name} type bridge`,
      `link set ${name} alias "nekube ${processMark(pid)}"`,
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
    const mark = ALIAS.exec(ifalias)?.[1];
    // what waited for the end of that run may remove it at the same time
    if (mark !== undefined && !isMarkAlive(mark)) await ip([`link del ${ifname}`]).catch(() => undefined);
  }
}
