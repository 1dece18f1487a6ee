import type { RiskLevel } from 'nekube/audit';
import { type Command, Option } from 'commander';
import { type ClusterFlags, collected, withClusterFlags } from '../cluster-flags.ts';

/** The flags of commands that say which rights a user needs. */
export interface RightsFlags extends ClusterFlags {
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

/** Adds whose rights it is about. */
export function withUserFlags(command: Command): Command {
  return command
    .option('--user <name>', 'whose requests, as the log has the name')
    .option('--serviceaccount <namespace/name>', 'the same of a service account');
}

/** Adds how roles are made, and printed. */
export function withRoleFlags(command: Command): Command {
  command
    .option('--any-namespace <name>', 'a namespace that stands for any other; may be repeated', collected)
    .addOption(
      new Option('--names <which>', 'bind rules to names: those that follow from nothing, all, or none')
        .choices(['sound', 'all', 'none'])
        .default('sound'),
    )
    .option('--role-name <name>', "how the roles are called; default: the user's name")
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'yaml', 'json']).default('text'))
    .addOption(failOnOption());
  return withClusterFlags(command);
}

/** `--fail-on LEVEL`. */
export function failOnOption(): Option {
  const levels: readonly RiskLevel[] = ['critical', 'high', 'medium', 'low'];
  return new Option('--fail-on <level>', 'exit with 1 for such a risk, or a worse one').choices(levels);
}
