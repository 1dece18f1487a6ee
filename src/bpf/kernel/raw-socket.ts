import { BpfError } from '../errors.ts';
import { Descriptor } from './descriptor.ts';
import { errnoName, native } from './native.ts';

const FAMILIES = { 4: 2, 6: 10 } as const;
/** Raw, closed in other programs, and never waiting. */
const RAW = 3 | 0x80000 | 0x800;
const LARGEST = 65_536;

/** A socket of a protocol above IP of which Node knows none, as IP in IP (4, or 41 with IPv6). */
export class RawSocket extends Descriptor {
  readonly #family: 4 | 6;
  readonly #epoll: Descriptor;
  readonly #buffer = new Uint8Array(new ArrayBuffer(LARGEST));

  /** @throws BpfError `EPERM` it needs CAP_NET_RAW */
  constructor(family: 4 | 6, protocol: number) {
    const fd = native().socket(FAMILIES[family], RAW, protocol);
    if (fd < 0)
      throw new BpfError(`open a socket of protocol ${protocol}`, errnoName(native().errno()), 'needs CAP_NET_RAW');
    super(fd, `socket of protocol ${protocol}`);
    this.#family = family;
    this.#epoll = new Descriptor(native().epollCreate(), 'epoll');
    native().epollAdd(this.#epoll.fd, fd);
  }

  /** Whom it sends to, and hears from, by the bytes of the address. */
  connect(address: Uint8Array): void {
    const place = new Uint8Array(this.#family === 4 ? 16 : 28);
    place[0] = FAMILIES[this.#family];
    place.set(address, this.#family === 4 ? 4 : 8);
    if (native().connect(this.fd, place) < 0) throw new BpfError('connect a socket', errnoName(native().errno()));
  }

  /** Sends what is within the header of IP; gives whether it was sent: a packet that is too large is not. */
  send(bytes: Uint8Array): boolean {
    return native().send(this.fd, bytes) === bytes.length;
  }

  /** What has come, of IPv4 from its header on, of IPv6 from behind it; undefined if nothing has. */
  receive(): Uint8Array | undefined {
    const length = native().receive(this.fd, this.#buffer);
    return length < 0 ? undefined : this.#buffer.slice(0, length);
  }

  /** Waits in a thread of its own until something has come, and no longer than that. */
  async wait(timeoutMs: number): Promise<void> {
    await native().epollWait(this.#epoll.fd, timeoutMs);
  }

  override close(): void {
    this.#epoll.close();
    super.close();
  }
}
