import { Command, Option } from 'commander';
import type { Io } from './io.ts';

/** The flags of `nekube version`. */
export interface VersionFlags {
  readonly output?: 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  nekube version
  nekube version -o json`;

/** `nekube version`: its flags and help. */
export function versionCommand(io: Io): Command {
  return new Command('version')
    .summary('Print the versions of nekube and of the API it serves')
    .description('Print the versions of nekube, of the Kubernetes API that it serves, and of what it runs on.')
    .addOption(new Option('-o, --output <format>', 'print as data').choices(['json', 'yaml']))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: VersionFlags) => {
      const { version } = await import('./version.ts');
      version(flags, io);
    });
}
