import { type Destination, destinationOf } from './packets.ts';

/** How often what was sent is looked through. The kernel keeps a few hundred packets until then; of more at once the rest are lost. */
const LOOK_EVERY_MS = 20;

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
  try {
    const { kernel } = await import('nekube/bpf');
    const socket = new kernel.PacketSocket(device);
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
  } catch {
    return undefined;
  }
}

/** `ADDRESS:PORT`, `ADDRESS (PROTOCOL)`, or the address alone. */
function wordsOf({ address, port, protocol }: Destination): string {
  if (port !== undefined) return `${address}:${port}`;
  return protocol === undefined ? address : `${address} (${protocol})`;
}
