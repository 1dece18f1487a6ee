import type { GatewayConfig, GatewayModel, Listener } from './model.ts';

/** Who listens where, by place. */
export type PortOwners = ReadonlyMap<string, PortOwner>;

/** A listener of a gateway that has a place. */
export interface PortOwner {
  /** `GatewayConfig.key`. */
  readonly gateway: string;
  /** `Listener.name`. */
  readonly listener: string;
}

/** Where a listener of a gateway would listen: texts, of which equal ones cannot be had twice. */
export type PlacesOf = (listener: Listener, gateway: GatewayConfig) => readonly string[];

/** The port that a listener is bound to. */
export function boundPort({ port, bindPort = port }: Listener): number {
  return bindPort;
}

/**
 * Decides who listens where several gateways would: whoever does already, in the model before; among those who come, the oldest, and
 * then by name. So a Gateway that is made later never takes a port from one that serves, and has it when that goes.
 */
export function portOwners(model: GatewayModel, placesOf: PlacesOf, before: PortOwners = new Map()): PortOwners {
  const owners = new Map<string, PortOwner>();
  for (const gateway of [...model.gateways].sort(olderFirst)) {
    for (const listener of gateway.listeners) {
      for (const place of placesOf(listener, gateway)) {
        const isFirst = !owners.has(place);
        if (isFirst || before.get(place)?.listener === listener.name) {
          owners.set(place, { gateway: gateway.key, listener: listener.name });
        }
      }
    }
  }
  return owners;
}

/** What a listener is told whose place another has. */
export function takenMessage(where: string, owner: PortOwner, gateway: GatewayConfig): string {
  if (owner.gateway === gateway.key) return `Another listener of it has ${where}; one of both must have another port`;
  return `Gateway ${owner.gateway} already listens at ${where}; one of both must have another address or port`;
}

function olderFirst(a: GatewayConfig, b: GatewayConfig): number {
  const [one, other] = [a, b].map(({ created = '', key }) => `${created} ${key}`) as [string, string];
  return one < other ? -1 : Number(one > other);
}
