import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { type Collector, gatewayApiObject, nameOf } from './result.ts';

/** A listener that a Gateway shall have. */
export interface WantedListener {
  readonly name: string;
  readonly hostname?: string;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TLS';
  readonly certificate?: { readonly name: string; readonly namespace?: string };
}

/** How the Gateways are made. */
export interface GatewayNames {
  /** The class of what is made. */
  readonly gatewayClassName: string;
}

const PORTS = { HTTP: 80, HTTPS: 443, TLS: 443 } as const;

/** The listener of plain HTTP, for all hosts. */
export const HTTP_LISTENER: WantedListener = { name: 'http', protocol: 'HTTP' };

/** The listener of TLS for a host; an empty one is all hosts. */
export function tlsListener(host: string, more: Omit<WantedListener, 'name' | 'hostname'>): WantedListener {
  if (host === '') return { name: 'https', ...more };
  return { name: nameOf(more.protocol, host), hostname: host, ...more };
}

/** Adds a listener to a Gateway, which is made where it is not there yet. */
export function addListener(
  collector: Collector,
  namespace: string,
  gateway: string,
  wanted: WantedListener,
  { gatewayClassName }: GatewayNames,
): void {
  const { name, hostname, protocol, certificate } = wanted;
  const tls: JsonObject | undefined =
    protocol === 'TLS'
      ? { mode: 'Passthrough' }
      : certificate && { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', ...certificate }] };
  const listener = {
    name,
    ...(hostname !== undefined && { hostname }),
    port: PORTS[protocol],
    protocol,
    ...(tls && { tls }),
  };
  const object = gatewayApiObject('Gateway', namespace, gateway, { gatewayClassName, listeners: [listener] });
  collector.add(object, (old) => withListener(old, listener, collector));
}

function withListener(
  gateway: KubeObject,
  listener: JsonObject & { readonly name: string },
  collector: Collector,
): KubeObject {
  const { spec } = gateway as unknown as {
    readonly spec: { readonly listeners: readonly { readonly name: string }[] };
  };
  const same = spec.listeners.find(({ name }) => name === listener.name);
  if (same !== undefined) {
    if (!isDeepStrictEqual(same, listener)) {
      const what = `listener ${listener.name} is wanted with another hostname or certificate, too`;
      collector.findMade(gateway, 'spec.listeners', `${what}: the first counts; this one is left out`);
    }
    return gateway;
  }
  const listeners = [...spec.listeners, listener].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...gateway, spec: { ...spec, listeners } } as unknown as KubeObject;
}
