import { Command, Option } from 'commander';
import { collected, type ObjectFlags, OBJECT_ARGUMENTS_HELP, withObjectFlags } from '../cluster-flags.ts';
import { COLOR_CHOICES } from '../color.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube own blame`. */
export interface BlameFlags extends ObjectFlags {
  readonly path?: string;
  readonly output: 'text' | 'json' | 'yaml';
  readonly manager?: readonly string[];
  readonly time: 'relative' | 'full' | 'none';
  readonly summary?: boolean;
  readonly color: string;
  readonly showSecrets?: boolean;
}

const EXAMPLES = `${OBJECT_ARGUMENTS_HELP}

Columns: manager, operation (and subresource), when its entry last changed, the object.
  +  one more owner of the line above
  ~  nobody owns the field itself; the item or object that it is in is theirs, and it goes with that

Examples:
  nekube own blame deploy/web
  nekube own blame deploy/web -L .spec.replicas
  nekube own blame deploy,svc -l app=web --manager argocd-controller
  nekube own blame deploy -A --summary
  kubectl get deploy -o yaml --show-managed-fields | nekube own blame -f -

Exit codes: 0 printed, 1 an object, the field or the manager is not there, 2 an error or wrong usage.`;

/** `nekube own blame`: its flags and help. */
export function blameCommand(io: Io): Command {
  const command = new Command('blame')
    .summary('Who owns each line of an object')
    .description(
      "Print objects as YAML, each line with all who own it now: manager, operation, subresource, and since when the manager's " +
        'entry has not changed. A line without owners belongs to nobody. Entries of managedFields that cannot be read are ' +
        'told on stderr, and the rest is shown. Values of Secrets are masked.',
    )
    .argument('[objects...]', 'KIND, KIND NAME…, KIND/NAME…')
    .option('-L, --path <path>', 'only this field and what is below it, as in .spec.replicas')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'yaml']).default('text'))
    .option('--manager <name>', 'only what this manager owns; may be repeated', collected)
    .addOption(new Option('--time <format>', 'when').choices(['relative', 'full', 'none']).default('relative'))
    .option('--summary', 'how many fields each manager owns, alone and with others, and since when')
    .addOption(new Option('--color <when>', 'colour the output').choices(COLOR_CHOICES).default('auto'))
    .option('--show-secrets', 'show the values of Secrets')
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], flags: BlameFlags) => {
      const { printBlame } = await import('./blame.ts');
      await printBlame(args, flags, io);
    });
  return withObjectFlags(command);
}
