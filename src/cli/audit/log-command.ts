import { Command } from 'commander';
import { collected } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type RightsFlags, withRoleFlags, withUserFlags } from './rights-flags.ts';

const DESCRIPTION = `Read audit logs of a kube-apiserver (audit.k8s.io/v1, JSON lines, also .gz), and say what a user did: the smallest roles that give it, and
with --rbac or --live what else the user may do, the riskiest first. Without a user: who is in the logs.

A role has what was used while the log was written, and nothing else: what did not happen then is missing. Requests that were refused
are no use. Where the log does not show enough, that is said.`;

const EXAMPLES = `
Exit codes: 0 printed, 1 nobody by that name is in the logs, or something unused is as risky as --fail-on says, 2 an error.

Examples:
  nekube audit log audit.log                                          # who is in it
  nekube audit log audit.log --serviceaccount operators/shop
  nekube audit log audit.log --serviceaccount operators/shop -o yaml  # roles and bindings, to be applied
  nekube audit log audit*.log.gz --user jane --live --fail-on high    # against what the cluster grants
  nekube audit log - --user jane --rbac deploy/rbac/ < audit.log`;

/** `nekube audit log`: its flags and help. */
export function logCommand(io: Io): Command {
  const command = withUserFlags(
    new Command('log')
      .summary('Least privilege, from audit logs')
      .description(DESCRIPTION)
      .argument('<files...>', 'audit logs, - for stdin'),
  )
    .option('--rbac <file>', 'what is granted: a file or directory with RBAC objects; may be repeated', collected)
    .option('--live', 'what is granted: the RBAC objects of the cluster');
  return withRoleFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: RightsFlags) => {
      const { auditLog } = await import('./log.ts');
      await auditLog(files, flags, io);
    });
}
