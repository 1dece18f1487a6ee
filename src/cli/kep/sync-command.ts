import { Command } from 'commander';
import { type ClusterFlags, withClusterFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { progressOption, type ProgressChoice } from '../progress.ts';

/** The flags of `nekube kep sync`. */
export interface SyncFlags extends ClusterFlags {
  readonly from: string;
  readonly source: string;
  readonly history: boolean;
  readonly texts: boolean;
  readonly features?: string;
  readonly release?: string;
  readonly print?: boolean;
  readonly progress: ProgressChoice;
}

const DESCRIPTION = `Bring the KEPs of a checkout to a server, as objects of keps.nekube.dev/v1alpha1 with what is odd about them and what changed when.
Their texts are KepTexts beside them. Definitions are made if need be. Only what differs is written, and what the repository has no more is removed. Ended at any
point, the next sync does the rest.`;

const EXAMPLES = `
Examples:
  nekube kep sync --from enhancements
  nekube kep sync --from https://github.com/kubernetes/enhancements   # cloned to a cache, and brought up to date the next time
  nekube kep sync --print | kubectl apply -f -                        # the definitions alone
  nekube kep sync --from enhancements --features versioned_feature_list.yaml
  kubectl get keps --field-selector spec.owningSig=sig-node -o wide`;

/** `nekube kep sync`: its flags and help. */
export function syncCommand(io: Io): Command {
  const command = new Command('sync')
    .summary('Bring KEPs to a server, as resources')
    .description(DESCRIPTION)
    .option('--from <dir|url>', 'a checkout of kubernetes/enhancements, or a repository to clone', '.')
    .option(
      '--source <name>',
      'tells repositories apart on one server; a KEP of one name is of one of them',
      'enhancements',
    )
    .option('--no-history', 'leave out what changed')
    .option('--no-texts', 'leave out the texts, of which a search is made')
    .option(
      '--features <file>',
      'also bring the versioned list of features of kubernetes/kubernetes, to hold KEPs against; - is stdin',
    )
    .option('--release <release>', 'the release that the list is of; default: the newest in it')
    .option('--print', 'print the definitions, and do nothing')
    .addOption(progressOption())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SyncFlags) => {
      const { syncToCluster } = await import('./sync.ts');
      await syncToCluster(flags, io);
    });
  return withClusterFlags(command);
}
