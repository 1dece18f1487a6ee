import { whyNoDatapath } from '../check/abilities.ts';
import type { Machine } from './packet-node.ts';

/** All that can run programs on packets. */
export const MACHINES: readonly Machine[] = ['kernel', 'interpreter'];

/** Why the kernel does not load programs here; false where it does. */
export const noKernel: string | false = whyNoDatapath() ?? false;

/** Options of tests that are left out where the kernel is meant, and does not load programs here. */
export function kernelOnly(machine: Machine): { readonly skip: string | false } {
  return { skip: machine === 'kernel' && noKernel };
}
