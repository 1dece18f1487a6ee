import type { kernel } from 'nekube/bpf';
import { type Destination, destinationOf } from './packets.ts';

/** How often what was sent is looked through. The kernel keeps a few hundred packets until then; of more at once the rest are lost. */
const LOOK_EVERY_MS = 20;
/** No such device, no right to hear it, a kernel without such sockets, and a device that was not brought up. */
const UNWATCHED = ['ENODEV', 'EPERM', 'EAFNOSUPPORT', 'ENETDOWN'];

/** Tells to whom packets are that a device sends, each destination once. */
export interface PacketWatch {
  /** Tells what was sent until now, without waiting for the next time. */
  look(): void;
}

/**
 * Watches what a device sends, whoever sends it and by whichever socket; undefined: nobody can here, since there is no such device, or the
 * calls of the kernel that it takes cannot be made (the optional package `koffi`).
 */
export async function watchPackets(device: string, tell: (to: string) => void): Promise<PacketWatch | undefined> {
  const socket = await packetsOf(device);
  if (socket === undefined) return undefined;
  const known = new Set<string>();
  const look = (): void => {
    for (let packet = socket.receive(); packet !== undefined; packet = socket.receive()) {
      const to = destinationOf(packet);
      const line = to && wordsOf(to);
      if (line === undefined || known.has(line)) continue;
      known.add(line);
      tell(line);
    }
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  return { look };
}

async function packetsOf(device: string): Promise<kernel.PacketSocket | undefined> {
  const { isBpfError, isNotSupportedError, kernel } = await import('nekube/bpf');
  try {
    return new kernel.PacketSocket(device);
  } catch (error) {
    if (isNotSupportedError(error) || (isBpfError(error) && UNWATCHED.includes(error.code))) return undefined;
    throw error;
  }
}

/** `ADDRESS:PORT`, `ADDRESS (PROTOCOL)`, or the address alone. */
function wordsOf({ address, port, protocol }: Destination): string {
  if (port !== undefined) return `${address}:${port}`;
  return protocol === undefined ? address : `${address} (${protocol})`;
}
