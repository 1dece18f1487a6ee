import type { Command } from 'commander';
import { collected, type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';

/** Where the resources of a command come from: files, a cluster, or files before what a cluster has. */
export interface ResourceFlags extends NamespaceFlags {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly live?: boolean;
}

/** Adds them. */
export function withResourceFlags(command: Command): Command {
  return withNamespaceFlags(
    command
      .option(
        '-f, --filename <file>',
        'a file or directory, - for stdin, instead of a cluster; may be repeated',
        collected,
      )
      .option('-R, --recursive', 'also directories below those of -f')
      .option('--live', 'with -f: what the files have not is read of the cluster'),
  );
}
