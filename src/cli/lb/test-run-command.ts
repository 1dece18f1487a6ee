import { Command, Option } from 'commander';
import { collected } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube lb test-run`. */
export interface TestRunFlags {
  readonly config: string;
  readonly packet: readonly string[];
  readonly program: 'request' | 'take-out' | 'reply';
  readonly engine?: 'kernel' | 'interpreter';
}

const DESCRIPTION = `Run one of a node's programs on packets, and print what became of each, as JSON:
the verdict, the packet in hexadecimal digits and what was counted. No device,
route or cluster is needed; without rights over eBPF they are interpreted.

The verdict is "redirect" where the program sends the packet on or answers it,
"pass" where it leaves it to the kernel, as it then is, and "drop". Of several
packets each finds what those before have left.`;

const EXAMPLES = `
FILE is YAML or JSON:
  mode: dsr-ipip            # snat, dsr-ipip, dsr-ipopt or dsr-geneve
  nodeAddresses: [10.2.0.2, fd00:2::2]
  mtu: 1500                 # of the device, without Ethernet's header
  frontends:
  - address: 10.96.0.10
    port: 80
    protocol: TCP           # or UDP
    mode: dsr-geneve        # of this one
    algorithm: maglev       # or random
    backends:
    - address: 10.244.1.10
      port: 8080
      nodeAddress: 10.3.0.2   # also isLocal and isTerminating: true
    backend: 10.244.1.10:8080   # the one that all new flows have
    sourceRanges: [192.0.2.0/24]
    affinitySeconds: 3600
    whenEmpty: reject       # or drop
  outer:                    # how outer headers are written
    source: node            # or katran, or {formula: spread, prefixes: [CIDR]}
                            # or {formula: hash32, prefixes: [CIDR]}
    ttl: 64
    tos: copy               # or a number
    flowLabel: copy         # or a number
    id: port                # the backend's, or a number
    dontFragment: true
  geneve: {vni: 2, port: 6081}
  hops: lower               # or keep: whether a rewritten packet loses a hop
  quote: headers            # or packet: what errors of ICMP have within
  nextHop:                  # addresses of hardware, written by the program
    source: "02:00:00:00:00:01"      # by default to which the packet was sent
    destination: "02:00:00:00:00:02"
  snatPorts: {first: 61000, count: 4536}
  tunnelsFrom: [10.2.0.0/24]    # whose tunnels are taken
  before:                   # packets that the node has seen
  - {program: take-out, packet: "0200..."}

Exit status: 0 if the packets were run, whatever became of them, 2 for an error.

Examples:
  nekube lb test-run --config node.yaml --packet 020000000001020000000002080045...
  nekube lb test-run --config node.yaml --program take-out --packet 0200... --engine kernel`;

/** `nekube lb test-run`: its flags and help. */
export function testRunCommand(io: Io): Command {
  return new Command('test-run')
    .summary("Run a node's programs on a packet")
    .description(DESCRIPTION)
    .requiredOption('--config <file>', 'the node and its frontends; - is stdin')
    .requiredOption('--packet <hex>', 'a packet from its Ethernet header on; may be repeated', collected)
    .addOption(
      new Option('--program <name>', 'takes requests, takes tunnels and options off, or gives replies their source')
        .choices(['request', 'take-out', 'reply'])
        .default('request'),
    )
    .addOption(
      new Option('--engine <name>', 'what runs them; by default the kernel where there are rights to it').choices([
        'kernel',
        'interpreter',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TestRunFlags) => {
      const { testRun } = await import('./test-run.ts');
      await testRun(flags, io);
    });
}
