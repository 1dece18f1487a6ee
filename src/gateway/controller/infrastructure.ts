import { createHash } from 'node:crypto';
import type { JsonObject } from 'nekube/apimachinery';
import { type AddressEntry, type Exposure, isOwnAddress, isReachable, wantedClusterIp } from '../addresses/index.ts';
import type { GatewayConfig, Listener } from '../model/index.ts';

/** The Gateway that something is made for. */
export interface InfrastructureOwner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `spec.infrastructure` of the Gateway. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** `spec.addresses` of the Gateway. */
  readonly asked?: readonly AddressEntry[];
}

/** What is made for a Gateway: a Service by which it has a name in the cluster, and where that leads. */
export interface Infrastructure {
  readonly service: JsonObject;
  readonly slice: JsonObject;
}

/** The label by which all that is made for a Gateway is found. */
export const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';
/** Among the annotations of `spec.infrastructure`: which load balancers serve a Gateway. */
const CLASS_ANNOTATION = 'gateway.nekube.dev/load-balancer-class';
const MANAGED_BY = 'gateway-controller.nekube.dev';
const LONGEST_NAME = 63;

/**
 * What is made for a Gateway, with the labels and annotations that it asks for.
 *
 * @returns undefined where nothing listens: a Service needs a port
 */
export function infrastructureOf(
  owner: InfrastructureOwner,
  className: string,
  config: GatewayConfig | undefined,
  addresses: readonly string[],
  exposure?: Exposure,
): Infrastructure | undefined {
  const listeners = config?.listeners ?? [];
  if (listeners.length === 0) return undefined;
  const ports = portsOf(listeners);
  const name = infrastructureName(owner.name, className);
  const labels = { ...owner.labels, [GATEWAY_NAME_LABEL]: labelValue(owner.name) };
  const ownerReferences = [
    { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name: owner.name, uid: owner.uid, controller: true },
  ];
  const clusterIP = wantedClusterIp(owner.asked ?? []);
  const metadata = { name, namespace: owner.namespace, ownerReferences, annotations: { ...owner.annotations } };
  return {
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels },
      spec: { ports, ...(clusterIP && { clusterIP }), ...(exposure && balancing(owner, exposure)) },
    },
    slice: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        ...metadata,
        labels: {
          ...labels,
          'kubernetes.io/service-name': name,
          'endpointslice.kubernetes.io/managed-by': MANAGED_BY,
        },
      },
      addressType: 'IPv4',
      endpoints: (exposure ? [exposure.address] : addresses)
        .filter(isReachable)
        .map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: ports.map(({ targetPort, port, ...rest }) => ({ ...rest, port: targetPort ?? port })),
    },
  };
}

/** A port of a Service. */
type ServicePort = {
  readonly name: string;
  readonly port: number;
  readonly protocol: Listener['transport'];
  readonly targetPort?: number;
};

/** Of each listener, and where HTTP/3 is spoken of UDP, too, unless another listener has that. */
function portsOf(listeners: readonly Listener[]): ServicePort[] {
  const own = listeners.map((listener) => servicePort(listener, listener.transport));
  const names = new Set(own.map(({ name }) => name));
  const quic = listeners
    .filter(({ settings, chains }) => settings?.http3 === true && chains.some(({ tls, http }) => tls && http))
    .map((listener) => servicePort(listener, 'UDP'));
  return [...own, ...quic.filter(({ name }) => !names.has(name))];
}

function servicePort({ port, bindPort }: Listener, protocol: Listener['transport']): ServicePort {
  const name = `${protocol.toLowerCase()}-${port}`;
  return { name, port, protocol, ...(bindPort !== undefined && { targetPort: bindPort }) };
}

/** The load balancer of a Gateway: of the class that it asks for, and at the address. */
function balancing({ annotations, asked = [] }: InfrastructureOwner, { loadBalancerClass }: Exposure): JsonObject {
  const ofClass = annotations?.[CLASS_ANNOTATION] ?? loadBalancerClass;
  const address = asked.find((entry) => isOwnAddress(entry) && (entry.value ?? '') !== '')?.value;
  return {
    type: 'LoadBalancer',
    ...(ofClass && { loadBalancerClass: ofClass }),
    ...(address && { loadBalancerIP: address }),
  };
}

/** `GATEWAY-CLASS`; what is long, or has a dot, which no Service may have, is told apart by a hash. */
export function infrastructureName(gateway: string, className: string): string {
  const wanted = `${gateway}-${className}`;
  if (wanted.length <= LONGEST_NAME && /^[a-z][^.]*$/.test(wanted)) return wanted;
  const hash = hashOf(`${gateway}/${className}`);
  return `gw-${cut(wanted.replaceAll('.', '-'), LONGEST_NAME - hash.length - 4)}-${hash}`;
}

/** Values of labels are shorter than names may be. */
function labelValue(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const hash = hashOf(name);
  return `${cut(name, LONGEST_NAME - hash.length - 1)}-${hash}`;
}

function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/[-.]+$/, '');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
