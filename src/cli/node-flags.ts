import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AccessFlags } from './access-flags.ts';
import type { AdmissionFlags } from './admission-flags.ts';
import { lasting } from './duration-flag.ts';

/** Who brings connections to services to their endpoints: a proxy of this process, or programs in the kernel. */
export type ServiceRouter = 'proxy' | 'ebpf';

/** The flags of the nodes that run beside the server, as commander hands them over. */
export interface NodeFlags {
  readonly nodes: number;
  readonly images?: string;
  readonly network?: 'namespaces' | 'loopback' | 'virtual';
  readonly serviceRouter?: ServiceRouter;
  readonly clusterCidr?: string;
  /** Milliseconds. */
  readonly metricResolution: number;
}

/** What {@link flagsForNodes} sets. */
type Changed = 'authorizationMode' | 'enableAdmissionPlugins';

const RESTRICTION = 'NodeRestriction';
/** More would only be a mistake. */
const MOST_NODES = 5000;

/** Adds them to a command. */
export function addNodeFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--nodes <n>', 'nodes to run, whose pods are processes of this machine; see --images')
        .argParser(count)
        .default(0),
    )
    .option(
      '--images <file|fake>',
      'what runs for which image (docs/node.md); fake: all pods count as running, without a process',
    )
    .addOption(
      new Option('--network <mode>', 'how pods have addresses; default: the first for which there are rights').choices([
        'namespaces',
        'loopback',
        'virtual',
      ]),
    )
    .addOption(
      new Option(
        '--service-router <who>',
        'who brings connections to services to pods: a proxy of this process, or eBPF in the kernel, which needs root; default: proxy',
      ).choices(['proxy', 'ebpf']),
    )
    .option(
      '--cluster-cidr <cidr>',
      'where the addresses of pods come from; default: 10.244.0.0/16, with more than 255 nodes 10.240.0.0/12',
    )
    .addOption(lasting('--metric-resolution <duration>', 'so often it is measured what pods use', '15s'));
}

/** What nodes need of other flags: that the server knows them, and lets them do what a kubelet may and no more. */
export function flagsForNodes(flags: AccessFlags & AdmissionFlags): Pick<AccessFlags & AdmissionFlags, Changed> {
  const { authorizationMode: modes, enableAdmissionPlugins: plugins = '', disableAdmissionPlugins: off = '' } = flags;
  const isKnown = modes.split(',').some((mode) => mode === 'Node' || mode === 'AlwaysAllow');
  const isSet = [...plugins.split(','), ...off.split(',')].includes(RESTRICTION);
  return {
    authorizationMode: isKnown ? modes : `Node,${modes}`,
    enableAdmissionPlugins: isSet ? plugins : [plugins, RESTRICTION].filter((one) => one !== '').join(','),
  };
}

/** @throws InvalidArgumentError */
function count(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= MOST_NODES) return number;
  throw new InvalidArgumentError(`It must be a number from 0 to ${MOST_NODES}.`);
}
