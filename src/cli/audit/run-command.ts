import type { RiskLevel, Verdict } from 'nekube/audit';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ClusterFlags, collected, withClusterFlags } from '../cluster-flags.ts';
import { lasting } from '../duration-flag.ts';
import type { Io } from '../io.ts';
import { progressOption, type ProgressChoice } from '../progress.ts';

/** The flags of `nekube audit run`. */
export interface RunFlags extends ClusterFlags {
  readonly manifests: readonly string[];
  readonly sample?: readonly string[];
  readonly kind?: readonly string[];
  readonly serviceaccount?: string;
  readonly budget: number;
  readonly quiet: number;
  readonly network: 'isolated' | 'open';
  readonly verify?: boolean;
  readonly output: 'text' | 'json' | 'yaml' | 'html';
  readonly html?: string;
  readonly store?: boolean | string;
  readonly failOn?: readonly (RiskLevel | Verdict)[];
  readonly progress: ProgressChoice;
}

const DESCRIPTION = `Run an operator on a control plane of its own, intervene in one way after another, and say what it is worth: whether a Helm chart would do,
and which rights it needs. The operator is started as a local process with KUBECONFIG, as the service account that its Deployment names.

Of the manifests the definitions, the RBAC and all objects are installed, but workloads (the operator is the process) and Services. Webhooks that
name a Service are called, at the port of the operator that it stands for.

All kinds that are defined, and that the operator watches, are probed, one after another, each on a control plane of its own; they share the budget.
A kind has the sample of --sample, else one of the manifests, else one that is made by its schema. The report has a verdict for each; that of the
operator is the strongest of them. The smallest roles are for all of them together. The verdict is one of
  render                its writes are a function of the resource: a chart does
  render-with-secrets   the same, with values that are made once
  heal                  it also puts back what was changed: a chart and GitOps do
  compose               it reads others' objects: a composition, or few rights
  operate               it acts by status, time or order: an operator is justified
  external              it deals with what is outside of the cluster
  unknown               too little was seen

KUBECONFIG of the operator is that of the audit's control plane: --kubeconfig and --context say where --store keeps the report, and no more.

With --verify it is run a second time, with the smallest roles that its first run needs and no others: it must write the same, and be refused
nothing. Ctrl-C ends the audit, and what was found until then is reported; a second one ends it at once.`;

const EXAMPLES = `
Exit codes: 0 a verdict, 1 none could be reached, or --verify or --fail-on says so, 2 an error: the operator does not start, or ends by itself.

Examples:
  nekube audit run --manifests config/ --sample shop.yaml -- ./bin/manager --leader-elect=false
  nekube audit run --manifests config/ --sample shop.yaml --budget 5m --html audit.html -- node operator.mjs
  nekube audit run --manifests config/ --sample shop.yaml --verify -o yaml -- ./bin/manager     # the smallest roles, tried
  nekube audit run --manifests config/ --kind Queue --kind User -- ./bin/manager                # two of its kinds
  nekube audit run --manifests config/ --fail-on render,heal,critical -- ./bin/manager          # for CI
  nekube audit run --manifests config/ --store -- ./bin/manager && kubectl get operatoraudits   # kept in a cluster`;

/** What --fail-on may be told, besides the levels of risk. */
const VERDICTS: readonly Verdict[] = ['render', 'render-with-secrets', 'heal', 'compose', 'operate', 'external'];
const LEVELS: readonly RiskLevel[] = ['critical', 'high', 'medium', 'low'];

/** `nekube audit run`: its flags and help. */
export function runCommand(io: Io): Command {
  const command = new Command('run')
    .summary('Operator or chart: what an operator is worth')
    .description(DESCRIPTION)
    .argument('<command...>', 'the operator, behind --')
    .requiredOption('--manifests <file>', 'its definitions and RBAC, a file or directory; may be repeated', collected)
    .option(
      '--sample <file>',
      'a resource that it works on, one a kind; may be repeated; default: those of the manifests',
      collected,
    )
    .option('--kind <kind>', 'probe this kind alone; may be repeated; default: all that it watches', collected)
    .option('--serviceaccount <namespace/name>', 'as whom it runs; default: as the manifests say')
    .addOption(
      lasting(
        '--budget <duration>',
        'how long it may take, and with --verify twice; then it reports what it has',
        '2m',
      ),
    )
    .addOption(lasting('--quiet <duration>', 'an operator that writes nothing for so long is at rest', '400ms'))
    .option('--verify', 'run it again with the smallest roles alone, and compare what it writes')
    .addOption(
      new Option(
        '--network <which>',
        'isolated: it reaches the API server alone, where that can be done; open: it has the network of the machine',
      )
        .choices(['isolated', 'open'])
        .default('isolated'),
    )
    .addOption(
      new Option('-o, --output <format>', 'the form; yaml: the smallest roles alone')
        .choices(['text', 'json', 'yaml', 'html'])
        .default('text'),
    )
    .option('--html <file>', 'write the report there as well, as one page that needs nothing else')
    .option('--store [name]', 'keep the report in a cluster, as an OperatorAudit; default: the name of its account')
    .addOption(
      new Option('--fail-on <what>', 'exit with 1 for these verdicts, or for a risk of this level or worse').argParser(
        failOn,
      ),
    )
    .addOption(progressOption());
  return withClusterFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (operator: string[], flags: RunFlags) => {
      const { runAudit } = await import('./run.ts');
      await runAudit(operator, flags, io);
    });
}

/** Verdicts and a level of risk, with commas between. @throws InvalidArgumentError */
function failOn(text: string): readonly (RiskLevel | Verdict)[] {
  const all: readonly string[] = [...VERDICTS, ...LEVELS];
  const given = text.split(',').map((part) => part.trim());
  const wrong = given.find((part) => !all.includes(part));
  if (wrong !== undefined) throw new InvalidArgumentError(`It must be one or several of ${all.join(', ')}.`);
  return given as (RiskLevel | Verdict)[];
}
