import type { Command } from 'commander';

/** The flags of a storage on etcd, with kube-apiserver's names where it has them. */
export interface EtcdFlags {
  readonly etcdPrefix: string;
  readonly etcdCafile?: string;
  readonly etcdCertfile?: string;
  readonly etcdKeyfile?: string;
  readonly etcdUserFile?: string;
  readonly etcdCompactionInterval: string;
  readonly certDir: string;
}

/** Adds the flags to a command. */
export function addEtcdFlags(command: Command): Command {
  return command
    .option('--etcd-prefix <path>', 'below which key of etcd everything is kept', '/nekube')
    .option('--etcd-cafile <file>', 'what signed the certificates of etcd (PEM)')
    .option('--etcd-certfile <file>', 'the certificate to show to etcd (PEM)')
    .option('--etcd-keyfile <file>', 'the key of that certificate (PEM)')
    .option('--etcd-user-file <file>', "a user of etcd's, as NAME:PASSWORD on one line")
    .option('--etcd-compaction-interval <time>', 'how often to compact etcd; 0: never', '5m')
    .option(
      '--cert-dir <dir>',
      'certificates and keys when the storage is etcd; servers of one cluster need the same ca.* and sa.key',
      '.nekube/pki',
    );
}
