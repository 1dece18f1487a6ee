import { Command } from 'commander';
import type { Io } from './io.ts';
import { DEFAULT_STORAGE } from './storage-flag.ts';

/** The flags of `nekube snapshot save` and `restore`. */
export interface SnapshotFlags {
  readonly storage: string;
}

const SAVE_EXAMPLES = `
Examples:
  nekube snapshot save backup.snapshot
  nekube snapshot save --storage lmdb:/var/lib/nekube backup.snapshot`;

const RESTORE_EXAMPLES = `
Examples:
  nekube snapshot restore --storage lmdb:.nekube/restored backup.snapshot
  nekube up --storage lmdb:.nekube/restored`;

/** `nekube snapshot save|restore`: their flags and help. */
export function snapshotCommand(io: Io): Command {
  const snapshot = new Command('snapshot')
    .summary('Save all objects to a file, or restore them')
    .helpCommand('help [command]', 'Print the help of a command')
    .description('Save all objects of a storage to one file, at one revision, or make a storage of such a file.');
  snapshot
    .command('save')
    .summary('Save all objects to a file')
    .description(
      'Save all objects, as they are at one revision, to a file; one that is there is replaced. A server may be using ' +
        'the storage meanwhile. Certificates and keys are not saved.',
    )
    .argument('<file>', 'the file to write')
    .option('--storage <lmdb:DIR>', 'the storage to read', DEFAULT_STORAGE)
    .addHelpText('after', SAVE_EXAMPLES)
    .action(async (file: string, flags: SnapshotFlags) => {
      const { save } = await import('./snapshot.ts');
      await save(file, flags, io);
    });
  snapshot
    .command('restore')
    .summary('Make a storage of a saved file')
    .description(
      'Make a storage of what was saved, in a directory that is empty or does not exist. Revisions go on where they were.',
    )
    .argument('<file>', 'the file to read')
    .requiredOption('--storage <lmdb:DIR>', 'the storage to make')
    .addHelpText('after', RESTORE_EXAMPLES)
    .action(async (file: string, flags: SnapshotFlags) => {
      const { restore } = await import('./snapshot.ts');
      await restore(file, flags, io);
    });
  return snapshot;
}
