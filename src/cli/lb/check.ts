import { type Ability, kernelAbilities, whyNoDatapath } from 'nekube/loadbalancer';
import { type Io, NegativeFinding } from '../io.ts';
import { formatTable } from '../table.ts';
import type { CheckFlags } from './check-command.ts';

/**
 * Prints what the kernel has.
 *
 * @throws NegativeFinding nothing can be balanced here
 */
export function checkKernel({ output }: CheckFlags, io: Io): void {
  const lack = whyNoDatapath();
  const abilities = lack === undefined ? kernelAbilities() : whatIsKnown();
  if (output === 'json') io.stdout(`${JSON.stringify({ abilities, ...(lack !== undefined && { lack }) }, null, 2)}\n`);
  else if (abilities.length > 0)
    io.stdout(formatTable([['HERE', 'WHAT', 'SINCE LINUX', 'WITHOUT IT'], ...abilities.map(row)]));
  if (lack !== undefined) throw new NegativeFinding(lack);
}

/** Without rights nothing can be tried. */
function whatIsKnown(): readonly Ability[] {
  try {
    return kernelAbilities();
  } catch {
    return [];
  }
}

function row({ isHere, name, since, without }: Ability): string[] {
  return [isHere ? 'yes' : 'no', name, since, without];
}
