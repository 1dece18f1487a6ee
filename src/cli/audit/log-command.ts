import type { RiskLevel } from 'nekube/audit';
import { Command, Option } from 'commander';
import { type ClusterFlags, collected, withClusterFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube audit log`. */
export interface LogFlags extends ClusterFlags {
  readonly user?: string;
  readonly serviceaccount?: string;
  readonly rbac?: readonly string[];
  readonly live?: boolean;
  readonly anyNamespace?: readonly string[];
  readonly names: 'sound' | 'all' | 'none';
  readonly roleName?: string;
  readonly output: 'text' | 'yaml' | 'json';
  readonly failOn?: RiskLevel;
}

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
  const command = new Command('log')
    .summary('Least privilege, from audit logs')
    .description(DESCRIPTION)
    .argument('<files...>', 'audit logs, - for stdin')
    .option('--user <name>', 'whose requests, as the log has the name')
    .option('--serviceaccount <namespace/name>', 'the same of a service account')
    .option('--rbac <file>', 'what is granted: a file or directory with RBAC objects; may be repeated', collected)
    .option('--live', 'what is granted: the RBAC objects of the cluster')
    .option('--any-namespace <name>', 'a namespace that stands for any other; may be repeated', collected)
    .addOption(
      new Option('--names <which>', 'bind rules to names: those that follow from nothing, all, or none')
        .choices(['sound', 'all', 'none'])
        .default('sound'),
    )
    .option('--role-name <name>', "how the roles are called; default: the user's name")
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'yaml', 'json']).default('text'))
    .addOption(
      new Option('--fail-on <level>', 'exit with 1 for such a risk, or a worse one').choices([
        'critical',
        'high',
        'medium',
        'low',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: LogFlags) => {
      const { auditLog } = await import('./log.ts');
      await auditLog(files, flags, io);
    });
  return withClusterFlags(command);
}
