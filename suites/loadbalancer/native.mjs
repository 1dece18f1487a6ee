// What Node has no door to, by koffi: features of devices (as ethtool sets them), and packets as they are written, through raw sockets.
import { createRequire } from 'node:module';
import { kernel } from 'nekube/bpf';

const AF = { 4: 2, 6: 10 };
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
const SIOCETHTOOL = 0x8946;
/** A request to a device: its name, and where its value is. */
const REQUEST_BYTES = 40;
/** Of ethtool: what sets a feature. */
const SET = { rx: 0x15, tx: 0x17, sg: 0x19, tso: 0x1f, gso: 0x24, gro: 0x2c };

let bound;

function libc() {
  if (bound) return bound;
  const koffi = createRequire(import.meta.url)('koffi');
  const library = koffi.load(null);
  bound = {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *argument)'),
    sendto: library.func(
      'long sendto(int fd, void *bytes, size_t length, int flags, void *address, unsigned int size)',
    ),
    close: library.func('int close(int fd)'),
    address: (bytes) => koffi.address(bytes),
    errno: () => koffi.errno(),
  };
  return bound;
}

/** Switches features of a device on or off: `rx` and `tx` (checksums), `sg`, `tso`, `gso`, `gro`. */
export function setOffloads(namespace, device, features) {
  withSocket(namespace, 4, SOCK_DGRAM, 0, (fd) => {
    for (const [feature, isOn] of Object.entries(features)) {
      // the value stands behind the request that leads to it, so that the call holds both
      const request = new Uint8Array(new ArrayBuffer(REQUEST_BYTES + 8));
      const view = new DataView(request.buffer);
      request.set(Buffer.from(device));
      view.setBigUint64(16, BigInt(libc().address(request)) + BigInt(REQUEST_BYTES), true);
      view.setUint32(REQUEST_BYTES, SET[feature], true);
      view.setUint32(REQUEST_BYTES + 4, isOn ? 1 : 0, true);
      if (libc().ioctl(fd, SIOCETHTOOL, request) < 0)
        throw new Error(`Cannot switch ${feature} of ${device}: error ${libc().errno()}`);
    }
  });
}

/** Sends packets as they are, from their IP header on; the kernel fills in the header's checksum of IPv4. */
export function sendRaw(namespace, packets) {
  for (const packet of packets) {
    const family = packet[0] >> 4;
    const [at, length] = family === 4 ? [16, 4] : [24, 16];
    const to = packet.subarray(at, at + length);
    const address = new Uint8Array(family === 4 ? 16 : 28);
    address[0] = AF[family];
    address.set(to, family === 4 ? 4 : 8);
    withSocket(namespace, family, SOCK_RAW, IPPROTO_RAW, (fd) => {
      if (libc().sendto(fd, packet, packet.length, 0, address, address.length) < 0)
        throw new Error(`Cannot send a packet of ${packet.length} bytes: error ${libc().errno()}`);
    });
  }
}

function withSocket(namespace, family, type, protocol, use) {
  kernel.inNamespace(namespace, () => {
    const fd = libc().socket(AF[family], type, protocol);
    if (fd < 0) throw new Error(`Cannot open a socket: error ${libc().errno()}`);
    try {
      use(fd);
    } finally {
      libc().close(fd);
    }
  });
}
