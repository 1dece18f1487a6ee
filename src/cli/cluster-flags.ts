import type { Command } from 'commander';

/** Which cluster a command talks to, and which namespace it starts from; as kubectl has them. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** Which objects of a kind a command is about, as kubectl has it. */
export interface SelectionFlags extends ClusterFlags {
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly allNamespaces?: boolean;
}

/** Adds the flags of every command that talks to a cluster. */
export function withClusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig; default: as kubectl finds its own')
    .option('--context <name>', 'a context of the kubeconfig; default: the current one')
    .option('-n, --namespace <name>', "default: the context's");
}

/** Adds the flags that select objects of a kind. */
export function withSelectionFlags(command: Command): Command {
  return withClusterFlags(command)
    .option('-l, --selector <labels>', 'only objects with these labels, as in app=web,tier!=db')
    .option('--field-selector <fields>', 'only objects with these fields, as in metadata.name=web')
    .option('-A, --all-namespaces', 'the objects of all namespaces');
}
