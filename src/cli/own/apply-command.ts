import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type DecisionFlags, withDecisionFlags } from './decision-flags.ts';

/** The flags of `nekube own apply`. */
export interface ApplyFlags extends NamespaceFlags, DecisionFlags {
  readonly filename: readonly string[];
  readonly recursive?: boolean;
  readonly manager: string;
  readonly planOnly?: boolean;
  readonly dryRun?: string;
  readonly prune?: boolean;
  readonly applyset?: string;
  readonly applysetNamespace?: string;
  readonly applysetTooling: string;
  readonly wait?: boolean;
  readonly timeout: string;
  readonly parallel: string;
  readonly output: 'text' | 'json' | 'markdown';
  readonly report?: readonly string[];
}

const DESCRIPTION =
  'Apply many objects to a cluster by server-side apply, as a pipeline of CI/CD does. All files are read and all ' +
  'conflicts are found before anything is written; with a conflict that nothing decides nothing is written, and the ' +
  'report says who owns the field, since when, and how to decide. Objects are written in the order in which they need ' +
  'each other. It may be ended at any point and run again.';

const EXAMPLES = `
Examples:
  nekube own apply -R -f deploy/ --plan-only
  nekube own apply -R -f deploy/ --wait --timeout 5m --report report.md
  nekube own apply -f deploy/ -n shop --prune --applyset web
  nekube own apply -f deploy/ --decide yield=.spec.replicas --decide 'force=.spec.template.**'
  kustomize build . | nekube own apply -f - --force-conflicts

Exit codes: 0 all is applied (and ready), 1 conflicts, or not ready in time, 2 an error, wrong usage, or interrupted.`;

/** `nekube own apply`: its flags and help. */
export function applyCommand(io: Io): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  const command = new Command('apply')
    .summary('Apply many objects, heeding conflicts, as a pipeline does')
    .description(DESCRIPTION)
    .requiredOption('-f, --filename <file>', 'a file, a directory, or - for stdin; may be repeated', collect)
    .option('-R, --recursive', 'directories with those below them');
  withNamespaceFlags(command).option('--manager <name>', 'the field manager: who owns what is applied', 'nekube-own');
  withDecisionFlags(command)
    .option('--plan-only', 'find out what would be done, and write nothing')
    .addOption(new Option('--dry-run <where>', 'the same as --plan-only, as kubectl has it').choices(['server']))
    .option('--prune', 'remove what was applied with this set before and is not stated any more; needs --applyset')
    .option(
      '--applyset <parent>',
      'the set (KEP-3659): [RESOURCE[.GROUP]/]NAME of the object that keeps it, default a Secret',
    )
    .option('--applyset-namespace <name>', "where the set's parent is; default: --namespace")
    .option(
      '--applyset-tooling <name>',
      'whose sets to work on; kubectl: sets of kubectl apply --applyset',
      'nekube-own',
    )
    .option('--wait', 'wait until all objects are ready; only then is pruned')
    .option('--timeout <duration>', 'how long to wait, as in 90s or 1h30m', '5m')
    .option('--parallel <number>', 'so many requests at the same time', '8')
    .addOption(
      new Option('-o, --output <format>', 'how the report is printed')
        .choices(['text', 'json', 'markdown'])
        .default('text'),
    )
    .option(
      '--report <file>',
      'write the report to a file, too: .json, .md or text by its ending; may be repeated',
      collect,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ApplyFlags) => {
      const { apply } = await import('./apply.ts');
      await apply(flags, io);
    });
  return command;
}
