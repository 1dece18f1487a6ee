import { Command, Option } from 'commander';
import { collected, type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube gateway import`. */
export interface ImportFlags extends NamespaceFlags {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly allNamespaces?: boolean;
  readonly gatewayClass: string;
  readonly output: 'yaml' | 'json';
  readonly strict?: boolean;
}

const DESCRIPTION = `Convert what other gateways are configured by, and print it as Gateway API:

  Ingress                     networking.k8s.io/v1, with the annotations of ingress-nginx
  HTTPProxy                   projectcontour.io/v1, with what it includes
  ClientTrafficPolicy, BackendTrafficPolicy, SecurityPolicy
                              gateway.envoyproxy.io/v1alpha1, to policies of nekube

Objects are read from files (-f), or from a cluster. Services among them say the numbers of ports that have names. What has no
equivalent, or not quite the same, is told on stderr, with the field: nothing is left out in silence.`;

const EXAMPLES = `
Exit status: 0, also where something had no equivalent; 1 where something was wrong and is left out, and with --strict where
anything is told; 2 for an error.

Examples:
  nekube gateway import -f ingress.yaml > gateway.yaml
  nekube gateway import -A | kubectl apply --server-side -f -
  kubectl get ingress,service -A -o yaml | nekube gateway import -f - --strict`;

/** `nekube gateway import`: its flags and help. */
export function importCommand(io: Io): Command {
  const command = new Command('import')
    .summary('Convert Ingress, HTTPProxy and policies of Envoy Gateway')
    .description(DESCRIPTION)
    .option(
      '-f, --filename <file>',
      'a file or directory, - for stdin, instead of a cluster; may be repeated',
      collected,
    )
    .option('-R, --recursive', 'also directories below those of -f')
    .option('-A, --all-namespaces', 'of a cluster: of all namespaces')
    .option('--gateway-class <name>', 'the class of the gateways that are made', 'nekube')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['yaml', 'json']).default('yaml'))
    .option('--strict', 'exit with 1 where anything is told')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ImportFlags) => {
      const { importResources } = await import('./import.ts');
      await importResources(flags, io);
    });
  return withNamespaceFlags(command);
}
