import { asm, layout } from 'nekube/bpf';
import { BACKEND_FLAG, SCOPE, SERVICE_FLAG } from '../maps/layouts.ts';
import { clear, copy, ifDiffer, inFrame } from '../datapath/frame.ts';
import { hashNumber } from '../datapath/hash.ts';
import { count, lookup, seconds } from '../datapath/parts.ts';
import { remember } from '../datapath/remember.ts';
import { addressToFrame, clearPort, portToFrame, type SocketParts, words } from './frame.ts';
import { SocketAffinity, SocketClient, socketLayoutsOf } from './maps.ts';

const { at, call, goto, jeq, jset, label, load, mov, r0, r1, r10, r2, r6, r7, r8, r9 } = asm;
const { store, storeImm } = asm;
type Code = asm.Code;

/** How many other slots of the table are tried for a backend that the socket has not asked by another frontend. */
const OTHERS = 6;
/** So many jiffies, a second to twelve, an answer is waited for. */
const WAITED = 1250;

/**
 * Puts a backend's address and port into the place of a frontend's, where a socket is told whom to speak with; goes to `allow`, or to
 * `refuse` where there is no backend. r6 is the context, r7 the protocol. Uses all other registers.
 *
 * The pick is by the socket's cookie, so that one that names its peer with each packet (`namesPeers`) has the same backend each time; and another
 * where it would take its answers for those of a frontend that it has asked before.
 */
export function balanceSocket(parts: SocketParts, namesPeers: boolean): Code {
  const { family, maps, places, prefix, layouts } = parts;
  const { flags } = layouts.service.at;
  return [
    addressToFrame(parts, places.service.address.offset),
    portToFrame(places.service.port),
    store(r10, places.service.protocol, r7),
    storeImm(r10, places.service.scope, SCOPE.outside),
    lookup(maps[family].services, places.service.address.offset),
    jeq(r0, 0, 'allow'),
    mov(r9, r0),
    load(r1, r9, flags),
    // where a client must be of some range, its address is still to be chosen: packets are looked at instead
    jset(r1, SERVICE_FLAG.hasSourceRanges, 'allow'),
    jset(r1, SERVICE_FLAG.hasInside, `${prefix}inside`),
    goto(`${prefix}found`),
    label(`${prefix}inside`),
    storeImm(r10, places.service.scope, SCOPE.inside),
    lookup(maps[family].services, places.service.address.offset),
    jeq(r0, 0, 'allow'),
    mov(r9, r0),
    label(`${prefix}found`),
    mov(r1, r6),
    call('get_socket_cookie'),
    store(r10, places.key.cookie, r0),
    kept(parts),
    byTable(parts),
    label(`${prefix}picked`),
    mov(r8, r0),
    frontendInFrame(parts),
    namesPeers ? mustBeFree(parts) : [],
    label(`${prefix}free`),
    keep(parts),
    rememberIt(parts),
    label(`${prefix}known`),
    become(parts),
    count('balanced_socket', maps, places.counter.offset),
    goto('allow'),
  ];
}

/** Goes to `picked` with the backend that the namespace had, if it still may. */
function kept({ family, maps, sockets, places, prefix, layouts }: SocketParts): Code {
  const { client, backendId } = places;
  const table = `${prefix}by table`;
  return [
    // a service may be another at its next look
    clear(r10, client.namespace.offset, SocketClient.size),
    load(r1, r9, layouts.service.at.affinitySeconds),
    jeq(r1, 0, table),
    mov(r1, r6),
    call('get_netns_cookie'),
    store(r10, client.namespace, r0),
    load(r1, r9, layouts.service.at.id),
    store(r10, client.service, r1),
    lookup(sockets.affinities, client.namespace.offset),
    jeq(r0, 0, table),
    load(r8, r0, SocketAffinity.at.seen),
    load(r1, r0, SocketAffinity.at.backend),
    store(r10, backendId, r1),
    seconds(),
    asm.sub(r0, r8),
    load(r1, r9, layouts.service.at.affinitySeconds),
    asm.jgt(r0, r1, table),
    lookup(maps[family].backends, backendId.offset),
    jeq(r0, 0, table),
    load(r1, r0, layouts.backend.at.flags),
    jset(r1, BACKEND_FLAG.terminating, table),
    goto(`${prefix}picked`),
    label(table),
  ];
}

/** r0 = the backend that the service's table has for the socket. */
function byTable({ family, maps, places, layouts }: SocketParts, attempt = 0): Code {
  const { tableSize, tableOffset } = layouts.service.at;
  return [
    load(r2, r9, tableSize),
    jeq(r2, 0, 'refuse'),
    // cookies are counted up
    load(r1, r10, at(places.key.cookie.offset, 'u32')),
    // neighbours in a table are often one backend's
    attempt === 0 ? [] : asm.xor32(r1, attempt << 24),
    hashNumber(),
    load(r2, r9, tableSize),
    asm.mod32(r1, r2),
    load(r2, r9, tableOffset),
    asm.add32(r1, r2),
    store(r10, places.slot, r1),
    lookup(maps.table, places.slot.offset),
    jeq(r0, 0, 'refuse'),
    load(r1, r0, at(0, 'u32')),
    store(r10, places.backendId, r1),
    lookup(maps[family].backends, places.backendId.offset),
    jeq(r0, 0, 'refuse'),
  ];
}

/** The namespace's backend, with the time, if clients keep theirs. */
function keep({ maps, sockets, places, prefix, layouts }: SocketParts): Code {
  const { affinity, client, backendId } = places;
  return [
    load(r1, r9, layouts.service.at.affinitySeconds),
    jeq(r1, 0, `${prefix}kept`),
    seconds(),
    store(r10, affinity.seen, r0),
    load(r1, r10, backendId),
    store(r10, affinity.backend, r1),
    remember(maps, {
      map: sockets.affinities,
      key: client.namespace,
      value: affinity.backend,
      counter: places.counter,
    }),
    label(`${prefix}kept`),
  ];
}

/** From which frontend the socket's backend, in r8, is to seem, and the time. */
function frontendInFrame({ family, places, layouts }: SocketParts): Code {
  const { key, frontend, service } = places;
  const length = 4 * words(family).length;
  return [
    copy(inFrame(key.address), { base: r8, offset: layouts.backend.at.address.offset }, length, r1),
    clearPort(family, key.port),
    load(r1, r8, layouts.backend.at.port),
    store(r10, key.port, r1),
    copy(inFrame(frontend.address), inFrame(service.address), length, r1),
    clear(r10, frontend.port.offset, 4),
    load(r1, r10, service.port),
    store(r10, frontend.port, r1),
    call('jiffies64'),
    store(r10, frontend.asked, r0),
  ];
}

function rememberIt({ family, maps, sockets, places: { key, frontend, counter } }: SocketParts): Code {
  return remember(maps, { map: sockets[family], key: key.cookie, value: frontend.address, counter });
}

/**
 * Goes to `free` if the socket's answers from the backend in r8 are of this frontend alone; with another backend, if there is one, where
 * it has asked it by another frontend and was not answered yet; and to `refuse` if there is none. What is remembered as it is goes to `known`.
 */
function mustBeFree(parts: SocketParts): Code {
  const { layouts } = parts;
  const others = Array.from({ length: OTHERS }, (_, i) => [
    byTable(parts, i + 1),
    mov(r8, r0),
    frontendInFrame(parts),
    isFree(parts, i + 1),
  ]);
  return [
    isFree(parts, 0),
    // who keeps its backend has no other
    load(r1, r9, layouts.service.at.affinitySeconds),
    asm.jne(r1, 0, 'refuse'),
    others,
    goto('refuse'),
  ];
}

/** Goes on if it is not. */
function isFree({ family, sockets, layouts, places: { key, frontend }, prefix }: SocketParts, attempt: number): Code {
  const entry = socketLayoutsOf(family).frontend.at;
  const [free, other] = [`${prefix}free`, `${prefix}by another ${attempt}`];
  return [
    lookup(sockets[family], key.cookie.offset),
    jeq(r0, 0, free),
    ifDiffer({ base: r0, offset: 0 }, inFrame(frontend.address), 4 * words(family).length, other),
    load(r1, r0, entry.port),
    load(r2, r10, frontend.port),
    asm.jne(r1, r2, other),
    load(r1, r10, frontend.asked),
    store(r0, entry.asked, r1),
    storeImm(r0, entry.answered, 0),
    load(r1, r9, layouts.service.at.affinitySeconds),
    jeq(r1, 0, `${prefix}known`),
    goto(free),
    label(other),
    load(r1, r0, entry.answered),
    asm.jne(r1, 0, free),
    load(r1, r10, frontend.asked),
    load(r2, r0, entry.asked),
    asm.sub32(r1, r2),
    asm.jgt(r1, WAITED, free),
  ];
}

/** The context gets the address and port of the backend in r8. */
function become({ family, address, layouts }: SocketParts): Code {
  const from = layouts.backend.at;
  return [
    words(family).map((word) => [
      load(r1, r8, at(from.address.offset + word, 'u32')),
      store(r6, at(address + word, 'u32'), r1),
    ]),
    load(r1, r8, from.port),
    store(r6, layout.BpfSockAddr.at.userPort, r1),
  ];
}

/**
 * Puts the frontend's address and port into the place of the backend's, where a socket is told who has spoken, or with whom it speaks; goes
 * to `allow`. r6 is the context.
 */
export function seemFrontend(parts: SocketParts, isAnswer: boolean): Code {
  const { family, sockets, places, address } = parts;
  const { key } = places;
  const from = socketLayoutsOf(family).frontend.at;
  return [
    clearPort(family, key.port),
    addressToFrame(parts, key.address.offset),
    portToFrame(key.port),
    mov(r1, r6),
    call('get_socket_cookie'),
    store(r10, key.cookie, r0),
    lookup(sockets[family], key.cookie.offset),
    jeq(r0, 0, 'allow'),
    words(family).map((word) => [
      load(r1, r0, at(from.address.offset + word, 'u32')),
      store(r6, at(address + word, 'u32'), r1),
    ]),
    load(r1, r0, from.port),
    store(r6, layout.BpfSockAddr.at.userPort, r1),
    isAnswer ? storeImm(r0, from.answered, 1) : [],
    goto('allow'),
  ];
}

/** Goes to `allow` if the socket is of another network namespace than that of the cookie, if there is one. Uses r0 to r5. */
export function onlyNamespace(cookie: bigint | undefined): Code {
  if (cookie === undefined) return [];
  return [mov(r1, r6), call('get_netns_cookie'), asm.loadImm64(r1, cookie), asm.jne(r0, r1, 'allow')];
}
