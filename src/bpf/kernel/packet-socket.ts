import { BpfError } from '../errors.ts';
import { Descriptor } from './descriptor.ts';
import { errnoName, native } from './native.ts';

const AF_PACKET = 17;
/** Without the header of the link, closed in other programs, and never waiting. */
const COOKED = 2 | 0x80000 | 0x800;
const ALL_PROTOCOLS = 0x0003;
const ADDRESS_LENGTH = 20;
const LARGEST = 65_536;

/** All packets that a device of this thread's network namespace sends and gets, from their header of IP on (packet(7)). */
export class PacketSocket extends Descriptor {
  readonly #buffer = new Uint8Array(new ArrayBuffer(LARGEST));

  /** @throws BpfError `EPERM` it needs CAP_NET_RAW, `ENODEV` there is no such device; NotSupportedError where there is no kernel to ask */
  constructor(device: string) {
    const index = native().deviceIndex(device);
    if (index === 0) throw new BpfError(`hear the packets of ${device}`, 'ENODEV', 'there is no such device');
    // of no protocol until it is bound: else it would hear those of all devices meanwhile
    const fd = native().socket(AF_PACKET, COOKED, 0);
    if (fd < 0) throw new BpfError(`hear the packets of ${device}`, errnoName(native().errno()), 'needs CAP_NET_RAW');
    super(fd, `packets of ${device}`);
    const address = new ArrayBuffer(ADDRESS_LENGTH);
    // a sockaddr_ll, in the machine's order of bytes but for the protocol
    new Uint16Array(address, 0, 1)[0] = AF_PACKET;
    new DataView(address).setUint16(2, ALL_PROTOCOLS);
    new Int32Array(address, 4, 1)[0] = index;
    if (native().bind(fd, new Uint8Array(address)) >= 0) return;
    const errno = errnoName(native().errno());
    this.close();
    throw new BpfError(`hear the packets of ${device}`, errno);
  }

  /** A packet that has come or gone; undefined if there is none. What nobody receives in time is lost. */
  receive(): Uint8Array | undefined {
    const length = native().receive(this.fd, this.#buffer);
    return length < 0 ? undefined : this.#buffer.slice(0, length);
  }
}
