import { Command, Option } from 'commander';
import type { Io } from '../io.ts';

/** The flags of `nekube lb check`. */
export interface CheckFlags {
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Exit status: 0 if Services can be balanced here, 1 if not, 2 for an error.

Examples:
  nekube lb check
  nekube lb check -o json`;

/** `nekube lb check`: its flags and help. */
export function checkCommand(io: Io): Command {
  return new Command('check')
    .summary('Say what this kernel has of what is needed')
    .description(
      'Say what this kernel has of what load balancing needs, found out by trying, and what becomes of it without.',
    )
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CheckFlags) => {
      const { checkKernel } = await import('./check.ts');
      checkKernel(flags, io);
    });
}
