import { Command, Option } from 'commander';
import type { Io } from '../io.ts';

/** The flags of `nekube lb check`. */
export interface CheckFlags {
  readonly output: 'text' | 'json';
  readonly listen?: string;
  readonly peer?: string;
}

const EXAMPLES = `
With --peer it is found out what the path to another node does: some hundred packets show whether options of IP are carried, take a
slow way or are dropped, whether IP in IP (protocol 4, of IPv6 41) and Geneve come through, how large packets may be in each, which
modes fit, and which one is recommended. The other node runs "nekube lb check --listen". Both take CAP_NET_RAW.

Exit status: 0 if Services can be balanced here, or the other node answers; 1 if not; 2 for an error.

Examples:
  nekube lb check
  nekube lb check --listen 10.3.0.2:10450
  nekube lb check --peer 10.3.0.2:10450`;

/** `nekube lb check`: its flags and help. */
export function checkCommand(io: Io): Command {
  return new Command('check')
    .summary('Say what this kernel has of what is needed, and which modes fit a path')
    .description(
      'Say what this kernel has of what load balancing needs, found out by trying, and what becomes of it without.',
    )
    .addOption(new Option('--listen <host:port>', 'answer the probes of other nodes instead, until it is interrupted'))
    .addOption(new Option('--peer <host:port>', 'probe the path to another node instead').conflicts('listen'))
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CheckFlags) => {
      if (flags.listen !== undefined || flags.peer !== undefined) {
        const { checkPath, listenForProbes } = await import('./check-path.ts');
        await (flags.listen === undefined ? checkPath(flags, io) : listenForProbes(flags.listen, io));
        return;
      }
      const { checkKernel } = await import('./check.ts');
      checkKernel(flags, io);
    });
}
