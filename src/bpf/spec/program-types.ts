/** Kinds of programs by the kernel's names, and their numbers. */
export const PROGRAM_TYPES = {
  socket_filter: 1,
  sched_cls: 3,
  sched_act: 4,
  xdp: 6,
  cgroup_skb: 8,
  cgroup_sock: 9,
  lwt_in: 10,
  lwt_out: 11,
  lwt_xmit: 12,
  sock_ops: 13,
  sk_skb: 14,
  sk_msg: 16,
  cgroup_sock_addr: 18,
  sk_reuseport: 21,
  cgroup_sockopt: 25,
  sk_lookup: 30,
  syscall: 31,
  netfilter: 32,
} as const;

/** A kind of program: its context, its helpers, and what its result means. */
export type ProgramType = keyof typeof PROGRAM_TYPES;

/** Places where programs are attached, by the kernel's names, and their numbers. */
export const ATTACH_TYPES = {
  cgroup_inet_ingress: 0,
  cgroup_inet_egress: 1,
  cgroup_inet_sock_create: 2,
  cgroup_sock_ops: 3,
  cgroup_inet4_bind: 8,
  cgroup_inet6_bind: 9,
  cgroup_inet4_connect: 10,
  cgroup_inet6_connect: 11,
  cgroup_inet4_post_bind: 12,
  cgroup_inet6_post_bind: 13,
  cgroup_udp4_sendmsg: 14,
  cgroup_udp6_sendmsg: 15,
  cgroup_udp4_recvmsg: 19,
  cgroup_udp6_recvmsg: 20,
  cgroup_inet4_getpeername: 29,
  cgroup_inet6_getpeername: 30,
  cgroup_inet4_getsockname: 31,
  cgroup_inet6_getsockname: 32,
  xdp_devmap: 33,
  cgroup_inet_sock_release: 34,
  xdp_cpumap: 35,
  sk_lookup: 36,
  xdp: 37,
  netfilter: 45,
  tcx_ingress: 46,
  tcx_egress: 47,
  netkit_primary: 54,
  netkit_peer: 55,
} as const;

/** A place where programs are attached. */
export type AttachType = keyof typeof ATTACH_TYPES;

/** What can be asked of a program when it is loaded. */
export const PROGRAM_FLAGS = {
  /** Alignment is checked also where the machine does not need it. */
  strict_alignment: 1,
  /** The verifier's assumptions are tested against each other; slow, for fuzzing. */
  test_state_freq: 8,
  /** XDP: packets may be in several buffers. */
  xdp_has_frags: 32,
} as const;

/** What can be asked of a program when it is loaded. */
export type ProgramFlag = keyof typeof PROGRAM_FLAGS;

/** What an XDP program makes of a packet. */
export const XDP = { aborted: 0, drop: 1, pass: 2, tx: 3, redirect: 4 } as const;

/** What a program of traffic control makes of a packet. */
export const TC = { unspec: -1, ok: 0, shot: 2, stolen: 4, redirect: 7 } as const;

/** What a program at tcx or netkit makes of a packet; `next` leaves it to the programs behind. */
export const TCX = { next: -1, pass: 0, drop: 2, redirect: 7 } as const;
