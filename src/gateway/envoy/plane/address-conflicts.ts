import type { GatewayModel, Listener } from '../../model/index.ts';
import { bindingsOf } from '../resources/listener.ts';

/** Why listeners are not served: another gateway, that stands before, has the same address and port. */
export function addressConflicts(model: GatewayModel, anyAddress: string): ReadonlyMap<Listener, string> {
  const owners = new Map<string, string>();
  const conflicts = new Map<Listener, string>();
  for (const gateway of model.gateways) {
    for (const listener of gateway.listeners) {
      for (const { name } of bindingsOf(listener, gateway, anyAddress)) {
        const owner = owners.get(name);
        if (owner === undefined) owners.set(name, gateway.key);
        else
          conflicts.set(
            listener,
            `Gateway ${owner} already listens at ${name}; one of both must have another address or port`,
          );
      }
    }
  }
  return conflicts;
}
