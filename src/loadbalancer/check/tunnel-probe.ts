import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { kernel } from 'nekube/bpf';
import { addressBytes, addressText, type Family, familyOf } from '../maps/address.ts';
import { packet } from '../testing/packets.ts';

/** A tunnel that is probed. */
export type Tunnel = 'ipip' | 'geneve';

/** An address and a port. */
export interface ProbePlace {
  readonly host: string;
  readonly port: number;
}

/** What came out of a tunnel. */
export interface TunnelProbe {
  readonly id: number;
  /** Who asks, as the packet within has it. */
  readonly from: ProbePlace;
}

/** The port of Geneve where nothing else is said. */
const GENEVE_PORT = 6081;
const PROTOCOL = { 4: 4, 6: 41 } as const;
const HEADER = { 4: 20, 6: 40 } as const;
const UDP_HEADER = 8;
const ETHERNET = 14;
const GENEVE_HEADER = 8;
/** As `dsr-geneve` has one: a class, a type, and an address with a port. */
const OPTION = { 4: [0x01, 0x4b, 1, 2], 6: [0x01, 0x4b, 1, 5] } as const;
const WORD = 4;
const WAIT_MS = 300;
const MARK = 'nekube probe ';

/** Sends probes within tunnels, from a place to another of the same family. */
export class TunnelSender {
  readonly #from: ProbePlace;
  readonly #to: ProbePlace;
  readonly #family: Family;
  readonly #ipip: kernel.RawSocket;
  readonly #geneve: Socket;

  /** @throws BpfError there is no right to it (CAP_NET_RAW) */
  constructor(
    from: ProbePlace,
    to: ProbePlace,
    prepare: (set: (level: number, option: number, value: Uint8Array) => void) => void,
  ) {
    this.#from = from;
    this.#to = to;
    this.#family = familyOf(to.host);
    this.#ipip = new kernel.RawSocket(this.#family, PROTOCOL[this.#family]);
    this.#ipip.connect(addressBytes(to.host));
    prepare((level, option, value) => kernel.setSocketOption(this.#ipip.fd, level, option, value));
    this.#geneve = createSocket(this.#family === 6 ? 'udp6' : 'udp4');
    this.#geneve.on('error', () => undefined);
    // nobody answers there; what the packet within asks is answered to whom it names
    this.#geneve.unref();
  }

  /** The socket of Geneve, for options. It is bound when this resolves. */
  async geneve(): Promise<Socket> {
    this.#geneve.connect(GENEVE_PORT, this.#to.host);
    await once(this.#geneve, 'connect');
    return this.#geneve;
  }

  /** A probe in a packet of so many bytes, with all headers of IP. */
  send(tunnel: Tunnel, id: number, size: number): void {
    const header = HEADER[this.#family];
    if (tunnel === 'ipip') this.#ipip.send(this.#inner(id, size - header));
    else {
      const head = geneveHeader(this.#family);
      const inner = this.#inner(id, size - header - UDP_HEADER - head.length - ETHERNET);
      this.#geneve.send([head, new Uint8Array(ETHERNET), inner], () => undefined);
    }
  }

  close(): void {
    this.#ipip.close();
    this.#geneve.close();
  }

  #inner(id: number, size: number): Uint8Array {
    const text = `${MARK}${id} `;
    const payload = text.padEnd(Math.max(text.length, size - HEADER[this.#family] - UDP_HEADER));
    const { host: source, port: sourcePort } = this.#from;
    const { host: destination, port: destinationPort } = this.#to;
    const whole = packet({ source, destination, sourcePort, destinationPort, protocol: 'UDP', payload });
    return whole.subarray(ETHERNET);
  }
}

function geneveHeader(family: Family): Uint8Array {
  const option = OPTION[family];
  const words = 1 + (option[3] ?? 0);
  // options in words, of Ethernet, network 2
  return Uint8Array.of(words, 0, 0x65, 0x58, 0, 0, 2, 0, ...option, ...new Uint8Array(WORD * (words - 1)));
}

/** The probe in a packet from its header of IP on; undefined if it is another packet. Pure. */
export function probeIn(bytes: Uint8Array, port: number): TunnelProbe | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = bytes.length < HEADER[6] ? 0 : (bytes[0] as number) >> 4;
  if (family !== 4 && family !== 6) return undefined;
  const [at, length] = family === 4 ? [12, 4] : [8, 16];
  const header = family === 4 ? ((bytes[0] as number) & 15) * 4 : HEADER[6];
  const text = Buffer.from(bytes.subarray(header + UDP_HEADER, header + UDP_HEADER + 64)).toString('latin1');
  const [, id] = /^nekube probe (\d{1,9}) /.exec(text) ?? [];
  if (id === undefined || view.getUint16(header + 2) !== port) return undefined;
  const host = addressText(bytes.slice(at, at + length));
  return { id: Number(id), from: { host, port: view.getUint16(header) } };
}

/** Those who listen for tunnels, and why not for others. */
export interface TunnelListeners {
  readonly hears: readonly Tunnel[];
  /** Why a tunnel is not heard, a sentence each. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** Tells of probes that come out of tunnels to a place; a machine that has no right to it hears of none. */
export async function listenForTunnels(
  { host, port }: ProbePlace,
  onProbe: (probe: TunnelProbe) => void,
): Promise<TunnelListeners> {
  const family: Family = isIPv6(host) ? 6 : 4;
  const hears: Tunnel[] = [];
  const notes: string[] = [];
  const ends: (() => Promise<void> | void)[] = [];
  const tell = (bytes: Uint8Array): void => {
    const probe = probeIn(bytes, port);
    if (probe !== undefined) onProbe(probe);
  };
  const attempt = async (tunnel: Tunnel, open: () => Promise<() => Promise<void> | void>): Promise<void> => {
    try {
      ends.push(await open());
      hears.push(tunnel);
    } catch (error) {
      notes.push(`probes of ${tunnel} are not heard: ${(error as Error).message}`);
    }
  };
  await attempt('ipip', async () => hearIpip(family, tell));
  await attempt('geneve', () => hearGeneve(host, family, tell));
  return { hears, notes, close: async () => void (await Promise.all(ends.map((end) => end()))) };
}

function hearIpip(family: Family, tell: (bytes: Uint8Array) => void): () => Promise<void> {
  const socket = new kernel.RawSocket(family, PROTOCOL[family]);
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      await socket.wait(WAIT_MS);
      for (let bytes = socket.receive(); bytes !== undefined; bytes = socket.receive())
        tell(family === 4 ? bytes.subarray(((bytes[0] ?? 0) & 15) * 4) : bytes);
    }
    socket.close();
  };
  const running = run();
  return () => {
    isOver = true;
    return running;
  };
}

async function hearGeneve(host: string, family: Family, tell: (bytes: Uint8Array) => void): Promise<() => void> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.on('message', (bytes) => tell(bytes.subarray(GENEVE_HEADER + ((bytes[0] ?? 0) & 63) * WORD + ETHERNET)));
  socket.bind(GENEVE_PORT, host);
  await once(socket, 'listening');
  return () => socket.close();
}
