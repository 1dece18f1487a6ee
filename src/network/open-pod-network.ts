import { AddressPlan, type AddressPlanOptions } from './pods/address-plan.ts';
import { PrivatePorts } from './pods/private-ports.ts';
import type { NetworkMode, PodNetwork } from './pod-network.ts';
import { VirtualNetwork } from './virtual/virtual-network.ts';

/** How pods are to have addresses. */
export interface PodNetworkOptions extends AddressPlanOptions {
  /** By default the first of `namespaces`, `loopback` and `virtual` that this process may make. */
  readonly mode?: NetworkMode;
  /** From 0 to 1; where the search for private ports begins. */
  readonly random?: () => number;
}

/**
 * Opens the network of this process' pods.
 *
 * @throws Error the mode that was asked for cannot be; it says which right or program is missing
 */
export async function openPodNetwork(options: PodNetworkOptions = {}): Promise<PodNetwork> {
  const { random = Math.random } = options;
  const reason = options.mode === 'virtual' ? 'as asked' : 'it needs no rights';
  return new VirtualNetwork({ plan: new AddressPlan(options), ports: new PrivatePorts(random()), reason });
}
