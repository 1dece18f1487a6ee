import { native } from './native.ts';

const AF_INET = 2;
const SOCK_DGRAM = 2;
/** `ioctl`: what ethtool asks. */
const SIOCETHTOOL = 0x8946;
/** Of ethtool: what the driver says of itself. */
const GET_DRIVER = 3;
const DRIVER_BYTES = 196;
const NAME_BYTES = 32;

/** The driver of a device of this thread's network namespace, as `veth` or `mlx5_core`; undefined if there is no such device, or it says nothing. */
export function deviceDriver(device: string): string | undefined {
  const socket = native().socket(AF_INET, SOCK_DGRAM, 0);
  if (socket < 0) return undefined;
  try {
    const answer = new Uint8Array(new ArrayBuffer(DRIVER_BYTES));
    new DataView(answer.buffer).setUint32(0, GET_DRIVER, true);
    // the device's name in 16 bytes, then where the answer goes
    const request = new Uint8Array(new ArrayBuffer(40));
    request.set(Buffer.from(device.slice(0, 15)));
    new DataView(request.buffer).setBigUint64(16, native().address(answer), true);
    if (native().ioctl(socket, SIOCETHTOOL, request) < 0) return undefined;
    const name = Buffer.from(answer.subarray(4, 4 + NAME_BYTES));
    return name.toString('latin1', 0, name.indexOf(0));
  } finally {
    native().close(socket);
  }
}
