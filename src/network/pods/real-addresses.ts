import type { Endpoint, NetworkMode, PodNetwork } from '../pod-network.ts';
import type { AddressPlan } from './address-plan.ts';

/** What of a pod network is alike wherever its addresses are real ones: what is at an address is reached there. */
export abstract class RealAddresses implements Omit<PodNetwork, 'attach' | 'close'> {
  abstract readonly mode: NetworkMode;
  readonly reason: string;
  protected readonly plan: AddressPlan;

  constructor({ plan, reason }: { readonly plan: AddressPlan; readonly reason: string }) {
    this.plan = plan;
    this.reason = reason;
  }

  get loadBalancerRange(): string {
    return this.plan.balancers;
  }

  podRange(node: string): string {
    return this.plan.podRange(node);
  }

  nodeAddress(node: string): string {
    return this.plan.nodeAddress(node);
  }

  knownNodeAddress(node: string): string | undefined {
    return this.plan.knownNodeAddress(node);
  }

  nodeOf(ip: string): string | undefined {
    return this.plan.nodeOf(ip);
  }

  reach(ip: string, port: number): Endpoint {
    return { host: ip, port };
  }

  serviceEndpoint(ip: string, port: number): Promise<Endpoint> {
    return Promise.resolve({ host: ip, port });
  }

  placeOfService({ ip, port }: { readonly ip: string; readonly port: number }): Promise<Endpoint> {
    return Promise.resolve({ host: ip, port });
  }

  giveServicePlaceBack(): Promise<void> {
    return Promise.resolve();
  }
}
