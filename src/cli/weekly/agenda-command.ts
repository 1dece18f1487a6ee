import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube weekly agenda`. */
export interface AgendaFlags extends NamespaceFlags {
  readonly output: 'text' | 'markdown' | 'json';
}

const EXAMPLES = `
Examples:
  nekube weekly agenda 12
  nekube weekly agenda 12 -o markdown > agenda.md`;

/** `nekube weekly agenda`: its flags and help. */
export function agendaCommand(io: Io): Command {
  const command = new Command('agenda')
    .summary('Print who presents what in the session of an issue')
    .description(
      'Print what is presented in the session of an issue: when, by whom, in the order in which readers see it.',
    )
    .argument('<number>', 'the number of the issue')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'markdown', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (number: string, flags: AgendaFlags) => {
      const { printAgenda } = await import('./agenda.ts');
      await printAgenda(number, flags, io);
    });
  return withNamespaceFlags(command);
}
