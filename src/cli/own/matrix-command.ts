import { Command, Option } from 'commander';
import { collected, type ObjectFlags, OBJECT_ARGUMENTS_HELP, withObjectFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube own matrix`. */
export interface MatrixFlags extends ObjectFlags {
  readonly output: 'text' | 'wide' | 'json' | 'yaml' | 'csv';
  readonly manager?: readonly string[];
}

const EXAMPLES = `${OBJECT_ARGUMENTS_HELP}

Columns: in how many objects a manager owns anything, how many fields, how many of them alone, and then how many it owns
together with the manager of that number. All owners of a field agree on its value; the first that applies another has a
conflict with the rest, and the first that updates it takes it from those that applied it.

Examples:
  nekube own matrix deploy -A
  nekube own matrix all -n shop -o wide
  nekube own matrix deploy,sts -A --manager argocd-controller -o csv

Exit codes: 0 printed, 1 an object is not there, 2 an error or wrong usage.`;

/** `nekube own matrix`: its flags and help. */
export function matrixCommand(io: Io): Command {
  const command = new Command('matrix')
    .summary('Which managers own fields together, over many objects')
    .description(
      'Print for each pair of managers how many fields they own together, over all the objects that are named.',
    )
    .argument('[objects...]', 'KIND, KIND NAME…, KIND/NAME…')
    .addOption(
      new Option('-o, --output <format>', 'the form; wide also names the fields')
        .choices(['text', 'wide', 'json', 'yaml', 'csv'])
        .default('text'),
    )
    .option('--manager <name>', 'only pairs with this manager; may be repeated', collected)
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], flags: MatrixFlags) => {
      const { printMatrix } = await import('./matrix.ts');
      await printMatrix(args, flags, io);
    });
  return withObjectFlags(command);
}
