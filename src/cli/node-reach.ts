import type { KubeletOptions, Pki, PodReach } from 'nekube/apiserver';
import type { PodNetwork } from 'nekube/network';
import type { NodeServing } from 'nekube/node';

/** How the API server reaches pods of this process; before their network is there, as the machine does. */
export class NodeReach implements PodReach {
  #network: Pick<PodNetwork, 'reach'> | undefined;

  /** From now on. */
  use(network: Pick<PodNetwork, 'reach'>): void {
    this.#network = network;
  }

  reach(ip: string, port: number): { readonly host: string; readonly port: number } {
    return this.#network?.reach(ip, port) ?? { host: ip, port };
  }
}

/** How the API server reaches the kubelets of its nodes, as kubeadm sets it up: as itself, and verifying them. */
export function kubeletOptions(pki: Pki): KubeletOptions {
  const { cert, key } = pki.issueClient({ user: 'kube-apiserver-kubelet-client', groups: ['system:masters'] });
  return {
    clientCert: cert,
    clientKey: key,
    ca: pki.caCert,
    preferredAddressTypes: ['InternalIP', 'ExternalIP', 'Hostname'],
  };
}

/** The certificates of the nodes' servers, by the CA of the cluster. */
export function servingOf(pki: Pki): NodeServing {
  return {
    clientCa: pki.caCert,
    certificateFor: (node, address) =>
      pki.issueServing({
        subject: { commonName: `system:node:${node}`, organizations: ['system:nodes'] },
        hosts: [node],
        ips: [address],
      }),
  };
}
