import type { Command } from 'commander';
import {
  type Decide,
  decideByFlags,
  type FlagDecision,
  forceConflicts,
  heedConflicts,
  parseFlagDecision,
} from 'nekube/ownership';
import { collected } from '../cluster-flags.ts';
import { CliError } from '../io.ts';

/** How conflicts are decided. */
export interface DecisionFlags {
  readonly decide?: readonly string[];
  readonly forceConflicts?: boolean;
}

/** Adds the flags that decide conflicts. */
export function withDecisionFlags(command: Command): Command {
  return command
    .option(
      '--decide <decision=path>',
      'what becomes of conflicts over these fields: force, yield, share or fail; may be repeated, the first that matches counts',
      collected,
    )
    .option('--force-conflicts', 'take over every other field that is in conflict');
}

/** Decides as the flags say; what they say nothing of fails. @throws CliError */
export function decideOf({ decide = [], forceConflicts: isForced }: DecisionFlags): Decide {
  return decideByFlags(decide.map(decisionOf), isForced ? forceConflicts : heedConflicts);
}

function decisionOf(text: string): FlagDecision {
  const read = parseFlagDecision(text);
  if (typeof read === 'string') throw new CliError(`--decide: ${read}`);
  return read;
}
