import { Command, Option } from 'commander';
import { OBJECT_ARGUMENTS_HELP, type SelectionFlags, withSelectionFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube own migrate`. */
export interface MigrateFlags extends SelectionFlags {
  readonly manager: string;
  readonly from?: string;
  readonly subresource?: string;
  readonly removeLastApplied?: boolean;
  readonly dryRun?: boolean;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `${OBJECT_ARGUMENTS_HELP}

Examples:
  nekube own migrate deploy/web --manager flux --dry-run
  nekube own migrate deploy,svc,cm -A -l app=web --manager argocd-controller --remove-last-applied
  nekube own migrate deploy/web --manager helm --from helm

Exit codes: 0 migrated, or nothing is to be, 1 an object is not there, 2 an error or wrong usage.`;

/** `nekube own migrate`: its flags and help. */
export function migrateCommand(io: Io): Command {
  const command = new Command('migrate')
    .summary('Give what client-side apply or other updates own to a manager that applies')
    .description(
      'Move the ownership of managers that updated objects to one that applies, as client-go does (csaupgrade): from then on ' +
        'it can change what they set without a conflict, and what it does not apply goes. Values stay as they are. Without ' +
        '--from it is the managers of client-side apply (kubectl apply without --server-side).',
    )
    .argument('<objects...>', 'KIND, KIND NAME…, KIND/NAME…')
    .requiredOption('--manager <name>', 'the field manager that owns the fields from then on')
    .option('--from <names>', 'the managers of updates to take over, with commas')
    .option('--subresource <name>', 'what they own by way of this, as in status')
    .option('--remove-last-applied', 'also remove the annotation in which kubectl apply keeps what it applied')
    .option('--dry-run', 'write nothing')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], flags: MigrateFlags) => {
      const { migrate } = await import('./migrate.ts');
      await migrate(args, flags, io);
    });
  return withSelectionFlags(command);
}
