import { layout } from 'nekube/bpf';
import type { Family } from './address.ts';

const { be16, bytes, pad, struct, u16, u32, u8 } = layout;

/** The numbers of modes in maps. */
export const MODE = { snat: 0, 'dsr-ipip': 1, 'dsr-ipopt': 2, 'dsr-geneve': 3 } as const;
/** The numbers of algorithms in maps. */
export const ALGORITHM = { maglev: 0, random: 1 } as const;
/** The numbers of protocols, as in IP. */
export const PROTOCOL = { TCP: 6, UDP: 17 } as const;

/** Flags of a service. */
export const SERVICE_FLAG = {
  /** Clients inside have backends of their own: the entry with `INSIDE`. */
  hasInside: 1,
  /** With no backend a packet is dropped; without the flag it is answered that nobody listens. */
  dropsWhenEmpty: 2,
  /** Only clients of ranges in `source_ranges` are let in. */
  hasSourceRanges: 4,
} as const;

/** Scopes of a service's key. */
export const SCOPE = { outside: 0, inside: 1 } as const;

/** Flags of a backend. */
export const BACKEND_FLAG = {
  local: 1,
  /** It gets no new flows. */
  terminating: 2,
} as const;

/** Flags of a target port. */
export const TARGET_PORT_FLAG = {
  /** Others have the same address: the port that the packet carries counts. */
  ambiguous: 1,
} as const;

/** The layouts of a family's maps. What is of the network stands in its order. */
export function layoutsOf(family: Family) {
  const address = bytes(family === 4 ? 4 : 16, 4);
  return {
    /** Of a frontend, whatever its port is. */
    address,
    /** Where requests are taken. */
    serviceKey: struct(`lb${family}_key`, { address, port: be16, protocol: u8, scope: u8 }),
    /** A pick is `backends[table[tableOffset + n % tableSize]]`, with a hash of the flow, or a random number, for n. */
    service: struct('lb_service', {
      /** All frontends of a Service's port have the same: clients keep their backend over all of them. */
      id: u32,
      tableOffset: u32,
      /** 0: no backend. */
      tableSize: u32,
      /** 0: a client does not keep its backend. */
      affinitySeconds: u32,
      /** Where in `traffic` what comes to this frontend is counted. */
      counter: u32,
      flags: u16,
      mode: u8,
      algorithm: u8,
    }),
    /** Of a backend's id, which is `u32`. */
    backend: struct(`lb${family}_backend`, {
      address,
      /** An address of either family, one of IPv4 as one of IPv6 (RFC 4291); zeros if none is known. */
      node: bytes(16, 4),
      /** The number of the Service's port that it is a backend of: each has its own. */
      service: u32,
      port: be16,
      protocol: u8,
      flags: u8,
    }),
    /**
     * At a backend's node: what a request to the frontend means for the pod that an outer header names. A frontend that is a node port
     * has zeros for its address: it is that of the node which sends the request.
     */
    targetPortKey: struct(`lb${family}_target_key`, {
      frontend: address,
      pod: address,
      port: be16,
      /** 0; and of an ambiguous frontend one more entry for each port that a packet may carry. */
      carried: be16,
      protocol: u8,
      _gap: pad(3),
    }),
    targetPort: struct('lb_target', { port: be16, flags: u8, _gap: pad(1) }),
    /** Of a trie: `prefix` counts the bits of all that follows, of which the service's id is the first 32. */
    sourceRangeKey: struct(`lb${family}_range_key`, { prefix: u32, service: u32, address }),
  };
}

/** The layouts of a family. */
export type Layouts = ReturnType<typeof layoutsOf>;
