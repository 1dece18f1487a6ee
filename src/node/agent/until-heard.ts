import type { Clock } from 'nekube/client';
import type { PodAttachment } from 'nekube/network';
import type { Container } from '../pod/container.ts';
import { isSidecar } from '../pod/restarts.ts';
import { heardPorts } from '../probes/unheard-ports.ts';
import type { RunningContainer } from '../runtime/running-container.ts';

/** A program has so long to listen on its ports before it counts as started all the same. */
const PATIENCE_MS = 1000;
/** The first wait between two looks, and the longest. */
const LOOK_MS = { first: 4, longest: 50 };

/** What waits for a container's ports needs. */
export interface UntilHeardOptions {
  readonly container: Container;
  /** Whether it is one that runs before the others. */
  readonly isInit: boolean;
  readonly attachment: PodAttachment;
  readonly clock: Clock;
  /** Whether the container is still to run. */
  readonly isWanted: () => boolean;
}

/**
 * Waits until a program listens on its ports, a second at most; not longer than it runs and is wanted.
 *
 * A container without a probe is ready as soon as it is known to run. A kubelet hears of that up to a second later, by which time
 * most programs listen; one that tells at once would send it what nobody takes yet, and a datagram is lost then.
 */
export async function untilHeard(running: RunningContainer, options: UntilHeardOptions): Promise<void> {
  const { clock, isWanted } = options;
  if (running.pid === undefined || !isWaitedFor(options)) return;
  let isRunning = true;
  void running.exited.then(() => (isRunning = false));
  const ports = await portsWithin(options);
  const tables = `/proc/${running.pid}/net`;
  const end = clock.elapsed() + PATIENCE_MS;
  for (let wait = LOOK_MS.first; isRunning && isWanted(); wait = Math.min(wait * 2, LOOK_MS.longest)) {
    if (await areHeard(ports, tables)) return;
    const left = end - clock.elapsed();
    if (left <= 0) return;
    await new Promise<void>((resolve) => void clock.after(Math.min(wait, left), resolve));
  }
}

/** Not whose probe says when it is ready, whose hook may be what has it listen, or who has others wait for its end. */
function isWaitedFor({ container, isInit }: UntilHeardOptions): boolean {
  const { readinessProbe, startupProbe, lifecycle } = container;
  if (readinessProbe !== undefined || startupProbe !== undefined || lifecycle?.postStart !== undefined) return false;
  return !isInit || isSidecar(container);
}

type Ports = Readonly<Record<'TCP' | 'UDP', readonly number[]>>;

/** Where it listens on the ports that it tells of. One of UDP that is not at its number cannot be told. */
async function portsWithin({ container, attachment }: UntilHeardOptions): Promise<Ports> {
  const ports: Record<'TCP' | 'UDP', number[]> = { TCP: [], UDP: [] };
  for (const { containerPort, protocol = 'TCP' } of container.ports ?? []) {
    if (protocol === 'SCTP') continue;
    const { port } = await attachment.dial(containerPort);
    if (protocol === 'TCP' || port === containerPort) ports[protocol].push(port);
  }
  return ports;
}

/** Whether somebody listens on all of them, or that cannot be told. */
async function areHeard(ports: Ports, tables: string): Promise<boolean> {
  for (const protocol of ['TCP', 'UDP'] as const) {
    if (ports[protocol].length === 0) continue;
    const heard = await heardPorts(protocol, tables);
    if (heard !== undefined && !ports[protocol].every((port) => heard.has(port))) return false;
  }
  return true;
}
