import { datapathMaps } from '../datapath/maps.ts';
import { type Machine, whyNoKernel } from './packet-node.ts';

/** All that can run programs on packets. */
export const MACHINES: readonly Machine[] = ['kernel', 'interpreter'];

const lack = whyNoKernel(datapathMaps().counters);

/** Options of tests that are left out where the kernel is meant, and does not load programs here. */
export function kernelOnly(machine: Machine): { readonly skip: string | false } {
  return { skip: machine === 'kernel' && lack };
}
