import type { Pod } from '../objects/pod.ts';

/** A port of a node that a pod wants for itself. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const ANY_IP = '0.0.0.0';

/** The ports of nodes that a pod wants. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ hostPort, hostIP = '', protocol = 'TCP' }) => ({
        ip: hostIP === '' ? ANY_IP : hostIP,
        protocol,
        port: hostPort!,
      })),
  );
}

/** Whether one of the ports is among those that are taken; an address that stands for all is taken by each. */
export function conflict(wanted: readonly HostPort[], taken: Iterable<HostPort>): boolean {
  if (wanted.length === 0) return false;
  for (const other of taken) {
    const isTaken = wanted.some(
      ({ ip, protocol, port }) =>
        port === other.port && protocol === other.protocol && (ip === other.ip || ip === ANY_IP || other.ip === ANY_IP),
    );
    if (isTaken) return true;
  }
  return false;
}
