import type { Level } from 'nekube/kep';
import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type CheckoutFlags, listed, withCheckout } from './filter-flags.ts';

/** The flags of `nekube kep lint`. */
export interface LintFlags extends CheckoutFlags {
  readonly level: Level;
  readonly rule?: readonly string[];
  readonly patch?: boolean;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
An error hides a value, a warning may mislead, a note is good to know. Where it is sure how to mend something, --patch does.

Exit codes: 0 nothing of that level, 1 something, 2 an error.

Examples:
  nekube kep lint --from enhancements
  nekube kep lint --level note keps/sig-node
  nekube kep lint --from enhancements --patch > fixes.patch && git -C enhancements apply ../fixes.patch`;

/** `nekube kep lint`: its flags and help. */
export function lintCommand(io: Io): Command {
  const command = new Command('lint')
    .summary('Say what is odd in a checkout')
    .description('Say what is odd about the KEPs of a checkout, and how to mend it.')
    .argument('[paths...]', 'only what lies below these, from the root of the checkout');
  return withCheckout(command)
    .addOption(
      new Option('--level <level>', 'the least that is told').choices(['error', 'warning', 'note']).default('warning'),
    )
    .option('--rule <name>', 'only findings of a rule; may have several with commas', listed)
    .option('--patch', 'print the mending as a patch, which git apply takes')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: LintFlags) => {
      const { lintKeps } = await import('./lint.ts');
      lintKeps(paths, flags, io);
    });
}
