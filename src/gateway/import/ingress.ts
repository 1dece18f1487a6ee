import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Source } from '../model/index.ts';
import { addListener, type GatewayNames, HTTP_LISTENER, tlsListener } from './gateway-of.ts';
import { type IngressAnnotations, readAnnotations, tellUnread } from './ingress-annotations.ts';
import { addIngressPolicies } from './ingress-policies.ts';
import { pathOf, ruleFilters } from './ingress-rules.ts';
import { Reading } from './reading.ts';
import { type Collector, gatewayApiObject, nameOf } from './result.ts';
import type { Services } from './services.ts';

/** What the parts of an Ingress are converted with. */
export interface IngressContext {
  readonly source: Source;
  readonly namespace: string;
  readonly name: string;
  readonly gateway: string;
  readonly annotations: IngressAnnotations;
  readonly collector: Collector;
  readonly services: Services;
}

/** A rule of an HTTPRoute, and the host that it is for (empty: all). */
interface HostRule {
  readonly host: string;
  readonly rule: JsonObject;
}

/** Converts an Ingress: a Gateway for its namespace and class, an HTTPRoute for each host, policies for its annotations. */
export function importIngress(object: KubeObject, collector: Collector, services: Services, names: GatewayNames): void {
  const root = new Reading(object as unknown as JsonObject);
  const namespace = root.at('metadata').at('namespace').text() ?? 'default';
  const name = root.at('metadata').at('name').text() ?? '';
  const spec = root.at('spec');
  const annotationsAt = root.at('metadata').at('annotations');
  const className = spec.at('ingressClassName').text() ?? annotationsAt.at('kubernetes.io/ingress.class').text() ?? '';
  const source = { kind: 'Ingress', namespace, name };
  const annotations = readAnnotations(annotationsAt);
  const gateway = nameOf(className === '' ? 'ingress' : className);
  const context: IngressContext = { source, namespace, name, gateway, annotations, collector, services };
  if (annotations.canary.flag() === true) {
    const path = 'metadata.annotations[nginx.ingress.kubernetes.io/canary]';
    const advice = 'give its backend a weight, or a match, in the HTTPRoute of the main Ingress';
    return collector.find(source, path, 'error', `${advice}; this one is left out`);
  }
  const tls = readTls(spec.at('tls'));
  const redirects = annotations.sslRedirect.flag() ?? (/nginx/.test(className) && tls.size > 0);
  const forced = annotations.forceSslRedirect.flag() ?? false;
  const rules = [...hostRules(spec, context), ...defaultRule(spec.at('defaultBackend'), context)];
  const used = new Set<string>();
  for (const [host, of] of byHost(rules))
    addHost(context, names, host, of, { tls, used, redirects: redirects || forced });
  tellUnusedTls(context, tls, used);
  addIngressPolicies(
    context,
    [...byHost(rules).keys()].map((host) => routeName(context, host)),
  );
  tellUnread(annotationsAt, source, collector);
  for (const path of spec.unread()) collector.find(source, path, 'dropped', 'this field has no equivalent');
}

function readTls(tls: Reading): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const entry of tls.items()) {
    const secret = entry.at('secretName').text() ?? '';
    for (const host of entry.at('hosts').texts() ?? ['']) secrets.set(host.toLowerCase(), secret);
  }
  return secrets;
}

function hostRules(spec: Reading, context: IngressContext): readonly HostRule[] {
  return spec
    .at('rules')
    .items()
    .flatMap((rule) => {
      const host = (rule.at('host').text() ?? '').toLowerCase();
      return rule
        .at('http')
        .at('paths')
        .items()
        .flatMap((path) => ruleOf(path, host, context));
    });
}

function ruleOf(path: Reading, host: string, context: IngressContext): readonly HostRule[] {
  const value = path.at('path').text() ?? '/';
  const match = pathOf(path, value, context);
  const { filters, replaced } = ruleFilters(value, context);
  const backend = filters.some(({ type }) => type === 'RequestRedirect') ? [] : backendRef(path.at('backend'), context);
  path.at('backend').take();
  if (backend === undefined) return [];
  const rule = {
    matches: [{ path: replaced ?? match }],
    ...(filters.length > 0 && { filters: [...filters] }),
    ...(backend.length > 0 && { backendRefs: backend }),
  };
  return [{ host, rule }];
}

function defaultRule(backend: Reading, context: IngressContext): readonly HostRule[] {
  if (!backend.isThere) return [];
  const backendRefs = backendRef(backend, context);
  return backendRefs === undefined
    ? []
    : [{ host: '', rule: { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs } }];
}

/** References to a backend; undefined where there can be none. */
function backendRef(
  backend: Reading,
  { namespace, services, collector, source }: IngressContext,
): JsonObject[] | undefined {
  const service = backend.at('service');
  if (!service.isThere) {
    const what = backend.at('resource').isThere
      ? 'a backend that is no Service has no equivalent'
      : 'a backend must be there';
    backend.take();
    collector.find(source, backend.path, 'error', `${what}; the path is left out`);
    return undefined;
  }
  const name = service.at('name').text() ?? '';
  const given = service.at('port').at('number').number() ?? service.at('port').at('name').text() ?? '';
  const port = services.portOf(namespace, name, given);
  if (typeof port === 'number') return [{ name, port }];
  collector.find(source, service.at('port').path, 'error', `${port}; the path is left out`);
  return undefined;
}

function byHost(rules: readonly HostRule[]): Map<string, JsonObject[]> {
  const hosts = new Map<string, JsonObject[]>();
  for (const { host, rule } of rules) hosts.set(host, [...(hosts.get(host) ?? []), rule]);
  return hosts;
}

function routeName({ name }: IngressContext, host: string): string {
  return nameOf(name, host === '' ? 'default' : host);
}

interface HostOptions {
  readonly tls: ReadonlyMap<string, string>;
  /** Hosts of `tls` that a rule is for. */
  readonly used: Set<string>;
  readonly redirects: boolean;
}

function addHost(
  context: IngressContext,
  names: GatewayNames,
  host: string,
  rules: readonly JsonObject[],
  options: HostOptions,
): void {
  const { namespace, gateway, collector, annotations } = context;
  const hosts = [host, ...(annotations.serverAlias.texts() ?? [])].filter((one) => one !== '');
  const secured = [...options.tls].filter(([tlsHost]) => tlsHost === '' || hosts.includes(tlsHost));
  addListener(collector, namespace, gateway, HTTP_LISTENER, names);
  for (const [tlsHost, secret] of secured) {
    options.used.add(tlsHost);
    if (secret === '') continue;
    addListener(
      collector,
      namespace,
      gateway,
      tlsListener(tlsHost, { protocol: 'HTTPS', certificate: { name: secret } }),
      names,
    );
  }
  const hostnames: JsonObject = hosts.length > 0 ? { hostnames: hosts } : {};
  const listeners = secured
    .filter(([, secret]) => secret !== '')
    .map(([tlsHost]) => tlsListener(tlsHost, { protocol: 'HTTPS' }).name);
  const onlyTls = options.redirects && listeners.length > 0;
  const sections = onlyTls ? listeners : [HTTP_LISTENER.name, ...listeners];
  const route = routeName(context, host);
  collector.add(routeObject(namespace, route, gateway, sections, { ...hostnames, rules: [...rules] }));
  if (!onlyTls) return;
  const redirect = { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] };
  if (!annotations.permanentRedirect.isThere) {
    collector.find(
      context.source,
      'metadata.annotations',
      'changed',
      `${host || 'all hosts'}: plain HTTP is sent to HTTPS by 301, where ingress-nginx answers 308`,
    );
  }
  collector.add(
    routeObject(namespace, nameOf(route, 'to-https'), gateway, [HTTP_LISTENER.name], {
      ...hostnames,
      rules: [redirect],
    }),
  );
}

function tellUnusedTls(
  { collector, source }: IngressContext,
  tls: ReadonlyMap<string, string>,
  used: ReadonlySet<string>,
): void {
  for (const [host, secret] of tls) {
    const who = host || 'all hosts';
    if (secret === '') {
      collector.find(
        source,
        'spec.tls',
        'error',
        `a secretName must say the certificate of ${who}; there is no TLS for it`,
      );
    } else if (!used.has(host)) collector.find(source, 'spec.tls', 'dropped', `no rule is for ${who}`);
  }
}

function routeObject(
  namespace: string,
  name: string,
  gateway: string,
  sections: readonly string[],
  spec: JsonObject,
): KubeObject {
  const parentRefs = sections.map((sectionName) => ({ name: gateway, sectionName }));
  return gatewayApiObject('HTTPRoute', namespace, name, { parentRefs, ...spec });
}
