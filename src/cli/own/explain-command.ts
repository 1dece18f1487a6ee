import { Command, Option } from 'commander';
import { collected, type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type DecisionFlags, withDecisionFlags } from './decision-flags.ts';

/** The flags of `nekube own explain`. */
export interface ExplainFlags extends NamespaceFlags, DecisionFlags {
  readonly filename: readonly string[];
  readonly recursive?: boolean;
  readonly manager: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly output: 'text' | 'json' | 'yaml';
}

const DESCRIPTION =
  'Explain how the conflicts of an apply would be decided: for each field in conflict what becomes of it and who says so, ' +
  'then all policies in their order of precedence, and of those that are not about it, why. Writes nothing.';

const EXAMPLES = `
Precedence: policies by priority, of equal ones those of the cluster, then the stricter decision (Fail, Ask, Yield, Lease,
Share, Force), then by name; then --decide; then --force-conflicts; else it fails.

Examples:
  nekube own explain -f web.yaml --manager gitops
  nekube own explain -f web.yaml --manager gitops --policy new-policy.yaml
  nekube own explain -f web.yaml --as system:serviceaccount:flux:kustomize --as-group system:serviceaccounts -o json

Exit codes: 0 nothing fails, 1 a conflict fails or waits for a person, 2 an error or wrong usage.`;

/** `nekube own explain`: its flags and help. */
export function explainCommand(io: Io): Command {
  const command = new Command('explain')
    .summary('Which policy decides a conflict, and why')
    .description(DESCRIPTION)
    .requiredOption('-f, --filename <file>', 'a file, a directory, or - for stdin; may be repeated', collected)
    .option('-R, --recursive', 'directories with those below them')
    .option('--manager <name>', 'the field manager that would apply', 'nekube-own')
    .option('--as <user>', 'who would be authenticated; default: who you are')
    .option('--as-group <group>', 'a group of that user; may be repeated', collected)
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'yaml']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ExplainFlags) => {
      const { explain } = await import('./explain.ts');
      await explain(flags, io);
    });
  return withNamespaceFlags(withDecisionFlags(command));
}
