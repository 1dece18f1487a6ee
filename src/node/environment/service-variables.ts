import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { PodNetwork } from 'nekube/network';

/** A service, as far as processes are told of it. */
export interface LinkedService extends KubeObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  };
}

/** Services. */
export const SERVICE: Kind<LinkedService> = { apiVersion: 'v1', kind: 'Service' };

/** Says where processes reach an address of a service. */
type Places = Pick<PodNetwork, 'serviceEndpoint'>;

/** The variables that tell of services with an address: `WEB_SERVICE_HOST`, and the older ones of Docker's links. */
export async function serviceVariables(
  services: readonly LinkedService[],
  places: Places,
): Promise<Record<string, string>> {
  return Object.assign({}, ...(await Promise.all(services.map((service) => variablesOf(service, places)))));
}

/** Those of which a pod is told: `kubernetes`, and with service links all of its namespace, which go before. */
export function linkedServices(all: readonly LinkedService[], namespace: string, links: boolean): LinkedService[] {
  const master = all.filter(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes');
  return [...master, ...(links ? all.filter(({ metadata }) => metadata.namespace === namespace) : [])];
}

async function variablesOf({ metadata, spec }: LinkedService, places: Places): Promise<Record<string, string>> {
  const { clusterIP = '', ports = [] } = spec;
  if (clusterIP === '' || clusterIP === 'None') return {};
  const prefix = variableName(metadata.name ?? '');
  const result: Record<string, string> = {};
  for (const [i, { name, port: asked, protocol = 'TCP' }] of ports.entries()) {
    const { host, port } = await places.serviceEndpoint(clusterIP, asked);
    const url = `${protocol.toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const first = { SERVICE_HOST: host, SERVICE_PORT: String(port), PORT: url };
    // the name says which port of the service it is, wherever that is reached
    const link = `PORT_${asked}_${protocol}`;
    const told = {
      ...(i === 0 && first),
      ...(name && { [`SERVICE_PORT_${variableName(name)}`]: String(port) }),
      [link]: url,
      [`${link}_PROTO`]: protocol.toLowerCase(),
      [`${link}_PORT`]: String(port),
      [`${link}_ADDR`]: host,
    };
    for (const [key, value] of Object.entries(told)) result[`${prefix}_${key}`] = value;
  }
  return result;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
