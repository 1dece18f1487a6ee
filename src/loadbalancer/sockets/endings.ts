import { kernel } from 'nekube/bpf';
import { FAMILIES, type Family } from '../maps/address.ts';
import { PROTOCOL, SCOPE } from '../maps/layouts.ts';
import type { Writes } from '../maps/writes.ts';
import { SHAPES } from '../datapath/family.ts';
import { socketLayoutsOf } from './maps.ts';

/** A backend of UDP, of a Service's port. */
interface GoneBackend {
  readonly family: Family;
  readonly address: Uint8Array;
  readonly port: number;
  readonly service: number;
}

/** What sockets are ended with. */
interface EndingParts {
  readonly mapOf: (name: string) => Pick<kernel.KernelMap, 'getBytes' | 'deleteBytes'>;
  /** The files of network namespaces. */
  readonly namespaces: () => readonly string[];
  readonly onError: (error: Error) => void;
}

/** Whether the process is gone by whose file a namespace was to be entered. */
function hasEnded(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'ENOENT' || code === 'ESRCH';
}

/** Ends sockets of UDP that are connected to a backend which is no more. */
export class SocketEndings {
  readonly #parts: EndingParts;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** The backends that writes take away; to be asked before they are done. */
  goneWith({ removed }: Writes): readonly GoneBackend[] {
    return FAMILIES.flatMap((family) =>
      removed
        .filter(({ map, value }) => map === `backends${family}` && value === undefined)
        .flatMap(({ map, key }) => {
          const bytes = this.#parts.mapOf(map).getBytes(key);
          if (bytes === undefined) return [];
          const { address, port, protocol, service } = SHAPES[family].layouts.backend.decode(bytes);
          return protocol === PROTOCOL.UDP ? [{ family, address, port, service }] : [];
        }),
    );
  }

  /** Ends the sockets that were given this backend in the place of a frontend of that Service, or of one that is gone as well. */
  end(backend: GoneBackend): void {
    const { namespaces, onError } = this.#parts;
    for (const file of namespaces())
      try {
        kernel.inNamespace(file, () => this.#endHere(backend));
      } catch (error) {
        if (!hasEnded(error))
          onError(new Error(`Cannot end sockets of a backend that is gone: ${String(error)}`, { cause: error }));
      }
  }

  #endHere(backend: GoneBackend): void {
    const { family, address, port } = backend;
    const sockets = this.#parts.mapOf(`sock_rev${family}`);
    const peers = kernel
      .connectedUdpSockets()
      .filter((one) => one.port === port && Buffer.compare(one.address, address) === 0);
    for (const socket of peers) {
      const key = socketLayoutsOf(family).key.encode({ cookie: socket.cookie, address, port });
      const frontend = sockets.getBytes(key);
      // others have named the backend themselves, or have it by a Service that keeps it
      if (frontend === undefined || !this.#isOf(frontend, backend)) continue;
      socket.destroy();
      sockets.deleteBytes(key);
    }
  }

  /** Whether the Service of a frontend is the one that has lost its backend, or is gone. */
  #isOf(frontend: Uint8Array, { family, service }: GoneBackend): boolean {
    const { address, port } = socketLayoutsOf(family).frontend.decode(frontend);
    const { serviceKey, service: layout } = SHAPES[family].layouts;
    const key = serviceKey.encode({ address, port, protocol: PROTOCOL.UDP, scope: SCOPE.outside });
    const value = this.#parts.mapOf(`services${family}`).getBytes(key);
    return value === undefined || layout.decode(value).id === service;
  }
}
