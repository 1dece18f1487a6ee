import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type FilterFlags, withFilterFlags } from './filter-flags.ts';

/** The flags of `nekube kep gates`. */
export interface GatesFlags extends FilterFlags {
  readonly features?: string;
  readonly release?: string;
  readonly mismatches?: boolean;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
The list of features is test/compatibility_lifecycle/reference/versioned_feature_list.yaml of kubernetes/kubernetes; a server may have one, by
nekube kep sync --features. A KEP has one set of
milestones for all its gates: where it has several, a promise is kept if one of them keeps it.

Examples:
  nekube kep gates --from enhancements --features versioned_feature_list.yaml
  nekube kep gates --from enhancements --features versioned_feature_list.yaml --mismatches --sig node`;

/** `nekube kep gates`: its flags and help. */
export function gatesCommand(io: Io): Command {
  const command = new Command('gates')
    .summary('What KEPs promise, against the code')
    .description('Hold what KEPs promise of feature gates against what the code of a release has.')
    .argument('[words...]', 'as of nekube kep list');
  return withFilterFlags(command)
    .option('--features <file>', 'the versioned list of features of kubernetes/kubernetes; - is stdin')
    .option('--release <release>', 'the release that it is of; default: the newest in it')
    .option('--mismatches', 'only where they say different things')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: GatesFlags) => {
      const { printGates } = await import('./gates.ts');
      await printGates(words, flags, io);
    });
}
