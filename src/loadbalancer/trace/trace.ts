import type { DatapathOptions } from '../datapath/options.ts';
import { type Family, familyOf } from '../maps/address.ts';
import type { ServiceContents } from '../maps/writes.ts';
import type { Backend, Frontend, Mode } from '../model/config.ts';
import type { PacketResult } from '../packet-run/config.ts';
import { type PacketRunner, packetRunner } from '../packet-run/run.ts';
import { packet as packetOf } from '../testing/packets.ts';
import { type BackendView, type FrontendView, viewFrontends } from '../view/frontends.ts';
import { type IpLayer, type Layer, layersOf, layersText, type PortLayer } from '../view/layers.ts';
import { contentsOf } from './contents-of.ts';

/** A packet on its way. */
export interface TraceStep {
  /** `client`, `node` (which takes requests), `backend's node`, `pod`. */
  readonly at: string;
  /** What a program did with it; absent where none saw it. */
  readonly verdict?: PacketResult['verdict'];
  readonly counters?: PacketResult['counters'];
  /** As it then is, in a line. */
  readonly packet: string;
  readonly hex: string;
}

/** Where a packet goes, and its answer. */
export interface Trace {
  readonly frontend?: FrontendView;
  readonly backend?: BackendView;
  /** Why this backend, or why none. */
  readonly why: string;
  readonly steps: readonly TraceStep[];
}

/** What a packet is traced on. */
export interface TraceOptions {
  readonly contents: ServiceContents;
  readonly options: DatapathOptions;
}

const SYN_ACK = 0x12;

/**
 * Follows a client's packet by the interpreter: to the backend that a new flow gets, and its answer back to the client. Nothing is sent,
 * and no map is touched.
 */
export function trace(packet: Uint8Array, { contents, options }: TraceOptions): Trace {
  const sent = step('client', packet);
  const tuple = tupleOf(layersOf(packet));
  const frontend = tuple && viewFrontends(contents).find((one) => isFor(one, tuple));
  if (tuple === undefined || frontend === undefined)
    return { why: 'it is for no frontend of this node: it is left to the kernel', steps: [sent] };
  const node = packetRunner(
    'interpreter',
    { options, frontends: [], tunnelsFrom: [], before: [] },
    contentsOf(contents, frontend),
  );
  try {
    const taken = node.run({ program: 'request', packet });
    const steps = [sent, step('node', taken.packet, taken)];
    const backend = taken.verdict === 'drop' ? undefined : backendOf(frontend, layersOf(taken.packet));
    if (backend === undefined) return { frontend, why: whyNone(frontend, taken), steps };
    return {
      frontend,
      backend,
      why: whyThis(frontend, backend),
      steps: [...steps, ...wayBack({ node, frontend, backend, options }, taken)],
    };
  } finally {
    node.close();
  }
}

/** What is known when a packet has its backend. */
interface Chosen {
  readonly node: PacketRunner;
  readonly frontend: FrontendView;
  readonly backend: BackendView;
  readonly options: DatapathOptions;
}

/** From the node that took the request to the pod, and back. */
function wayBack(chosen: Chosen, taken: PacketResult): readonly TraceStep[] {
  const { node, frontend, backend } = chosen;
  const isDirect = frontend.mode !== 'snat' && !backend.isLocal;
  const far = isDirect ? backendsNode(chosen, taken) : undefined;
  try {
    const arrived = far?.run({ program: 'take-out', packet: taken.packet }) ?? taken;
    const steps = far ? [step('backend’s node', arrived.packet, arrived)] : [];
    const tuple = tupleOf(layersOf(arrived.packet));
    if (arrived.verdict === 'drop' || tuple === undefined) return steps;
    const reply = packetOf({ ...swapped(tuple), ...(tuple.protocol === 'TCP' && { flags: SYN_ACK }) });
    const runner = far ?? node;
    const program = isDirect || backend.isLocal ? 'reply' : 'request';
    const left = runner.run({ program, packet: reply });
    return [...steps, step('pod', reply), step(isDirect ? 'backend’s node' : 'node', left.packet, left)];
  } finally {
    far?.close();
  }
}

/** The node of the backend, which takes tunnels from this one. */
function backendsNode({ frontend, backend, options }: Chosen, taken: PacketResult): PacketRunner {
  const [outer] = layersOf(taken.packet) as readonly [IpLayer];
  const local: Backend = {
    address: backend.address,
    port: backend.port,
    isLocal: true,
    isTerminating: false,
    carriesPort: false,
  };
  const same: Frontend = {
    ...{ name: 'traced', address: frontend.address, port: frontend.port, protocol: frontend.protocol as 'TCP' | 'UDP' },
    ...{ from: 'external', mode: frontend.mode as Mode, algorithm: 'random', backends: [local], whenEmpty: 'reject' },
  };
  const family = familyOf(backend.node ?? backend.address);
  const nodeAddresses = { ...options.nodeAddresses, ...(backend.node !== undefined && { [family]: backend.node }) };
  return packetRunner('interpreter', {
    options: { ...options, nodeAddresses },
    frontends: [same],
    tunnelsFrom: [outer.source],
    before: [],
  });
}

function whyNone({ backends }: FrontendView, { counters }: PacketResult): string {
  const counted = Object.keys(counters).join(', ');
  return backends.length === 0 ? `it has no backend (${counted})` : `it goes no further (${counted})`;
}

function whyThis({ algorithm, backends, affinitySeconds }: FrontendView, { slots }: BackendView): string {
  const all = backends.reduce((sum, one) => sum + one.slots, 0);
  const kept = affinitySeconds > 0 ? '; a client keeps its own' : '';
  if (backends.length === 1) return `it is the only one${kept}`;
  if (algorithm === 'random') return `by chance, one of ${all}${kept}`;
  return `by a hash of the client’s address, port and protocol: ${slots} of the table’s ${all} slots lead to it${kept}`;
}

/** An address, a port and what is behind them. */
interface Tuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** Of the innermost packet. */
function tupleOf(layers: readonly Layer[]): Tuple | undefined {
  const ip = layers.filter((layer): layer is IpLayer => layer.kind === 'ip').at(-1);
  const last = layers.at(-1);
  if (ip === undefined || last === undefined || last.kind === 'ip' || last.kind === 'other') return undefined;
  const { source, destination, kind } = last;
  return {
    ...{ source: ip.source, destination: ip.destination, sourcePort: source, destinationPort: destination },
    protocol: kind === 'tcp' ? 'TCP' : 'UDP',
  };
}

function swapped({ source, destination, sourcePort, destinationPort, protocol }: Tuple): Tuple {
  return {
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    protocol,
  };
}

function isFor({ address, port, protocol, scope }: FrontendView, tuple: Tuple): boolean {
  return (
    scope === 'outside' &&
    address === tuple.destination &&
    port === tuple.destinationPort &&
    protocol === tuple.protocol
  );
}

/** By the outer header where there is one of IP in IP, else by where the packet itself goes. */
function backendOf({ mode, backends }: FrontendView, layers: readonly Layer[]): BackendView | undefined {
  const headers = layers.filter((layer): layer is IpLayer => layer.kind === 'ip');
  const ports = layers.at(-1) as PortLayer;
  if (mode === 'dsr-ipip' && headers.length > 1) {
    const at = backends.filter(({ address }) => address === headers[0]?.destination);
    return at.find(({ port }) => port === headers[0]?.id) ?? at[0];
  }
  return backends.find(({ address, port }) => address === headers.at(-1)?.destination && port === ports.destination);
}

function step(at: string, packet: Uint8Array, result?: PacketResult): TraceStep {
  return {
    at,
    ...(result && { verdict: result.verdict, counters: result.counters }),
    packet: layersText(layersOf(packet)),
    hex: Buffer.from(packet).toString('hex'),
  };
}

/**
 * A packet from words, `tcp 10.1.0.2:4000 > 10.96.0.10:80`, with brackets around addresses of IPv6: of TCP the first of a connection.
 *
 * @throws RangeError they are no such words
 */
export function packetFromWords(text: string): Uint8Array {
  const words = /^(tcp|udp)\s+(\[[^\]\s]+\]|[^\s:]+):(\d+)\s*>\s*(\[[^\]\s]+\]|[^\s:]+):(\d+)$/i.exec(text.trim());
  const [, protocol = '', source = '', sourcePort, destination = '', destinationPort] = words ?? [];
  const plain = (address: string): string => address.replace(/^\[(.*)\]$/, '$1');
  const shape = {
    source: plain(source),
    destination: plain(destination),
    sourcePort: Number(sourcePort),
    destinationPort: Number(destinationPort),
  };
  const isPort = (port: number): boolean => port > 0 && port < 65_536;
  if (words === null || !isPort(shape.sourcePort) || !isPort(shape.destinationPort))
    throw new RangeError(
      `${JSON.stringify(text)} must be as tcp 10.1.0.2:4000 > 10.96.0.10:80, with brackets around addresses of IPv6`,
    );
  const family = (address: string): Family => familyOf(address);
  if (family(shape.source) !== family(shape.destination)) throw new RangeError('Both addresses must be of one family');
  return packetOf({ ...shape, protocol: protocol.toLowerCase() === 'tcp' ? 'TCP' : 'UDP' });
}
