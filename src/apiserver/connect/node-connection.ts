import type { KubeObject } from 'nekube/apimachinery';
import { plainError } from '../errors.ts';

/** How the server reaches the kubelets of its nodes: kube-apiserver's `--kubelet-…` flags. */
export interface KubeletOptions {
  /** The server's certificate and key to kubelets, PEM; default: it shows none. */
  readonly clientCert?: string;
  readonly clientKey?: string;
  /** PEM of who signs the serving certificates of kubelets; default: they are not verified. */
  readonly ca?: string;
  /** Of a node's addresses the first type counts that it has; default as kube-apiserver's. */
  readonly preferredAddressTypes?: readonly string[];
}

/** kube-apiserver's default of `--kubelet-preferred-address-types`. */
export const PREFERRED_ADDRESS_TYPES: readonly string[] = [
  'Hostname',
  'InternalDNS',
  'InternalIP',
  'ExternalDNS',
  'ExternalIP',
];

/** The port of a kubelet that has not told another. */
const KUBELET_PORT = 10250;
/** What a node tells that takes WebSockets of exec, attach and port-forward itself. */
const TAKES_WEBSOCKETS = 'ExtendWebSocketsToKubelet';

/** Where the kubelet of a node is. */
export interface NodeConnection {
  readonly host: string;
  readonly port: number;
  /** False: it speaks SPDY alone, and what comes by WebSocket is translated. */
  readonly takesWebSockets: boolean;
}

/** @throws StatusError if the node has no address of a preferred type */
export function nodeConnection(node: KubeObject, preferred = PREFERRED_ADDRESS_TYPES): NodeConnection {
  const addresses = (node.status?.addresses ?? []) as { readonly type: string; readonly address: string }[];
  const type = preferred.find((candidate) => addresses.some((address) => address.type === candidate));
  if (type === undefined) {
    const known = addresses.map((address) => `{${address.type} ${address.address}}`).join(' ');
    throw plainError(`no preferred addresses found; known addresses: [${known}]`);
  }
  const port = Number(node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0);
  return {
    host: addresses.find((address) => address.type === type)!.address,
    port: port > 0 ? port : KUBELET_PORT,
    takesWebSockets: ((node.status?.declaredFeatures ?? []) as string[]).includes(TAKES_WEBSOCKETS),
  };
}

/** `HOST:PORT`, as it stands in a URL. */
export function hostPort(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
