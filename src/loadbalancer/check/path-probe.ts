import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { isBpfError, kernel } from 'nekube/bpf';
import { readDevices } from '../agent/devices.ts';
import { type PathFacts, type ProbeCount, sizesToTry, type TunnelFacts } from './path-report.ts';
import { listenForTunnels, type ProbePlace, type Tunnel, TunnelSender } from './tunnel-probe.ts';

/** Probes of one kind, and how far apart they are. */
const PROBES = 20;
const APART_MS = 10;
/** So long after the last one answers are waited for. */
const ANSWER_MS = 2000;
/** How often a size is tried. */
const TRIES = 3;
const USUAL_MTU = 1500;

const IP = { level: 0, options: 4, discover: 10 } as const;
const IP6 = { level: 41, options: 59, discover: 23 } as const;
/** Do not cut packets into pieces, and do not believe what was learned of the path before. */
const PROBE_SIZES = new Uint8Array(Int32Array.of(3).buffer);
/** Of a packet of which the size does not matter: larger than its answer, and as IPv6 has them at least. */
const SMALL = 320;
/** Cilium's option, of a service that there is not. */
const OPTION4 = Uint8Array.of(0x9a, 8, 0, 80, 192, 0, 2, 1);
const OPTION6 = Uint8Array.of(0, 2, 0x1b, 20, ...new Uint8Array(20));

/**
 * Answers probes until the signal, also those in tunnels: what has come, and from where. Bounded: an answer is shorter than what it answers.
 * `onListening` gets the port, and why some tunnels are not heard.
 */
export async function answerProbes(
  { host, port }: ProbePlace,
  signal: AbortSignal,
  onListening: (port: number, notes: readonly string[]) => void,
): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.bind(port, host);
  await once(socket, 'listening');
  const bound = socket.address().port;
  const tunnels = await listenForTunnels({ host, port: bound }, ({ id, from }) => {
    socket.send(JSON.stringify({ id, from: from.host }), from.port, from.host, () => undefined);
  });
  socket.on('message', (data, from) => answer(socket, data, from, tunnels.hears));
  onListening(bound, tunnels.notes);
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
  await tunnels.close();
  socket.close();
}

function answer(socket: Socket, data: Uint8Array, { address, port }: RemoteInfo, hears: readonly Tunnel[]): void {
  const id = data.length >= 4 ? Buffer.from(data).readUInt32BE(0) : 0;
  const text = JSON.stringify({ id, from: address, hears });
  if (text.length < data.length) socket.send(text, port, address, () => undefined);
}

/**
 * Finds out what the path to a node that answers probes does with options of IP and with tunnels, and how large packets may be. It sends some
 * hundred packets.
 *
 * @throws BpfError there is no right to send options and tunnels (CAP_NET_RAW)
 */
export async function probePath({ host, port }: ProbePlace): Promise<PathFacts> {
  const family = isIPv6(host) ? 6 : 4;
  const of = family === 6 ? IP6 : IP;
  const prober = await Prober.open(host, port);
  try {
    const plain = await prober.count(prober.plain);
    const deviceMtu = prober.deviceMtu;
    prober.set(of.level, of.discover, PROBE_SIZES);
    const mtu = plain.answered === 0 ? 0 : await prober.largest(sizesToTry(deviceMtu), prober.plain);
    const tunnels = await prober.tunnels(family, sizesToTry(deviceMtu));
    prober.set(of.level, of.options, family === 6 ? OPTION6 : OPTION4);
    const options = await prober.count(prober.plain);
    const { seenAs } = prober;
    return { family, plain, options, mtu, deviceMtu, tunnels, ...(seenAs !== undefined && { seenAs }) };
  } finally {
    prober.close();
  }
}

/** Sends a probe of this number in a packet of this size. */
type Send = (number: number, size: number) => void;

/** What the other node says. */
interface Answer {
  readonly id: number;
  readonly from: string;
  readonly hears?: readonly Tunnel[];
}

/** A socket that sends probes, and hears answers. */
class Prober {
  readonly #socket: Socket;
  readonly #sent = new Map<number, number>();
  readonly #answered = new Map<number, number>();
  #number = 0;
  #from = '';
  #hears: readonly Tunnel[] = [];

  static async open(host: string, port: number): Promise<Prober> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.connect(port, host);
    await once(socket, 'connect');
    return new Prober(socket);
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#heard(data));
  }

  /** Of the device with this socket's address. */
  get deviceMtu(): number {
    const { address } = this.#socket.address();
    return readDevices().find(({ addresses }) => addresses.includes(address))?.mtu ?? USUAL_MTU;
  }

  /** Where the other node has heard from, if that is not this socket's address. */
  get seenAs(): string | undefined {
    return this.#from === '' || this.#from === this.#socket.address().address ? undefined : this.#from;
  }

  set(level: number, option: number, value: Uint8Array): void {
    kernel.setSocketOption(descriptorOf(this.#socket), level, option, value);
  }

  /** A packet of UDP of this size, as it is. */
  readonly plain: Send = (number, size) => {
    const data = Buffer.alloc(size - (isIPv6(this.#socket.address().address) ? 48 : 28));
    data.writeUInt32BE(number);
    // a packet that is larger than the device takes is not sent, and so not answered
    this.#socket.send(data, () => undefined);
  };

  /** What becomes of the tunnels that the other node hears. */
  async tunnels(family: 4 | 6, sizes: readonly number[]): Promise<Partial<Record<Tunnel, TunnelFacts>>> {
    if (this.#hears.length === 0) return {};
    const [own, other] = [this.#socket.address(), this.#socket.remoteAddress()];
    const of = family === 6 ? IP6 : IP;
    const sender = new TunnelSender(
      { host: own.address, port: own.port },
      { host: other.address, port: other.port },
      (set) => set(of.level, of.discover, PROBE_SIZES),
    );
    try {
      kernel.setSocketOption(descriptorOf(await sender.geneve()), of.level, of.discover, PROBE_SIZES);
      const found: Partial<Record<Tunnel, TunnelFacts>> = {};
      for (const tunnel of this.#hears) {
        const send: Send = (number, size) => sender.send(tunnel, number, size);
        const counted = await this.count(send);
        found[tunnel] = { ...counted, mtu: counted.answered === 0 ? 0 : await this.largest(sizes, send) };
      }
      return found;
    } finally {
      sender.close();
    }
  }

  /** Sends some, and counts answers. */
  async count(send: Send): Promise<ProbeCount> {
    const numbers: number[] = [];
    for (let i = 0; i < PROBES; i++) {
      numbers.push(this.#send(send, SMALL));
      await wait(APART_MS);
    }
    await this.#heardOf(numbers);
    const times = numbers.flatMap((one) => this.#answered.get(one) ?? []).sort((a, b) => a - b);
    const medianMs = times[Math.floor(times.length / 2)];
    return { sent: PROBES, answered: times.length, ...(medianMs !== undefined && { medianMs }) };
  }

  /** The largest of the sizes, of whole packets, that is answered; 0 if none is. All are sent before answers are waited for. */
  async largest(sizes: readonly number[], send: Send): Promise<number> {
    const sent = sizes.map((size) => ({
      size,
      numbers: Array.from({ length: TRIES }, () => this.#send(send, size)),
    }));
    await this.#heardOf(sent.flatMap(({ numbers }) => numbers));
    const answered = sent.filter(({ numbers }) => numbers.some((one) => this.#answered.has(one)));
    return answered.reduce((most, { size }) => Math.max(most, size), 0);
  }

  close(): void {
    this.#socket.close();
  }

  #send(send: Send, size: number): number {
    const number = ++this.#number;
    this.#sent.set(number, performance.now());
    send(number, size);
    return number;
  }

  #heard(data: Uint8Array): void {
    const { id, from, hears } = JSON.parse(Buffer.from(data).toString()) as Answer;
    const sent = this.#sent.get(id);
    if (sent === undefined || this.#answered.has(id)) return;
    this.#answered.set(id, performance.now() - sent);
    // of what came by a tunnel only the packet within is known
    if (hears === undefined) return;
    this.#from = from;
    this.#hears = hears;
  }

  /** Waits until all are answered, and no longer than is bearable. */
  async #heardOf(numbers: readonly number[]): Promise<void> {
    const isOver = (): boolean => numbers.every((one) => this.#answered.has(one));
    for (let waited = 0; waited < ANSWER_MS && !isOver(); waited += APART_MS) await wait(APART_MS);
  }
}

/** The descriptor of a socket, which Node has no word for. */
function descriptorOf(socket: Socket): number {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  const state = symbol && (socket as unknown as Record<symbol, { readonly handle?: { readonly fd?: number } }>)[symbol];
  if (state?.handle?.fd === undefined)
    throw new TypeError('This version of Node does not tell the descriptor of a socket');
  return state.handle.fd;
}

/** Why options cannot be sent, where it is for rights; undefined if it is for something else. */
export function whyNoOptions(error: unknown): string | undefined {
  return isBpfError(error, 'EPERM') || isBpfError(error, 'EINVAL')
    ? 'Sending options of IP and tunnels needs CAP_NET_RAW'
    : undefined;
}
