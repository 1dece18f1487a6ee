import { systemClock } from 'nekube/client';
import type { Endpoint, PodPort, Protocol } from '../pod-network.ts';
import { type Listener, listenTcp } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

/**
 * Listens on the ports of its node that a pod asked for (`hostPort`), and brings what comes to the pod.
 *
 * @returns what ends it
 * @throws Error one of them is taken
 */
export async function openHostPorts(
  ports: readonly PodPort[],
  nodeAddress: string,
  reach: (port: number, protocol: Protocol) => Endpoint,
): Promise<() => Promise<void>> {
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((one) => one.destroy()));
  };
  for (const { hostPort, hostIP, containerPort, protocol = 'TCP' } of ports) {
    if (hostPort === undefined || hostPort === 0 || protocol === 'SCTP') continue;
    const place = { host: hostIP === undefined || hostIP === '0.0.0.0' ? nodeAddress : hostIP, port: hostPort };
    const choose = (): Endpoint => reach(containerPort, protocol);
    const parts = { choose, onError: () => undefined };
    try {
      const listener =
        protocol === 'UDP'
          ? await listenUdp(place, { ...parts, clock: systemClock, isCurrent: () => true })
          : await listenTcp(place, parts);
      listeners.push(listener);
    } catch (error) {
      await close();
      throw new Error(`Cannot listen on the host port ${place.host}:${hostPort}: ${String(error)}`, { cause: error });
    }
  }
  return close;
}
