import { FAMILIES, type Family } from '../maps/address.ts';
import { overheadOf } from '../datapath/overhead.ts';
import type { Mode } from '../model/config.ts';

/** What became of probes of one kind. */
export interface ProbeCount {
  readonly sent: number;
  readonly answered: number;
  /** Milliseconds until the answer of half of them; undefined if none was answered. */
  readonly medianMs?: number;
}

/** What became of probes within a tunnel. */
export interface TunnelFacts extends ProbeCount {
  /** The largest packet, with the tunnel's headers, which came whole. */
  readonly mtu: number;
}

/** What was found out of a path to another node. */
export interface PathFacts {
  readonly family: Family;
  readonly plain: ProbeCount;
  /** With Cilium's option of IP, which `dsr-ipopt` sends. */
  readonly options: ProbeCount;
  /** The largest packet of those that were tried which came whole. */
  readonly mtu: number;
  /** The largest that this node's device takes. */
  readonly deviceMtu: number;
  /** By tunnel, if the other node hears it. */
  readonly tunnels?: { readonly ipip?: TunnelFacts; readonly geneve?: TunnelFacts };
  /** The address that the other node has seen, where it is not this one's: the path translates addresses. */
  readonly seenAs?: string;
}

/** What a path does with packets that have options of IP. */
export type OptionVerdict = 'carried' | 'slow' | 'dropped';

/** Whether a mode fits a path. */
export interface ModeFit {
  readonly mode: Mode;
  readonly fits: boolean;
  /** A sentence. */
  readonly why: string;
}

const MODES: readonly Mode[] = ['dsr-ipip', 'dsr-geneve', 'dsr-ipopt', 'snat'];
/** What is slower by this factor, and by more than chance is, went another way in a switch. */
const SLOWER = 3;
const CHANCE_MS = 1;
const LOST = 0.1;

/** What a path does with options, by how many packets came back and how fast. Pure. */
export function optionVerdict({ plain, options }: Pick<PathFacts, 'plain' | 'options'>): OptionVerdict {
  if (isLost(plain, options)) return 'dropped';
  const isSlow = (options.medianMs ?? 0) > SLOWER * (plain.medianMs ?? 0) + CHANCE_MS;
  return isSlow ? 'slow' : 'carried';
}

/** Whether more of them are lost than of packets as they are. */
function isLost(plain: ProbeCount, others: ProbeCount): boolean {
  const lost = plain.answered / Math.max(1, plain.sent) - others.answered / Math.max(1, others.sent);
  return lost > LOST || others.answered === 0;
}

/** Which modes fit a path, the best first. Pure. */
export function modesFor(facts: PathFacts): readonly ModeFit[] {
  return MODES.map((mode) => ({ mode, ...fitOf(mode, facts) })).sort((a, b) => Number(b.fits) - Number(a.fits));
}

function fitOf(mode: Mode, facts: PathFacts): Omit<ModeFit, 'mode'> {
  const { plain, mtu, deviceMtu, family, seenAs } = facts;
  if (plain.answered === 0) return { fits: false, why: 'the other node does not answer' };
  if (mode === 'snat') return { fits: true, why: 'nothing is added to packets; pods do not see who asks' };
  if (seenAs !== undefined) return { fits: false, why: `the path translates addresses: the other node sees ${seenAs}` };
  const tunnel = tunnelOf(mode, facts);
  if (tunnel !== undefined && isLost(plain, tunnel))
    return { fits: false, why: `the path drops ${wordOf(mode, family)}: ${tunnel.answered} of ${tunnel.sent} came` };
  const most = Math.min(tunnel?.mtu ?? mtu, deviceMtu);
  const overhead = overheadOf(mode, family);
  const size = `${overhead} bytes more, which leaves ${most - overhead} of ${most}`;
  if (mode !== 'dsr-ipopt')
    return { fits: true, why: tunnel === undefined ? `${size}; the other node hears no probes of it` : size };
  const verdict = optionVerdict(facts);
  if (verdict === 'dropped') return { fits: false, why: 'the path drops packets with options of IP' };
  if (verdict === 'slow') return { fits: false, why: 'the path takes packets with options of IP by its slow way' };
  return { fits: true, why: size };
}

function tunnelOf(mode: Mode, { tunnels = {} }: PathFacts): TunnelFacts | undefined {
  if (mode === 'dsr-ipip') return tunnels.ipip;
  return mode === 'dsr-geneve' ? tunnels.geneve : undefined;
}

function wordOf(mode: Mode, family: Family): string {
  if (mode === 'dsr-geneve') return 'Geneve (UDP to port 6081)';
  return `IP in IP (protocol ${family === 4 ? 4 : 41})`;
}

/** The mode that is to be had for a path: the first that fits, with the reason; undefined if none does. Pure. */
export function recommended(facts: PathFacts): ModeFit | undefined {
  const [best, ...others] = modesFor(facts);
  if (best === undefined || !best.fits) return undefined;
  const refused = others.filter(({ fits }) => !fits).map(({ mode, why }) => `${mode} does not fit: ${why}`);
  const reason = { 'dsr-ipip': IPIP, 'dsr-geneve': GENEVE, 'dsr-ipopt': OPTION, snat: SNAT }[best.mode];
  return { ...best, why: [reason, best.why, ...refused].join('; ') };
}

const IPIP = 'answers go straight to the client, and no packet has options of IP';
const GENEVE = 'answers go straight to the client, and a tunnel of UDP carries the port';
const OPTION = 'answers go straight to the client, and few bytes are added to the first packets';
const SNAT = 'it works on every path, and answers come back by the node that took the request';

/** The sizes of packets that are tried, the largest first: those of usual networks, and what modes leave of them. */
export function sizesToTry(deviceMtu: number): readonly number[] {
  const usual = [9000, 8900, 1600, 1562, 1540, 1520, 1500, 1492, 1480, 1460, 1450, 1438, 1400, 1280];
  const left = FAMILIES.flatMap((family) => MODES.map((mode) => deviceMtu - overheadOf(mode, family)));
  return [...new Set([deviceMtu, ...usual, ...left])]
    .filter((size) => size <= deviceMtu && size >= 1280)
    .sort((a, b) => b - a);
}
