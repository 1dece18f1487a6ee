import type { KubeObject } from 'nekube/apimachinery';

interface ServicePort {
  readonly name?: string;
  readonly port: number;
}

/** Ports of the services that are known, by which names of ports become numbers. */
export class Services {
  readonly #ports = new Map<string, readonly ServicePort[]>();

  constructor(objects: readonly KubeObject[]) {
    for (const { kind, apiVersion, metadata, ...rest } of objects) {
      if (kind !== 'Service' || apiVersion !== 'v1') continue;
      const { spec } = rest as unknown as { readonly spec?: { readonly ports?: unknown } | null };
      this.#ports.set(`${metadata.namespace ?? 'default'}/${metadata.name ?? ''}`, portsOf(spec?.ports));
    }
  }

  /** The number of a port; a text that says why there is none. */
  portOf(namespace: string, service: string, port: string | number): number | string {
    if (typeof port === 'number') return port;
    const ports = this.#ports.get(`${namespace}/${service}`);
    if (ports === undefined)
      return `port ${JSON.stringify(port)} has a name, whose number only Service ${namespace}/${service} knows: give that, too`;
    return (
      ports.find(({ name }) => name === port)?.port ??
      `Service ${namespace}/${service} must have a port ${JSON.stringify(port)}`
    );
  }
}

/** Files may have anything there. */
function portsOf(ports: unknown): readonly ServicePort[] {
  const list: readonly (ServicePort | null)[] = Array.isArray(ports) ? ports : [];
  return list.filter((port) => typeof port?.port === 'number') as readonly ServicePort[];
}
