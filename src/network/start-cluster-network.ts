import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Clock, Kind } from 'nekube/client';
import { Manager } from 'nekube/controller';
import { type ClusterDns, startClusterDns } from './dns/cluster-dns.ts';
import { addLoadBalancers } from './load-balancer/load-balancer.ts';
import type { Endpoint, PodNetwork, Protocol } from './pod-network.ts';
import { dnsAddressOf } from './pods/ranges.ts';
import { SERVICE, type Service } from './routing/service.ts';
import { type ServiceRouting, type ServiceRoutingOptions, startServiceRouting } from './routing/service-routing.ts';

/** What the network of a cluster needs beside pods' addresses. */
export interface ClusterNetworkOptions {
  /** Sees services, endpoint slices, nodes and namespaces; writes services and their status, and events. */
  readonly client: Client;
  readonly network: PodNetwork;
  /** Where this process reaches the API server, to which `kubernetes.default` leads. */
  readonly apiServer: Endpoint;
  /** Where cluster IPs come from; `10.0.0.0/24` by default. */
  readonly serviceRange?: string;
  /** `cluster.local` by default. */
  readonly clusterDomain?: string;
  /** Who answers for names outside the cluster; by default nobody. */
  readonly upstream?: readonly Endpoint[];
  /** Who brings connections to services to their endpoints; by default `startServiceRouting`, a proxy of this process. */
  readonly routing?: (options: ServiceRoutingOptions) => ServiceRouting;
  readonly clock?: Clock;
  readonly onError?: (error: Error) => void;
  /** Is told where a node port is listened on, on 127.0.0.1. */
  readonly onNodePort?: (place: Endpoint) => void;
}

/** Services that are reached, and names that are known. */
export interface ClusterNetwork {
  /** Where this process, and in the virtual mode every process, reaches a service's address; undefined if it is not routed. */
  reach(ip: string, port: number, protocol?: Protocol): Endpoint | undefined;
  /** Where names are asked for; undefined if another server has the service kube-dns. */
  readonly dns: Endpoint | undefined;
  close(): Promise<void>;
}

const NAMESPACE: Kind = { apiVersion: 'v1', kind: 'Namespace' };
const DNS = { namespace: 'kube-system', name: 'kube-dns' };

/** Starts routing of services, load balancers and the names of the cluster, and makes the service `kube-system/kube-dns`. */
export async function startClusterNetwork(options: ClusterNetworkOptions): Promise<ClusterNetwork> {
  const { client, network, clock, routing: start = startServiceRouting, onError = () => undefined } = options;
  const manager = new Manager({ client, ...(clock && { clock }) });
  addLoadBalancers(manager, { client, network });
  const ending = new AbortController();
  const dns = await startDns(options, manager).catch((error: unknown) => {
    onError(new Error(`Cannot serve names of the cluster: ${String(error)}`, { cause: error }));
    return undefined;
  });
  const routing = start({
    ...options,
    informers: manager.cache,
    endpoints: {
      'default/kubernetes': options.apiServer,
      ...(dns && network.mode === 'virtual' && { [`${DNS.namespace}/${DNS.name}`]: dns.endpoint }),
    },
  });
  const running = manager.start(ending.signal).catch((error: unknown) => onError(error as Error));
  return {
    reach: (ip, port, protocol) => routing.reach(ip, port, protocol),
    dns: dns?.endpoint,
    close: () => closeAll({ ending, running, routing, dns }),
  };
}

async function closeAll(parts: {
  readonly ending: AbortController;
  readonly running: Promise<void>;
  readonly routing: ServiceRouting;
  readonly dns: ClusterDns | undefined;
}): Promise<void> {
  parts.ending.abort();
  await parts.routing.close();
  await parts.dns?.close();
  await parts.running;
}

/** Listens on the service's own address where there is one to listen on. */
async function startDns(options: ClusterNetworkOptions, { cache }: Manager): Promise<ClusterDns | undefined> {
  const { network, serviceRange = '10.0.0.0/24', clusterDomain, upstream, clock, onError } = options;
  const service = await dnsService(options.client, dnsAddressOf(serviceRange));
  // pods of the cluster's own answer
  if (service.spec.selector !== undefined) return undefined;
  const serviceIp = service.spec.clusterIP!;
  return startClusterDns({
    informers: cache,
    serviceIp,
    ...(network.mode !== 'virtual' && { listen: { host: serviceIp, port: 53 } }),
    ...(clusterDomain !== undefined && { domain: clusterDomain }),
    ...(upstream && { upstream }),
    ...(clock && { clock }),
    ...(onError && { onError }),
  });
}

/** The service by which pods ask for names; it is made if it is not there. */
async function dnsService(client: Client, clusterIP: string): Promise<Service> {
  const found = await client.get(SERVICE, DNS).catch(ifAbsent);
  if (found !== undefined) return found;
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: DNS.namespace } };
  if ((await client.get(NAMESPACE, { name: DNS.namespace }).catch(ifAbsent)) === undefined)
    await client.create(namespace);
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' };
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' as const, targetPort: 53 },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' as const, targetPort: 53 },
  ];
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...DNS, labels },
    spec: { clusterIP, ports },
  };
  return client.create<Service>(service as never);
}

function ifAbsent(error: unknown): undefined {
  if (!isStatusError(error, 'NotFound')) throw error;
}
