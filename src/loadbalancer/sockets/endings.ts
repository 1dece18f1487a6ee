import { kernel } from 'nekube/bpf';
import type { Family } from '../maps/address.ts';
import { PROTOCOL } from '../maps/layouts.ts';
import type { Writes } from '../maps/writes.ts';
import { SHAPES } from '../datapath/family.ts';
import { socketLayoutsOf } from './maps.ts';

/** A backend of UDP. */
interface GoneBackend {
  readonly family: Family;
  readonly address: Uint8Array;
  readonly port: number;
}

/** What sockets are ended with. */
interface EndingParts {
  readonly mapOf: (name: string) => Pick<kernel.KernelMap, 'getBytes' | 'deleteBytes'>;
  /** The files of network namespaces; default: this process's own. */
  readonly namespaces?: () => readonly string[];
  readonly onError: (error: Error) => void;
}

/** Ends sockets of UDP that are connected to a backend which is no more. */
export class SocketEndings {
  readonly #parts: EndingParts;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** The backends that writes take away; to be asked before they are done. */
  goneWith({ removed }: Writes): readonly GoneBackend[] {
    return ([4, 6] as const).flatMap((family) =>
      removed
        .filter(({ map, value }) => map === `backends${family}` && value === undefined)
        .flatMap(({ map, key }) => {
          const bytes = this.#parts.mapOf(map).getBytes(key);
          if (bytes === undefined) return [];
          const { address, port, protocol } = SHAPES[family].layouts.backend.decode(bytes);
          return protocol === PROTOCOL.UDP ? [{ family, address, port }] : [];
        }),
    );
  }

  /** Ends the sockets that were given this backend in the place of a frontend. */
  end(backend: GoneBackend): void {
    const { namespaces, onError } = this.#parts;
    const here = (): void => this.#endHere(backend);
    const places = namespaces === undefined ? [here] : namespaces().map((file) => () => kernel.inNamespace(file, here));
    for (const place of places)
      try {
        place();
      } catch (error) {
        onError(new Error(`Cannot end sockets of a backend that is gone: ${String(error)}`, { cause: error }));
      }
  }

  #endHere({ family, address, port }: GoneBackend): void {
    const sockets = this.#parts.mapOf(`sock_rev${family}`);
    const peers = kernel
      .connectedUdpSockets()
      .filter((one) => one.port === port && Buffer.compare(one.address, address) === 0);
    for (const socket of peers) {
      const key = socketLayoutsOf(family).key.encode({ cookie: socket.cookie, address, port });
      // others have named the backend themselves
      if (sockets.getBytes(key) === undefined) continue;
      socket.destroy();
      sockets.deleteBytes(key);
    }
  }
}
