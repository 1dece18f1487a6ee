import { be16, be32, u32, u64 } from './scalar.ts';
import { bytes, pad } from './sequence.ts';
import { struct } from './struct.ts';

/** What an XDP program is given. `data` and `dataEnd` are addresses, though they are read as 32 bits. */
export const XdpMd = struct('xdp_md', {
  data: u32,
  dataEnd: u32,
  dataMeta: u32,
  ingressIfindex: u32,
  rxQueueIndex: u32,
  egressIfindex: u32,
});

/** What programs of traffic control and of cgroups' packets are given. */
export const SkBuff = struct('__sk_buff', {
  length: u32,
  packetType: u32,
  mark: u32,
  queueMapping: u32,
  protocol: u32,
  vlanPresent: u32,
  vlanTci: u32,
  vlanProtocol: u32,
  priority: u32,
  ingressIfindex: u32,
  ifindex: u32,
  tcIndex: u32,
  cb0: u32,
  cb1: u32,
  cb2: u32,
  cb3: u32,
  cb4: u32,
  hash: u32,
  tcClassid: u32,
  data: u32,
  dataEnd: u32,
  napiId: u32,
  family: u32,
  remoteIp4: be32,
  localIp4: be32,
  remoteIp6: bytes(16, 4),
  localIp6: bytes(16, 4),
  remotePort: u32,
  localPort: u32,
  dataMeta: u32,
  flowKeys: u64,
  tstamp: u64,
  wireLength: u32,
  gsoSegments: u32,
  sk: u64,
  gsoSize: u32,
  tstampType: u32,
  hwtstamp: u64,
});

/** What programs at the making, binding and release of sockets are given. */
export const BpfSock = struct('bpf_sock', {
  boundDevice: u32,
  family: u32,
  type: u32,
  protocol: u32,
  mark: u32,
  priority: u32,
  sourceIp4: be32,
  sourceIp6: bytes(16, 4),
  /** In the machine's order. */
  sourcePort: u32,
  destinationPort: be16,
  _gap: pad(2),
  destinationIp4: be32,
  destinationIp6: bytes(16, 4),
  state: u32,
  rxQueueMapping: u32,
});

/** What programs at connect, bind, sendmsg, recvmsg and getpeername are given. */
export const BpfSockAddr = struct('bpf_sock_addr', {
  userFamily: u32,
  userIp4: be32,
  userIp6: bytes(16, 4),
  /** In the network's order in the lower two bytes. */
  userPort: u32,
  family: u32,
  type: u32,
  protocol: u32,
  messageSourceIp4: be32,
  messageSourceIp6: bytes(16, 4),
  _gap: pad(4),
  sk: u64,
});
