import type { Command } from 'commander';

/** The flags on how kubelets are reached, as commander hands them over; they have the names of kube-apiserver's. */
export interface KubeletFlags {
  readonly kubeletClientCertificate?: string;
  readonly kubeletClientKey?: string;
  readonly kubeletCertificateAuthority?: string;
  readonly kubeletPreferredAddressTypes?: string;
}

/** Adds them to a command. */
export function addKubeletFlags(command: Command): Command {
  return command
    .option('--kubelet-client-certificate <file>', "the server's certificate to kubelets, PEM")
    .option('--kubelet-client-key <file>', 'its key')
    .option(
      '--kubelet-certificate-authority <file>',
      'CAs of the certificates of kubelets; else these are not verified',
    )
    .option('--kubelet-preferred-address-types <list>', 'which address of a node is taken, the best first');
}
