import { formatIp, parseIp } from 'nekube/apimachinery';
import type { Pod } from '../pods/pod.ts';
import type { Service, ServicePort } from './service.ts';

/** A container, as far as Services look at it. */
interface Container {
  readonly restartPolicy?: string;
  readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly containerPort: number }[];
}

/** A pod, as far as Services look at it. */
export interface EndpointPod extends Pod {
  spec: Omit<Pod['spec'], 'initContainers'> & {
    readonly hostname?: string;
    readonly subdomain?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly (Container & { readonly name: string })[];
  };
  status?: Pod['status'] & {
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip: string }[];
  };
}

/** Whether it can be an endpoint at all: it runs and has an address. */
export function canBeEndpoint({ metadata, status }: EndpointPod, evenTerminating: boolean): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  if (!status?.podIP && (status?.podIPs ?? []).length === 0) return false;
  return evenTerminating || metadata.deletionTimestamp === undefined;
}

/** Its addresses of a family, in canonical form. */
export function addressesOf({ status }: EndpointPod, family: 4 | 6): string[] {
  return (status?.podIPs ?? []).flatMap(({ ip }) => {
    const address = parseIp(ip);
    return address?.family === family ? [formatIp(address)] : [];
  });
}

/** The name of its own that it has within a Service; undefined: none. */
export function hostnameIn({ metadata, spec }: EndpointPod, service: Service): string | undefined {
  const isMeant = spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
  return isMeant && spec.hostname ? spec.hostname : undefined;
}

/** The port of the pod that a port of a Service means; undefined: it has none of that name. */
export function targetPortOf({ spec }: EndpointPod, { targetPort, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort !== 'string') return targetPort;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...(spec.containers ?? []), ...sidecars].flatMap((container) => container.ports ?? []);
  const found = ports.find((port) => port.name === targetPort && (port.protocol ?? 'TCP') === protocol);
  return found?.containerPort;
}
