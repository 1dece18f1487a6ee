import type { DatapathOptions } from '../datapath/options.ts';
import type { Frontend } from '../model/config.ts';

/** The programs of a node, by what they are for. */
export const PROGRAMS = ['request', 'take-out', 'reply'] as const;

/** A program of a node: takes requests, takes tunnels and options off, or gives replies the frontend's address. */
export type ProgramName = (typeof PROGRAMS)[number];

/** A node for one packet, and those before it, without devices and routes. */
export interface PacketRunConfig {
  readonly options: DatapathOptions;
  readonly frontends: readonly Frontend[];
  /** Addresses, and ranges of them, from which tunnels are taken. */
  readonly tunnelsFrom: readonly string[];
  /** What the node has seen before. */
  readonly before: readonly PacketRun[];
}

/** A packet from its Ethernet header on, and the program that gets it. */
export interface PacketRun {
  readonly program: ProgramName;
  readonly packet: Uint8Array;
}

/** What became of a packet. */
export interface PacketResult {
  /**
   * - `redirect`: the program sent it on, to the next hop or back to where it came from;
   * - `pass`: it goes on to the kernel, and to the programs behind, as it now is;
   * - `drop`.
   */
  readonly verdict: 'redirect' | 'pass' | 'drop';
  readonly packet: Uint8Array;
  /** What was counted, by the names of counters. */
  readonly counters: Readonly<Record<string, number>>;
}
