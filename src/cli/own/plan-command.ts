import { Command, Option } from 'commander';
import { collected, type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import { COLOR_CHOICES } from '../color.ts';
import type { Io } from '../io.ts';
import { type DecisionFlags, withDecisionFlags } from './decision-flags.ts';

/** The flags of `nekube own plan`. */
export interface PlanFlags extends NamespaceFlags, DecisionFlags {
  readonly filename: readonly string[];
  readonly recursive?: boolean;
  readonly manager: string;
  readonly subresource?: string;
  readonly all?: boolean;
  readonly output: 'text' | 'json' | 'yaml';
  readonly color: string;
  readonly parallel: string;
}

const DESCRIPTION =
  'Say what a server-side apply would do, field by field, and who owns what is in its way. By dry runs: nothing is written, ' +
  'and it is the server that says what it would make of each object. Every document is shown, also beside others that the ' +
  'server refuses. Values of Secrets are masked.';

const EXAMPLES = `
Marks:
  +  a field that is not there yet
  ~  another value
  -  removed: not applied any more
  =  not applied any more, and stays
  !  a conflict
  <  yields: keeps the live value
  &  shared: keeps the live value, which both own
  *  by the server, with --all

Examples:
  nekube own plan -f deploy/ -R
  nekube own plan -f web.yaml --manager flux --decide yield=.spec.replicas
  kustomize build . | nekube own plan -f - --manager argocd-controller -o json

Exit codes: 0 it could be applied, 1 conflicts that nothing decides, 2 the server refuses an object, or wrong usage.`;

/** `nekube own plan`: its flags and help. */
export function planCommand(io: Io): Command {
  const command = new Command('plan')
    .summary('What an apply would do: set, remove, keep, or be in conflict about, and why')
    .description(DESCRIPTION)
    .requiredOption('-f, --filename <file>', 'a file, a directory, or - for stdin; may be repeated', collected)
    .option('-R, --recursive', 'directories with those below them');
  withNamespaceFlags(command).option('--manager <name>', 'the field manager that would apply', 'nekube-own');
  return withDecisionFlags(command)
    .option('--subresource <name>', 'the part of the objects that would be applied to, as in status')
    .option('--all', 'also fields that stay as they are, and what the server sets by itself')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'yaml']).default('text'))
    .addOption(new Option('--color <when>', 'colour the output').choices(COLOR_CHOICES).default('auto'))
    .option('--parallel <number>', 'so many objects at the same time', '8')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: PlanFlags) => {
      const { plan } = await import('./plan.ts');
      await plan(flags, io);
    });
}
