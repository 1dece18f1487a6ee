import { asm, layout, type ProgramSpec } from 'nekube/bpf';
import { FAMILIES, type Family } from '../maps/address.ts';
import { addressOf } from '../datapath/frame.ts';
import type { DatapathMaps } from '../datapath/maps.ts';
import { count } from '../datapath/parts.ts';
import { balanceSocket, onlyNamespace, seemFrontend } from './balance.ts';
import { clearPort, ifMapped, partsFor, type SocketOptions, type SocketParts, words } from './frame.ts';
import { sharedMaps, type SocketMaps } from './maps.ts';

const { at, call, exit, goto, jeq, jne, label, load, loadMap, mov, r0, r1, r10, r2, r6, r7, store } = asm;
type Code = asm.Code;

/** Where sockets are told whom to speak with, and where they are told with whom they do. */
const HOOKS = {
  connect: { to: 'backend', place: (family: Family) => `cgroup_inet${family}_connect` },
  sendmsg: { to: 'backend', place: (family: Family) => `cgroup_udp${family}_sendmsg` },
  recvmsg: { to: 'frontend', place: (family: Family) => `cgroup_udp${family}_recvmsg` },
  getpeername: { to: 'frontend', place: (family: Family) => `cgroup_inet${family}_getpeername` },
} as const;

const ECONNREFUSED = 111;
/** Families of addresses, as sockets have them. */
const AF_INET6 = 10;

/** What programs of sockets share. */
export interface SocketProgramParts {
  readonly maps: DatapathMaps;
  readonly sockets: SocketMaps;
  readonly options: SocketOptions;
}

/** A program of a cgroup, with the place where it is attached. */
export type SocketProgram = ProgramSpec & { readonly attachType: NonNullable<ProgramSpec['attachType']> };

/** All programs by which sockets are balanced. */
export function socketPrograms(parts: SocketProgramParts): readonly SocketProgram[] {
  const hooks = Object.keys(HOOKS) as (keyof typeof HOOKS)[];
  return [...FAMILIES.flatMap((family) => hooks.map((hook) => addressProgram(hook, family, parts))), release(parts)];
}

function addressProgram(hook: keyof typeof HOOKS, family: Family, given: SocketProgramParts): SocketProgram {
  const { to, place } = HOOKS[hook];
  const own = partsFor({ hook: family, family }, given);
  const mapped = partsFor({ hook: family, family: 4 }, given);
  const both = (work: (parts: SocketParts) => Code): Code =>
    family === 4 ? work(own) : [ifMapped('mapped'), work(own), label('mapped'), work(mapped)];
  return {
    name: `lb${family}_${hook}`,
    type: 'cgroup_sock_addr',
    attachType: place(family) as SocketProgram['attachType'],
    maps: mapsOf(given),
    code: [
      mov(r6, r1),
      to === 'backend'
        ? toBackend(given.options, both, hook === 'sendmsg')
        : both((parts) => seemFrontend(parts, hook === 'recvmsg')),
      to === 'backend' ? refuse(own) : [],
      label('allow'),
      mov(r0, 1),
      exit(),
    ],
  };
}

function toBackend(
  { namespaceCookie }: SocketOptions,
  both: (work: (parts: SocketParts) => Code) => Code,
  namesPeers: boolean,
): Code {
  return [
    load(r7, r6, layout.BpfSockAddr.at.protocol),
    jeq(r7, layout.PROTOCOL.tcp, 'balanced'),
    jne(r7, layout.PROTOCOL.udp, 'allow'),
    label('balanced'),
    onlyNamespace(namespaceCookie),
    both((parts) => balanceSocket(parts, namesPeers)),
  ];
}

/** The caller is told at once what else a packet would be answered with: that nobody listens. */
function refuse({ maps, places }: SocketParts): Code {
  return [
    label('refuse'),
    count('refused_socket', maps, places.counter.offset),
    mov(r1, -ECONNREFUSED),
    call('set_retval'),
    mov(r0, 0),
    exit(),
  ];
}

/** A socket that is closed while it is connected is forgotten at once. */
function release(given: SocketProgramParts): SocketProgram {
  const forget = (family: Family, from: number): Code => {
    const { places } = partsFor({ hook: family, family }, given);
    const { key } = places;
    return [
      clearPort(family, key.port),
      store(r10, key.cookie, r7),
      words(family).map((word) => [
        load(r1, r6, at(from + word, 'u32')),
        store(r10, at(key.address.offset + word, 'u32'), r1),
      ]),
      load(r1, r6, layout.BpfSock.at.destinationPort),
      store(r10, key.port, r1),
      loadMap(r1, given.sockets[family]),
      addressOf(r2, key.cookie.offset),
      call('map_delete_elem'),
    ];
  };
  const { family, destinationPort, destinationIp4, destinationIp6 } = layout.BpfSock.at;
  return {
    name: 'lb_sock_release',
    type: 'cgroup_sock',
    attachType: 'cgroup_inet_sock_release',
    maps: mapsOf(given),
    code: [
      mov(r6, r1),
      load(r1, r6, destinationPort),
      jeq(r1, 0, 'allow'),
      mov(r1, r6),
      call('get_socket_cookie'),
      mov(r7, r0),
      // also of a socket of IPv6, if it speaks with an address of IPv4
      forget(4, destinationIp4.offset),
      load(r1, r6, family),
      jne(r1, AF_INET6, 'allow'),
      forget(6, destinationIp6.offset),
      goto('allow'),
      label('allow'),
      mov(r0, 1),
      exit(),
    ],
  };
}

function mapsOf({ maps, sockets }: SocketProgramParts): NonNullable<ProgramSpec['maps']> {
  return [...sharedMaps(maps), sockets.affinities, sockets[4], sockets[6]];
}
