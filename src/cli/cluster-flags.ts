import type { Command } from 'commander';

/** Which cluster a command talks to, as kubectl has it. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The same, and which namespace it starts from. */
export interface NamespaceFlags extends ClusterFlags {
  readonly namespace?: string;
}

/** Which objects of a kind a command is about, as kubectl has it. */
export interface SelectionFlags extends NamespaceFlags {
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly allNamespaces?: boolean;
}

/** Which objects a command is about: those of a cluster, or saved ones. */
export interface ObjectFlags extends SelectionFlags {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
}

/** Adds the flags of every command that talks to a cluster. */
export function withClusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig; default: as kubectl finds its own')
    .option('--context <name>', 'a context of the kubeconfig; default: the current one');
}

/** Adds the flags of one whose objects may be of a namespace. */
export function withNamespaceFlags(command: Command): Command {
  return withClusterFlags(command).option('-n, --namespace <name>', "default: the context's");
}

/** Adds the flags that select objects of a kind. */
export function withSelectionFlags(command: Command): Command {
  return withNamespaceFlags(command)
    .option('-l, --selector <labels>', 'only objects with these labels, as in app=web,tier!=db')
    .option('--field-selector <fields>', 'only objects with these fields, as in metadata.name=web')
    .option('-A, --all-namespaces', 'the objects of all namespaces');
}

/** Adds the flags of a command about objects of any kinds, of the cluster or of files; its arguments: `[objects...]`. */
export function withObjectFlags(command: Command): Command {
  return withSelectionFlags(command)
    .option(
      '-f, --filename <file>',
      "objects of a file or directory in YAML or JSON instead of the cluster's, - for stdin; may be repeated",
      collected,
    )
    .option('-R, --recursive', 'also what is in directories below');
}

/** Collects the values of a flag that may be repeated. */
export function collected(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value];
}

/** How arguments name objects, for the help of commands that have {@link withObjectFlags}. */
export const OBJECT_ARGUMENTS_HELP = `
Objects: KIND, KIND NAME…, KIND/NAME…; several kinds with commas; a kind by any name that kubectl knows:
deployments, deployment, deploy, deployments.apps, deployments.v1.apps, all.`;
