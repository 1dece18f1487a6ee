import { Command } from 'commander';
import { type ClusterFlags, collected, withClusterFlags } from './cluster-flags.ts';
import type { Io } from './io.ts';

/** Where a console listens when nothing else is said. */
export const CONSOLE_ADDRESS = '127.0.0.1:8090';

/** The flags of `nekube console` as commander hands them over. */
export interface ConsoleFlags extends ClusterFlags {
  readonly listen: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly kepFrom?: string;
  readonly kepFeatures?: string;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
}

const EXAMPLES = `
Examples:
  nekube console
  nekube console --context production --listen 127.0.0.1:0
  nekube console --as jane --as-group developers
  nekube console --kep-from enhancements
  nekube console --listen 0.0.0.0:8090 --tls-cert-file console.crt --tls-key-file console.key`;

/** `nekube console`: its flags and help. What it does stands in console.ts, which is loaded when it runs. */
export function consoleCommand(io: Io): Command {
  const command = new Command('console')
    .summary('A web page of a cluster')
    .description(
      'Serve the console, a web page of a cluster, until it is interrupted. It prints a link on stderr that signs a browser in, ' +
        'once and within ten minutes; the signal USR2 has it print another. Who is signed in acts as the user of the kubeconfig, ' +
        'or as whom --as says: what they may not do, the page may not. The browser gets no credential of the cluster ' +
        '(docs/console.md). `nekube up --console` serves it beside a server.',
    );
  return withClusterFlags(command)
    .option('--listen <host:port>', 'where to listen; port 0 takes a free one', CONSOLE_ADDRESS)
    .option('--as <user>', 'act as this user, which the user of the kubeconfig must be allowed to')
    .option('--as-group <group>', 'a group that this user is in; may be repeated', collected)
    .option('--as-uid <uid>', 'the UID of this user')
    .option('--kep-from <dir>', 'show the KEPs of this checkout; default: those that were synced to the cluster')
    .option('--kep-features <file>', 'the versioned list of features of kubernetes/kubernetes, to hold KEPs against')
    .option('--tls-cert-file <file>', 'a certificate with its chain, without which only loopback addresses are served')
    .option('--tls-key-file <file>', 'the key of the certificate')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ConsoleFlags) => {
      const { console } = await import('./console.ts');
      await console(flags, io);
    });
}
