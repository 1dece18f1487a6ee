import type { KubeObject } from 'nekube/apimachinery';
import { ENVOY_GATEWAY_KINDS, importEnvoyGatewayPolicy } from './envoy-gateway.ts';
import type { GatewayNames } from './gateway-of.ts';
import { importHttpProxy } from './httpproxy.ts';
import { importIngress } from './ingress.ts';
import { Collector, type Imported } from './result.ts';
import { Services } from './services.ts';

/**
 * What Ingresses, HTTPProxies of Contour and policies of Envoy Gateway become as Gateway API and policies of ours. Services among
 * the objects tell the numbers of ports that have names; other kinds are left alone.
 *
 * Whatever has no equivalent is a finding: nothing is left out in silence.
 */
export function importObjects(objects: readonly KubeObject[], names: GatewayNames): Imported {
  const collector = new Collector();
  const services = new Services(objects);
  const isProxy = ({ apiVersion, kind }: KubeObject): boolean =>
    kind === 'HTTPProxy' && apiVersion === 'projectcontour.io/v1';
  const proxies = new Map(objects.filter(isProxy).map((proxy) => [keyOf(proxy), proxy]));
  const included = new Set<string>();
  for (const object of objects) {
    if (object.kind === 'Ingress' && object.apiVersion === 'networking.k8s.io/v1')
      importIngress(object, collector, services, names);
    if (isProxy(object) && isRoot(object)) importHttpProxy(object, proxies, collector, names);
    if (isProxy(object)) for (const key of includesOf(object)) included.add(key);
    if (object.apiVersion === 'gateway.envoyproxy.io/v1alpha1') importOfEnvoyGateway(object, collector);
  }
  for (const [key, proxy] of proxies) {
    if (isRoot(proxy) || included.has(key)) continue;
    const source = {
      kind: 'HTTPProxy',
      namespace: proxy.metadata.namespace ?? 'default',
      name: proxy.metadata.name ?? '',
    };
    collector.find(source, 'spec', 'dropped', 'no HTTPProxy includes it, and it has no virtualhost');
  }
  return collector.result();
}

function importOfEnvoyGateway(object: KubeObject, collector: Collector): void {
  const kind = object.kind ?? '';
  if (ENVOY_GATEWAY_KINDS.has(kind)) return importEnvoyGatewayPolicy(object, collector);
  const source = {
    kind,
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name ?? '',
  };
  collector.find(source, 'spec', 'dropped', `${kind} has no equivalent`);
}

/** What of a proxy is looked at before it is read; files may have anything there. */
interface ProxyParts {
  readonly spec?: { readonly virtualhost?: unknown; readonly includes?: unknown } | null;
}

function isRoot(object: KubeObject): boolean {
  return (object as unknown as ProxyParts).spec?.virtualhost !== undefined;
}

function includesOf(object: KubeObject): readonly string[] {
  const { namespace: own = 'default' } = object.metadata;
  const includes = (object as unknown as ProxyParts).spec?.includes;
  if (!Array.isArray(includes)) return [];
  return (includes as ({ readonly name?: string; readonly namespace?: string } | null)[]).map(
    (include) => `${include?.namespace ?? own}/${include?.name ?? ''}`,
  );
}

function keyOf({ metadata: { namespace = 'default', name = '' } }: KubeObject): string {
  return `${namespace}/${name}`;
}
