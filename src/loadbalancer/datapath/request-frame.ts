import { layout } from 'nekube/bpf';
import { answerLength } from './answer.ts';
import type { FamilyShape } from './family.ts';
import { FIB_BYTES } from './forward.ts';
import { frame } from './frame.ts';
import { OUTER_BYTES } from './ipip.ts';
import { type DatapathMaps, flowLayoutsOf } from './maps.ts';
import type { DatapathOptions } from './options.ts';
import { PACKET_FIELDS, readingFields } from './read-packet.ts';
import type { ReplyPlaces } from './record-reply.ts';
import type { HeaderPlaces } from './rewrite.ts';

/** What a program keeps on its stack that gives packets of clients a backend. */
export function frameOf(shape: FamilyShape) {
  const { tuple, flow, reply, port, translation, affinityKey, affinity } = flowLayoutsOf(shape.family);
  const { serviceKey, sourceRangeKey } = shape.layouts;
  return frame(
    {
      /** Of the packet as it came. */
      tuple,
      /** Of what the backend will send. */
      reverse: tuple,
      backendId: layout.u32,
      counter: layout.u32,
      /** Not 0: the flow was not known before this packet. */
      isNew: layout.u32,
      ...PACKET_FIELDS,
      backendPort: layout.be16,
      /** How large a packet may be, once one was not. */
      fitting: layout.u16,
      /** Of the packet, or of one of its segments, once it was measured. */
      length: layout.u32,
      backendAddress: layout.bytes(shape.addressLength, 4),
    },
    readingFields(shape),
    // choosing a backend
    {
      service: serviceKey,
      range: sourceRangeKey,
      affinityKey,
      affinity,
      flow,
      slot: layout.u32,
    },
    // sending the packet to it
    {
      reply,
      port,
      translation,
      nodeAddress: layout.bytes(16, 4),
      outer: layout.bytes(OUTER_BYTES, 4),
      fib: layout.bytes(FIB_BYTES, 4),
    },
    // to a client that gets an answer instead: addresses of hardware, and all behind Ethernet's header
    { macs: layout.bytes(12, 4), answer: layout.bytes(answerLength(shape), 4) },
  );
}

/** That frame. */
export type RequestFrame = ReturnType<typeof frameOf>['at'];

/** What the parts of the program are made with. */
export interface RequestParts {
  readonly shape: FamilyShape;
  readonly maps: DatapathMaps;
  readonly options: DatapathOptions;
  readonly places: RequestFrame;
}

/** Where the frame has what is known of a packet's headers. */
export function headersOf({ tuple, l4, quote, fib }: RequestFrame): HeaderPlaces {
  // a route is asked for when all is written
  return { tuple, l4, quote, former: fib };
}

/** Where it has what a reply is remembered with. */
export function repliesOf(places: RequestFrame): ReplyPlaces {
  const { reverse, reply, port, flags, counter } = places;
  return { ...headersOf(places), reverse, reply, standIn: port, flags, counter };
}
