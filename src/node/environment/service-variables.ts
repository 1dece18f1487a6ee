import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A service, as far as processes are told of it. */
export interface LinkedService extends KubeObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  };
}

/** Services. */
export const SERVICE: Kind<LinkedService> = { apiVersion: 'v1', kind: 'Service' };

/** The variables that tell of services with an address: `WEB_SERVICE_HOST`, and the older ones of Docker's links. */
export function serviceVariables(services: readonly LinkedService[]): Record<string, string> {
  return Object.assign({}, ...services.map(variablesOf));
}

/** Those of which a pod is told: `kubernetes`, and with service links all of its namespace, which go before. */
export function linkedServices(all: readonly LinkedService[], namespace: string, links: boolean): LinkedService[] {
  const master = all.filter(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes');
  return [...master, ...(links ? all.filter(({ metadata }) => metadata.namespace === namespace) : [])];
}

function variablesOf({ metadata, spec }: LinkedService): Record<string, string> {
  const { clusterIP: host = '', ports = [] } = spec;
  const [first] = ports;
  if (host === '' || host === 'None' || first === undefined) return {};
  const prefix = variableName(metadata.name ?? '');
  const address = host.includes(':') ? `[${host}]` : host;
  const url = ({ protocol = 'TCP', port }: typeof first): string => `${protocol.toLowerCase()}://${address}:${port}`;
  const result: Record<string, string> = {
    [`${prefix}_SERVICE_HOST`]: host,
    [`${prefix}_SERVICE_PORT`]: String(first.port),
    [`${prefix}_PORT`]: url(first),
  };
  for (const one of ports) {
    const { name, port, protocol = 'TCP' } = one;
    if (name) result[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
    const link = `${prefix}_PORT_${port}_${protocol}`;
    Object.assign(result, {
      [link]: url(one),
      [`${link}_PROTO`]: protocol.toLowerCase(),
      [`${link}_PORT`]: String(port),
      [`${link}_ADDR`]: host,
    });
  }
  return result;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
