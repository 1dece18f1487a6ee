import { asm } from 'nekube/bpf';
import { addressBytes } from '../maps/address.ts';
import { copy, copyField, ifDiffer, inFrame, writeConstant } from './frame.ts';
import { forward, hop } from './forward.ts';
import { L3 } from './family.ts';
import { begin, ifPast, touch } from './flow-state.ts';
import { flowLayoutsOf } from './maps.ts';
import { drop, headers, lookup, NEXT } from './parts.ts';
import { remember, rememberNew } from './remember.ts';
import { headersOf, type RequestParts } from './request-frame.ts';
import { rewriteToBackend } from './to-backend.ts';
import { rewrite } from './rewrite.ts';
import { mustFit } from './too-big.ts';
import { unlessQuote } from './tuples.ts';

const { add, at, call, goto, jeq, jlt, label, load, mod32, mov, r0, r1, r10, r2, r7, r8, store, storeImm, toBig } = asm;
type Code = asm.Code;

/** How many ports are tried for a new flow. */
const TRIES = 32;

/**
 * Sends a packet to the backend whose address and port are in the frame, with this node's address and a port of its own in the client's
 * place. r7 is the protocol.
 */
export function translate(parts: RequestParts): Code {
  const { shape, maps, options, places } = parts;
  const node = options.nodeAddresses[shape.family];
  if (node === undefined) return [drop('drop_no_backend', maps, places.counter.offset)];
  return [
    headers(L3 + shape.headerLength),
    mustFit(parts, 0),
    load(r7, r10, places.tuple.protocol),
    standIn(parts, node),
    hop(parts),
    forward(parts, 'forwarded_snat'),
  ];
}

/** Gives the packet the backend's address and port, and in the client's place that address and a port of its own. r7 is the protocol. */
export function standIn(parts: RequestParts, node: string): Code {
  const { shape, maps, places } = parts;
  const of = maps[shape.family];
  const { tuple, reverse } = places;
  const own = { address: reverse.destination, port: reverse.destinationPort };
  return [
    // of the backend's packets: from it, to this node's port that stands for the client
    copyField(reverse.source, places.backendAddress, shape.addressLength),
    writeConstant(reverse.destination.offset, addressBytes(node)),
    copyField(reverse.sourcePort, places.backendPort, 2),
    copyField(reverse.protocol, tuple.protocol, 4),
    lookup(of.snatPorts, tuple.source.offset),
    jeq(r0, 0, 'snat port'),
    load(r1, r0, flowLayoutsOf(shape.family).port.at.port),
    store(r10, reverse.destinationPort, r1),
    mustKnowReply(parts),
    goto('snat rewrite'),
    label('snat port'),
    newPort(parts),
    label('snat rewrite'),
    rewriteToBackend(parts),
    rewrite(shape, r7, { which: 'source', to: own }, headersOf(places)),
  ];
}

/**
 * Goes on if what its backend sends to the port gets to the client, and else to `snat port`: a flow that has another backend than before
 * had its port with that one, and with this one the port may be another flow's.
 */
function mustKnowReply({ shape, maps, places }: RequestParts): Code {
  const { tuple, reverse } = places;
  const { client, frontendPort } = flowLayoutsOf(shape.family).translation.at;
  // both have the client, the frontend and their ports in this order
  const bytes = frontendPort.offset + 2 - client.offset;
  return [
    lookup(maps[shape.family].translations, reverse.source.offset),
    jeq(r0, 0, 'snat port'),
    ifDiffer({ base: r0, offset: client.offset }, inFrame(tuple.source), bytes, 'snat port'),
    unlessQuote(places, touch(flowLayoutsOf(shape.family).translation.at, places, 'client')),
  ];
}

/**
 * Claims a port for the flow, and remembers it for both directions: one that nobody has, or whose flow is past. An error about a flow that is
 * not known is dropped. Uses r8.
 */
function newPort({ shape, maps, options, places }: RequestParts): Code {
  const of = maps[shape.family];
  const { counter, tuple, reverse, translation, port } = places;
  const claimed = { map: of.translations, key: reverse.source, value: translation.client, counter };
  const { first, count: ports } = options.snatPorts;
  return [
    load(r1, r10, places.quote),
    jeq(r1, 0, 'snat new'),
    drop('drop_no_flow', maps, places.counter.offset),
    label('snat new'),
    begin(translation, places),
    copyField(translation.client, tuple.source, shape.addressLength),
    copyField(translation.frontend, tuple.destination, shape.addressLength),
    copyField(translation.clientPort, tuple.sourcePort, 2),
    copyField(translation.frontendPort, tuple.destinationPort, 2),
    mov(r8, 0),
    label('snat try'),
    call('get_prandom_u32'),
    mod32(r0, ports),
    add(r0, first),
    toBig(r0, 16),
    store(r10, reverse.destinationPort, r0),
    storeImm(r10, at(port.port.offset, 'u32'), 0),
    store(r10, port.port, r0),
    rememberNew(maps, { ...claimed, there: 'snat taken', refused: 'snat full' }),
    goto('snat claimed'),
    label('snat taken'),
    lookup(of.translations, reverse.source.offset),
    jeq(r0, 0, 'snat next'),
    ifPast(flowLayoutsOf(shape.family).translation.at, translation.seen, tuple.protocol, options, 'snat past'),
    label('snat next'),
    add(r8, 1),
    jlt(r8, TRIES, 'snat try'),
    drop('drop_snat_ports', maps, places.counter.offset),
    label('snat full'),
    drop('drop_table_full', maps, counter.offset),
    label('snat past'),
    remember(maps, { ...claimed, refused: 'snat full' }),
    label('snat claimed'),
    remember(maps, { map: of.snatPorts, key: tuple.source, value: port.port, counter, refused: 'snat full' }),
  ];
}

/** Sends a backend's reply to the client that this node stands for, from the frontend; goes on if the packet is none. */
export function translateBack(parts: RequestParts): Code {
  const { shape, options } = parts;
  if (options.nodeAddresses[shape.family] === undefined) return goto(NEXT);
  const fits = [headers(L3 + shape.headerLength), mustFit(parts, 0)];
  return [standBack(parts, NEXT, fits), hop(parts), forward(parts, 'replied_snat')];
}

/** Gives a backend's reply the client's address and port, and the frontend's; goes to `otherwise` if the packet is none. `fits` is run before it is changed. */
export function standBack({ shape, maps, places }: RequestParts, otherwise: string, fits: Code = []): Code {
  const { tuple, translation } = places;
  const layout = flowLayoutsOf(shape.family).translation;
  const frontend = { address: translation.frontend, port: translation.frontendPort };
  const client = { address: translation.client, port: translation.clientPort };
  return [
    lookup(maps[shape.family].translations, tuple.source.offset),
    jeq(r0, 0, otherwise),
    copy(inFrame(translation.client), { base: r0, offset: 0 }, layout.size, r2),
    unlessQuote(places, touch(layout.at, places, 'backend')),
    fits,
    load(r7, r10, tuple.protocol),
    rewrite(shape, r7, { which: 'source', to: frontend }, headersOf(places)),
    rewrite(shape, r7, { which: 'destination', to: client }, headersOf(places)),
  ];
}
