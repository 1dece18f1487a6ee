import type { HelperName } from '../../asm/helpers.ts';
import { TC, XDP } from '../../spec/program-types.ts';
import { failure } from '../errno.ts';
import { ObjectMemory } from '../maps/objects.ts';
import { type Helper, int, uint } from './helper.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const FIB_BYTES = 64;
/** What `fib_lookup` answers. */
const FIB = { success: 0n, noRoute: 4n, noNeighbour: 7n, fragmentationNeeded: 8n };

/** Sends the packet to a device when the program returns what this returned. */
const redirect =
  (by: HelperName): Helper =>
  (machine, ifindex, flags) => {
    const isXdp = machine.spec.type === 'xdp';
    if (isXdp && flags !== 0n) return BigInt(XDP.aborted);
    machine.redirect = { by, ifindex: uint(ifindex), flags: Number(flags) };
    return BigInt(isXdp ? XDP.redirect : TC.redirect);
  };

const redirectNeighbour: Helper = (machine, ifindex, parametersAt, length, flags) => {
  const nextHop = machine.memory.slice(parametersAt, uint(length)).slice();
  if (flags !== 0n || (length !== 0n && length < 20n)) return BigInt(TC.shot);
  machine.redirect = {
    by: 'redirect_neigh',
    ifindex: uint(ifindex),
    flags: 0,
    ...(nextHop.length > 0 && { nextHop }),
  };
  return BigInt(TC.redirect);
};

const redirectMap: Helper = (machine, at, index, flags) => {
  const map = machine.mapAt(at);
  const key = new Uint8Array(Uint32Array.of(uint(index)).buffer);
  const device = map instanceof ObjectMemory ? map.object(key) : undefined;
  // the lowest bits are what is returned where there is no device
  if (typeof device !== 'number') return flags & 3n;
  machine.redirect = { by: 'redirect_map', ifindex: device, flags: Number(flags) };
  return BigInt(XDP.redirect);
};

/** The block of `bpf_fib_lookup`: family at 0, length at 6, device at 8, addresses at 16 and 32, hardware at 52. */
const fibLookup: Helper = (machine, _context, at, size) => {
  if (uint(size) < FIB_BYTES) return failure('EINVAL');
  const block = machine.memory.slice(at, FIB_BYTES, true);
  const view = new DataView(block.buffer, block.byteOffset, FIB_BYTES);
  const isSix = block[0] === AF_INET6;
  if (!isSix && block[0] !== AF_INET) return failure('EINVAL');
  const length = isSix ? 16 : 4;
  const route = machine.world.route?.({
    family: isSix ? 'ipv6' : 'ipv4',
    source: block.slice(16, 16 + length),
    destination: block.slice(32, 32 + length),
    ifindex: view.getUint32(8, true),
  });
  if (route === undefined) return FIB.noRoute;
  const total = view.getUint16(6, true);
  const mtu = route.mtu ?? machine.world.mtu?.(route.ifindex) ?? 1500;
  view.setUint16(6, mtu, true);
  if (total > mtu) return FIB.fragmentationNeeded;
  view.setUint32(8, route.ifindex, true);
  if (route.gateway) block.set(route.gateway, 32);
  if (route.destination === undefined) return FIB.noNeighbour;
  block.set(route.source, 52);
  block.set(route.destination, 58);
  return FIB.success;
};

const now: Helper = (machine) => BigInt.asUintN(64, machine.world.now());

/** Helpers that ask the machine around, or send packets into it. */
export const worldHelpers = {
  ktime_get_ns: now,
  ktime_get_boot_ns: now,
  ktime_get_coarse_ns: now,
  jiffies64: (machine: Parameters<Helper>[0]): bigint => machine.world.now() / 4_000_000n,
  get_prandom_u32: (machine: Parameters<Helper>[0]): bigint => BigInt(machine.world.random() >>> 0),
  get_smp_processor_id: (): bigint => 0n,
  get_netns_cookie: (machine: Parameters<Helper>[0]): bigint => machine.world.namespaceCookie?.() ?? 1n,
  get_socket_cookie: (machine: Parameters<Helper>[0]): bigint => machine.world.socketCookie?.() ?? 0n,
  get_retval: (machine: Parameters<Helper>[0]): bigint => BigInt.asUintN(64, BigInt(machine.retval)),
  set_retval: (machine, value) => {
    machine.retval = int(value);
    return 0n;
  },
  redirect: redirect('redirect'),
  redirect_peer: redirect('redirect_peer'),
  redirect_neigh: redirectNeighbour,
  redirect_map: redirectMap,
  fib_lookup: fibLookup,
} satisfies Record<string, Helper>;
