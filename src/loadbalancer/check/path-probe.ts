import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { isBpfError, kernel } from 'nekube/bpf';
import { readDevices } from '../agent/devices.ts';
import { type PathFacts, type ProbeCount, sizesToTry } from './path-report.ts';

/** An address and a port. */
export interface ProbePlace {
  readonly host: string;
  readonly port: number;
}

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
const PROBE = 3;
/** Cilium's option, of a service that there is not. */
const OPTION4 = Uint8Array.of(0x9a, 8, 0, 80, 192, 0, 2, 1);
const OPTION6 = Uint8Array.of(0, 2, 0x1b, 20, ...new Uint8Array(20));

/** Answers probes until the signal: what has come, and from where. Bounded: an answer is shorter than what it answers. */
export async function answerProbes(
  { host, port }: ProbePlace,
  signal: AbortSignal,
  onListening: (port: number) => void,
): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('message', (data, from) => answer(socket, data, from));
  socket.bind(port, host);
  await once(socket, 'listening');
  onListening(socket.address().port);
  await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
  socket.close();
}

function answer(socket: Socket, data: Uint8Array, { address, port }: RemoteInfo): void {
  const text = JSON.stringify({ id: data.length >= 4 ? Buffer.from(data).readUInt32BE(0) : 0, from: address });
  if (text.length < data.length) socket.send(text, port, address, () => undefined);
}

/**
 * Finds out what the path to a node that answers probes does with options of IP, and how large packets may be. It sends some hundred packets.
 *
 * @throws BpfError there is no right to send options (CAP_NET_RAW)
 */
export async function probePath({ host, port }: ProbePlace): Promise<PathFacts> {
  const family = isIPv6(host) ? 6 : 4;
  const of = family === 6 ? IP6 : IP;
  const prober = await Prober.open(host, port);
  try {
    const plain = await prober.count();
    const deviceMtu = prober.deviceMtu;
    prober.set(of.level, of.discover, Uint8Array.from(new Uint8Array(Int32Array.of(PROBE).buffer)));
    const mtu = plain.answered === 0 ? 0 : await prober.largest(sizesToTry(deviceMtu), family === 6 ? 48 : 28);
    prober.set(of.level, of.options, family === 6 ? OPTION6 : OPTION4);
    const options = await prober.count();
    const { seenAs } = prober;
    return { family, plain, options, mtu, deviceMtu, ...(seenAs !== undefined && { seenAs }) };
  } finally {
    prober.close();
  }
}

/** A socket that sends probes, and hears answers. */
class Prober {
  readonly #socket: Socket;
  readonly #sent = new Map<number, number>();
  readonly #answered = new Map<number, number>();
  #number = 0;
  #from = '';

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

  /** Sends some, and counts answers. */
  async count(): Promise<ProbeCount> {
    const numbers: number[] = [];
    for (let i = 0; i < PROBES; i++) {
      numbers.push(this.#send(16));
      await wait(APART_MS);
    }
    await this.#heardOf(numbers);
    const times = numbers.flatMap((one) => this.#answered.get(one) ?? []).sort((a, b) => a - b);
    const medianMs = times[Math.floor(times.length / 2)];
    return { sent: PROBES, answered: times.length, ...(medianMs !== undefined && { medianMs }) };
  }

  /** The largest of the sizes, of whole packets, that is answered; 0 if none is. All are sent before answers are waited for. */
  async largest(sizes: readonly number[], headers: number): Promise<number> {
    const sent = sizes.map((size) => ({
      size,
      numbers: Array.from({ length: TRIES }, () => this.#send(size - headers)),
    }));
    await this.#heardOf(sent.flatMap(({ numbers }) => numbers));
    const answered = sent.filter(({ numbers }) => numbers.some((one) => this.#answered.has(one)));
    return answered.reduce((most, { size }) => Math.max(most, size), 0);
  }

  close(): void {
    this.#socket.close();
  }

  #send(bytes: number): number {
    const data = Buffer.alloc(Math.max(64, bytes));
    const number = ++this.#number;
    data.writeUInt32BE(number);
    this.#sent.set(number, performance.now());
    // a packet that is larger than the device takes is not sent, and so not answered
    this.#socket.send(data, () => undefined);
    return number;
  }

  #heard(data: Uint8Array): void {
    const { id, from } = JSON.parse(Buffer.from(data).toString()) as { id: number; from: string };
    const sent = this.#sent.get(id);
    if (sent === undefined || this.#answered.has(id)) return;
    this.#answered.set(id, performance.now() - sent);
    this.#from = from;
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
    ? 'Sending options of IP needs CAP_NET_RAW'
    : undefined;
}
