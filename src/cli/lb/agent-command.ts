import { Command, Option } from 'commander';
import { type ClusterFlags, withClusterFlags } from '../cluster-flags.ts';
import { bounded, counting } from '../count-flag.ts';
import type { Io } from '../io.ts';
import { AGENT_ADDRESS, pinsOption } from './pins-option.ts';

/** The flags of `nekube lb agent`. */
export interface AgentFlags extends ClusterFlags {
  readonly node?: string;
  readonly mode: 'snat' | 'dsr-ipip' | 'dsr-ipopt' | 'dsr-geneve';
  readonly algorithm: 'maglev' | 'random';
  readonly attach: 'tcx' | 'xdp' | 'xdp-generic' | 'auto';
  readonly hook: 'auto' | 'tcx' | 'clsact';
  readonly devices?: readonly string[];
  readonly podDevices: readonly string[];
  readonly cgroup: string;
  readonly mtu?: number;
  readonly tunnelSources?: readonly string[];
  readonly clampMss?: boolean;
  readonly tableSize?: number;
  readonly slotsPerBackend?: number;
  readonly seed?: string;
  readonly maxFrontends: number;
  readonly maxBackends: number;
  readonly maxSlots: number;
  readonly maxFlows: number;
  readonly pins: string;
  readonly metricsAddress: string;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly dryRun?: boolean;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Each node has an agent of its own; none of them leads. When an agent ends, by a signal or otherwise, what it attached goes on, and the
next one takes it over without a packet lost. "nekube lb uninstall" takes it all away.

Examples:
  nekube lb agent --kubeconfig /etc/kubernetes/lb.conf --node n1
  nekube lb agent --mode dsr-ipip --devices eth0,eth1
  nekube lb agent --dry-run -o json

Exit codes: 0 ended by a signal, 2 an error: rights, the kernel, a device or the cluster is lacking, or another agent runs.`;

/** `nekube lb agent`: its flags and help. */
export function agentCommand(io: Io): Command {
  const command = new Command('agent')
    .summary('Balance the Services of a cluster at this node')
    .description('Balance the Services of a cluster at this node by eBPF programs, until it is interrupted.');
  for (const option of [...balancing(), ...devices(), ...tables(), ...places()]) command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (flags: AgentFlags) => {
    if (flags.dryRun) {
      const { printPlan } = await import('./dry-run.ts');
      return printPlan(flags, io);
    }
    const { runAgent } = await import('./agent.ts');
    await runAgent(flags, io);
  });
  return withClusterFlags(command);
}

/** Which node this is, and how its Services are balanced where they do not say. */
function balancing(): readonly Option[] {
  return [
    new Option('--node <name>', 'the name of the Node that this is; default: the name of the host'),
    new Option('--mode <mode>', 'how requests come to pods, for Services that do not say')
      .choices(['snat', 'dsr-ipip', 'dsr-ipopt', 'dsr-geneve'])
      .default('snat'),
    new Option('--algorithm <name>', 'how new flows get a pod, for Services that do not say')
      .choices(['maglev', 'random'])
      .default('maglev'),
  ];
}

/** Where programs are attached, and what they suppose of devices and tunnels. */
function devices(): readonly Option[] {
  return [
    new Option(
      '--attach <how>',
      'whether requests are taken by XDP as well: by drivers, by the kernel, or by drivers of real devices',
    )
      .choices(['tcx', 'xdp', 'xdp-generic', 'auto'])
      .default('tcx'),
    new Option(
      '--hook <how>',
      'where programs are: links of tcx (Linux 6.6), filters of clsact, or what the kernel has',
    )
      .choices(['auto', 'tcx', 'clsact'])
      .default('auto'),
    names('--devices <names>', 'devices that face the network; default: those of default routes and node addresses'),
    names('--pod-devices <names>', 'devices towards pods, with * for any letters').default(['veth*', 'cali*', 'lxc*']),
    new Option(
      '--cgroup <dir|auto|none>',
      'balance sockets of this cgroup v2 when they connect; auto: of all processes',
    ).default('none'),
    bounded('--mtu <bytes>', 'of packets that leave; default: the least of the devices', { least: 576, most: 65_535 }),
    new Option('--clamp-mss', 'pods offer clients segments of TCP that fit with what the mode adds to them'),
    names(
      '--tunnel-sources <prefixes>',
      'prefixes of which tunnels of dsr-ipip come, mixed by flow, for machines with several queues; all nodes need the same; default: the address of the node',
    ),
  ];
}

/** How tables and maps are made. */
function tables(): readonly Option[] {
  return [
    bounded('--table-size <slots>', 'of all Maglev tables, a prime; default: by the number of backends', {
      least: 2,
      most: 131_071,
      isPrime: true,
    }),
    counting('--slots-per-backend <n>', 'of a Maglev table whose size is not fixed, at least (default: 100)'),
    new Option('--seed <text>', 'of Maglev tables; all nodes need the same'),
    counting('--max-frontends <n>', 'addresses and ports of Services that there is room for').default(65_536),
    counting('--max-backends <n>', 'pods and ports that there is room for').default(262_144),
    counting('--max-slots <n>', 'of all tables together').default(8_388_608),
    counting('--max-flows <n>', 'flows that are remembered, of each kind').default(262_144),
  ];
}

/** Where things are kept and told. */
function places(): readonly Option[] {
  return [
    pinsOption(),
    new Option(
      '--metrics-address <host:port>',
      'serve /metrics, /healthz, /readyz, /frontends and /drops: plain on a loopback address, else by TLS, to those who may read them',
    ).default(AGENT_ADDRESS),
    new Option('--log-level <level>', 'of what is logged').choices(['error', 'warn', 'info', 'debug']).default('info'),
    new Option(
      '--dry-run',
      'print what would be in maps and which programs would run, and attach nothing; needs no rights',
    ),
    new Option('-o, --output <format>', 'of --dry-run').choices(['text', 'json']).default('text'),
  ];
}

function names(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
}
