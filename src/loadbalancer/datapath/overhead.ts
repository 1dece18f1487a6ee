import type { Family } from '../maps/address.ts';
import type { Mode } from '../model/config.ts';
import { SHAPES } from './family.ts';
import { geneveOverhead } from './geneve.ts';
import { ipOptionOverhead } from './ip-option.ts';

/** How many bytes a packet of a client has more on its way to the pod's node, by a mode. */
export function overheadOf(mode: Mode, family: Family): number {
  const shape = SHAPES[family];
  if (mode === 'dsr-ipip') return shape.headerLength;
  if (mode === 'dsr-ipopt') return ipOptionOverhead(family);
  return mode === 'dsr-geneve' ? geneveOverhead(shape) : 0;
}

/** The headers of IP and of TCP without options, which are not of a segment. */
export const SEGMENT_HEADERS: Readonly<Record<Family, number>> = { 4: 40, 6: 60 };
