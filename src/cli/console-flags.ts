import { type Command, Option } from 'commander';
import { CONSOLE_ADDRESS } from './console-command.ts';

/** The flags of `nekube up` about the console. */
export interface UpConsoleFlags {
  /** An address, or `off`. */
  readonly console: string;
  readonly consoleTlsCertFile?: string;
  readonly consoleTlsKeyFile?: string;
}

/** Adds them to a command. */
export function addConsoleFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--console [host:port|off]',
        'serve the console, a web page of this cluster, and print a link that signs a browser in once, as the admin of the ' +
          `kubeconfig (docs/console.md); without a value on ${CONSOLE_ADDRESS}`,
      )
        .default('off')
        .preset(CONSOLE_ADDRESS),
    )
    .option(
      '--console-tls-cert-file <file>',
      "its certificate with the chain; default: none on loopback addresses, else the server's own",
    )
    .option('--console-tls-key-file <file>', 'the key of that certificate');
}
