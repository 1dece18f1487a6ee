import { Command, Option } from 'commander';
import { collected } from '../cluster-flags.ts';
import { lasting } from '../duration-flag.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube audit run`. */
export interface RunFlags {
  readonly manifests: readonly string[];
  readonly sample?: string;
  readonly serviceaccount?: string;
  readonly budget: number;
  readonly quiet: number;
  readonly network: 'isolated' | 'open';
  readonly output: 'text' | 'json' | 'yaml';
}

const DESCRIPTION = `Run an operator on a control plane of its own, intervene in one way after another, and say what it is worth: whether a Helm chart would do,
and which rights it needs. The operator is started as a local process with KUBECONFIG, as the service account that its Deployment names.

Of the manifests the definitions, the RBAC and all objects are installed, but workloads (the operator is the process), Services and webhooks. The
verdict is one of
  render                its writes are a function of the resource: a chart does
  render-with-secrets   the same, with values that are made once
  heal                  it also puts back what was changed: a chart and GitOps do
  compose               it reads others' objects: a composition, or few rights
  operate               it acts by status, time or order: an operator is justified
  external              it deals with what is outside of the cluster`;

const EXAMPLES = `
Exit codes: 0 a verdict, 1 none could be reached, 2 an error: the operator does not start, or ends by itself.

Examples:
  nekube audit run --manifests config/ --sample shop.yaml -- ./bin/manager --leader-elect=false
  nekube audit run --manifests config/ --sample shop.yaml --budget 5m -o json -- node operator.mjs
  nekube audit run --manifests config/ --sample shop.yaml -o yaml -- ./bin/manager   # the smallest roles`;

/** `nekube audit run`: its flags and help. */
export function runCommand(io: Io): Command {
  return new Command('run')
    .summary('Operator or chart: what an operator is worth')
    .description(DESCRIPTION)
    .argument('<command...>', 'the operator, behind --')
    .requiredOption('--manifests <file>', 'its definitions and RBAC, a file or directory; may be repeated', collected)
    .option('--sample <file>', 'a resource that it works on; default: one that the manifests have')
    .option('--serviceaccount <namespace/name>', 'as whom it runs; default: as the manifests say')
    .addOption(lasting('--budget <duration>', 'how long it may take; then it reports what it has', '2m'))
    .addOption(lasting('--quiet <duration>', 'an operator that writes nothing for so long is at rest', '400ms'))
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
        .choices(['text', 'json', 'yaml'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (command: string[], flags: RunFlags) => {
      const { runAudit } = await import('./run.ts');
      await runAudit(command, flags, io);
    });
}
