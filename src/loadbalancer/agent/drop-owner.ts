import { addressBytes, familyOf } from '../maps/address.ts';
import { layouts } from '../maps/compile.ts';
import { SCOPE } from '../maps/layouts.ts';
import { textOf } from '../maps/writes.ts';

/** A place that a packet comes from, or goes to. */
export interface PacketPlace {
  readonly address: string;
  readonly port: number;
  /** The number of the protocol. */
  readonly protocol: number;
}

/** The Service's port (`NAMESPACE/SERVICE:PORT`) that has a frontend there, by the owners of entries of the maps; undefined if none has. */
export function ownerAt(
  owners: ReadonlyMap<string, string>,
  { address, port, protocol }: PacketPlace,
): string | undefined {
  const key = layouts(familyOf(address)).serviceKey.encode({
    address: addressBytes(address),
    port,
    protocol,
    scope: SCOPE.outside,
  });
  return owners.get(textOf(key));
}
