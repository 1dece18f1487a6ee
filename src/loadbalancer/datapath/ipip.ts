import { asm, layout } from 'nekube/bpf';
import { L3 } from './family.ts';
import { forward } from './forward.ts';
import { copy, inFrame } from './frame.ts';
import { outerHeader } from './outer.ts';
import { drop, headers } from './parts.ts';
import type { RequestParts } from './request-frame.ts';
import { makeRoomBefore } from './room.ts';
import { mustFitPath } from './path-size.ts';
import { mustFit } from './too-big.ts';

const { r2, r7 } = asm;
type Code = asm.Code;

/** Room for the largest outer header: Geneve's in IPv6, with IPv6 within, to the end of the inner header of Ethernet. */
export const OUTER_BYTES = layout.Ipv6.size + layout.Udp.size + 8 + 24 + layout.Ethernet.size + 2;

/**
 * Sends the packet to the backend whose address and port are in the frame, within another header and else as it is. With IPv4 the
 * header's identification, and with IPv6 the last 16 bits of its source if it is of a prefix, are the backend's port, by which the backend's
 * node can tell it where the address alone does not.
 */
export function encapsulate(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const { family, headerLength } = shape;
  if (options.nodeAddresses[family] === undefined) return [drop('drop_no_backend', maps, places.counter.offset)];
  return [
    headers(L3 + headerLength),
    mustFit(parts, headerLength),
    mustFitPath(parts, { overhead: headerLength, destination: places.backendAddress, family }),
    outerHeader(parts, {
      family,
      protocol: shape.encapsulated,
      between: 0,
      destination: places.backendAddress.offset,
      id: 'port',
      source: 'spread',
    }),
    makeRoomBefore(family, headerLength),
    // straight into the room that was made: a helper would take a tenth of what all the rest takes
    headers(L3 + headerLength),
    copy({ base: r7, offset: L3 }, inFrame(places.outer), headerLength, r2),
    forward(parts, 'forwarded_ipip', shape, headerLength),
  ];
}
