import { destinationOf } from './packets.ts';

/** So often what was sent is looked through: the kernel keeps a few hundred packets until then. */
const LOOK_EVERY_MS = 20;

/** Tells to whom packets are that a device sends, each destination once. */
export interface PacketWatch {
  /** What was sent until now is told. */
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
        if (to === undefined) continue;
        const { address, port, protocol } = to;
        const line =
          port === undefined ? `${address}${protocol === undefined ? '' : ` (${protocol})`}` : `${address}:${port}`;
        if (known.has(line)) continue;
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
