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
  const lost = plain.answered / Math.max(1, plain.sent) - options.answered / Math.max(1, options.sent);
  if (lost > LOST || options.answered === 0) return 'dropped';
  const isSlow = (options.medianMs ?? 0) > SLOWER * (plain.medianMs ?? 0) + CHANCE_MS;
  return isSlow ? 'slow' : 'carried';
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
  const overhead = overheadOf(mode, family);
  const left = Math.min(mtu, deviceMtu) - overhead;
  const size = `${overhead} bytes more, which leaves ${left} of ${Math.min(mtu, deviceMtu)}`;
  if (mode !== 'dsr-ipopt') return { fits: true, why: size };
  const verdict = optionVerdict(facts);
  if (verdict === 'dropped') return { fits: false, why: 'the path drops packets with options of IP' };
  if (verdict === 'slow') return { fits: false, why: 'the path takes packets with options of IP by its slow way' };
  return { fits: true, why: size };
}

/** The sizes of packets that are tried, the largest first: those of usual networks, and what modes leave of them. */
export function sizesToTry(deviceMtu: number): readonly number[] {
  const usual = [9000, 8900, 1600, 1562, 1540, 1520, 1500, 1492, 1480, 1460, 1450, 1438, 1400, 1280];
  const left = FAMILIES.flatMap((family) => MODES.map((mode) => deviceMtu - overheadOf(mode, family)));
  return [...new Set([deviceMtu, ...usual, ...left])]
    .filter((size) => size <= deviceMtu && size >= 1280)
    .sort((a, b) => b - a);
}
