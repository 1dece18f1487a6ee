import { Command } from 'commander';
import { collected } from '../cluster-flags.ts';
import { lastingIfGiven } from '../duration-flag.ts';
import type { Io } from '../io.ts';
import { progressOption, type ProgressChoice } from '../progress.ts';
import { type RightsFlags, withRoleFlags, withUserFlags } from './rights-flags.ts';

/** The flags of `nekube audit attach`. */
export interface AttachFlags extends RightsFlags {
  readonly for?: number;
  readonly progress: ProgressChoice;
}

const DESCRIPTION = `Follow what a user does on a running nekube, until Ctrl-C or --for is over, and say what "nekube audit log" says of a log: the smallest roles
for it, and what else the cluster then grants, the riskiest first. Watches that were open before are counted as well.

The server tells of requests at /debug/audit (get, which system:masters may); nothing has to be configured, and nothing is written down. Other
servers than nekube do not have it: read their logs with "nekube audit log".`;

const EXAMPLES = `
Exit codes: 0 printed, 1 it made no request, or something unused is as risky as --fail-on says, 2 an error.

Examples:
  nekube audit attach --serviceaccount operators/shop               # until Ctrl-C
  nekube audit attach --serviceaccount operators/shop --for 5m -o yaml > roles.yaml
  nekube audit attach --user jane --for 1h --fail-on high`;

/** `nekube audit attach`: its flags and help. */
export function attachCommand(io: Io): Command {
  const command = withUserFlags(
    new Command('attach').summary('Least privilege, from a running nekube').description(DESCRIPTION),
  )
    .addOption(lastingIfGiven('--for <duration>', 'how long; default: until Ctrl-C'))
    .option('--rbac <file>', "what is granted: a file or directory; default: the cluster's own", collected)
    .addOption(progressOption());
  return withRoleFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AttachFlags) => {
      const { auditAttach } = await import('./attach.ts');
      await auditAttach(flags, io);
    });
}
