import { Command, Option } from 'commander';
import { collected } from '../cluster-flags.ts';
import { lasting } from '../duration-flag.ts';
import { CliError, type Io } from '../io.ts';

/** The flags of `nekube audit chart`. */
export interface ChartFlags {
  readonly manifests: readonly string[];
  readonly sample?: string;
  readonly kind?: string;
  readonly serviceaccount?: string;
  readonly name?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly examples: number;
  readonly heldOut: number;
  readonly seed: number;
  readonly helm: string;
  readonly budget: number;
  readonly quiet: number;
}

const DESCRIPTION = `Make a Helm chart of what an operator does. The operator is run on a control plane of its own, as by \`nekube audit run\`; it is given resources
that cover all pairs of choices, and random ones with values of all kinds (empty, long, in upper case, like numbers…). Templates are fitted to
what it wrote, and tried on random resources that were not among these: what \`helm template\` renders must be what the operator wrote, after normalization. The values of the chart are the spec of the
resource, by the schema of its definition.

What no template explains is refused, with the place and an example. Whether the operator also does what no chart can, as healing or
waiting, is not asked here: \`nekube audit run\` does.`;

const EXAMPLES = `
Exit codes: 0 the chart is written, 1 there is none, or it was wrong, 2 an error: the operator does not start, or ends by itself.

Examples:
  nekube audit chart --manifests config/ --sample shop.yaml -- ./bin/manager --leader-elect=false
  nekube audit chart --manifests config/ --sample shop.yaml --name shop -o charts/shop --held-out 1000 --budget 10m -- ./bin/manager
  nekube audit chart --manifests config/ --kind Queue -- ./bin/manager                          # one of its kinds
  nekube audit chart --manifests config/ --sample shop.yaml -o json -- node operator.mjs`;

/** `nekube audit chart`: its flags and help. */
export function chartCommand(io: Io): Command {
  return new Command('chart')
    .summary('A Helm chart of what an operator does')
    .description(DESCRIPTION)
    .argument('<command...>', 'the operator, behind --')
    .requiredOption('--manifests <file>', 'its definitions and RBAC, a file or directory; may be repeated', collected)
    .option('--sample <file>', 'a resource that it works on; default: one of the manifests, or by its schema')
    .option('--kind <kind>', 'the kind of resources that the chart is for; needed where several are defined')
    .option('--serviceaccount <namespace/name>', 'as whom it runs; default: as the manifests say')
    .option('--name <name>', "how the chart is called; default: the resource's kind, in small letters")
    .option(
      '-o, --output <where>',
      'the directory for the chart, which must be new, or json: all on stdout; default: the name',
    )
    .option('--force', 'replace the directory')
    .addOption(
      counting('--examples <n>', 'resources that templates are fitted to, at first, and as many with odd values', 60),
    )
    .addOption(counting('--held-out <n>', 'resources that the chart is tried on', 300))
    .addOption(counting('--seed <n>', 'of all that is random', 1))
    .option('--helm <file>', 'the program, or none: the templates are evaluated without Helm', 'helm')
    .addOption(lasting('--budget <duration>', 'how long it may take; then it has what it has', '2m'))
    .addOption(lasting('--quiet <duration>', 'an operator that writes nothing for so long is at rest', '400ms'))
    .addHelpText('after', EXAMPLES)
    .action(async (command: string[], flags: ChartFlags) => {
      const { makeChart } = await import('./chart.ts');
      await makeChart(command, flags, io);
    });
}

function counting(flags: string, description: string, standard: number): Option {
  return new Option(flags, description).default(standard).argParser((text) => {
    if (!/^[1-9]\d{0,5}$/.test(text))
      throw new CliError(`${JSON.stringify(text)} is no number for ${flags.split(' ')[0]}`, {
        hint: 'from 1 to 999999',
      });
    return Number(text);
  });
}
