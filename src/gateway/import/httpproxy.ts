import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Source } from '../model/index.ts';
import { addListener, type GatewayNames, HTTP_LISTENER, tlsListener } from './gateway-of.ts';
import { addRoutePolicies } from './httpproxy-policies.ts';
import { matchOf, mergeConditions, type ProxyConditions, readConditions, routeFilters } from './httpproxy-routes.ts';
import { Reading } from './reading.ts';
import { type Collector, gatewayApiObject, nameOf, policyObject, targetOf } from './result.ts';

/** The Gateway that HTTPProxies of a namespace get. */
const GATEWAY = 'contour';

/** What the routes of a proxy are converted with. */
export interface ProxyContext {
  readonly source: Source;
  readonly namespace: string;
  readonly collector: Collector;
}

/** All proxies, by which those that are included are found. */
export type Proxies = ReadonlyMap<string, KubeObject>;

/** A host that is served: its name, and by what. */
interface Host {
  readonly root: KubeObject;
  readonly namespace: string;
  readonly name: string;
  readonly sections: readonly string[];
}

/** Converts a root HTTPProxy of Contour with all that it includes; one without a virtual host is converted where it is included. */
export function importHttpProxy(object: KubeObject, proxies: Proxies, collector: Collector, names: GatewayNames): void {
  const namespace = object.metadata.namespace ?? 'default';
  const name = object.metadata.name ?? '';
  const source = { kind: 'HTTPProxy', namespace, name };
  const spec = new Reading((object as unknown as { readonly spec?: JsonObject }).spec, 'spec');
  const context = { source, namespace, collector };
  const host = spec.at('virtualhost');
  const fqdn = host.at('fqdn').text() ?? '';
  const tls = host.at('tls');
  const sections = addListeners(context, fqdn, tls, names);
  const root = { root: object, namespace, name, sections };
  if (spec.at('tcpproxy').isThere) addTcp(spec.at('tcpproxy'), root, fqdn, tls.isThere, context);
  const rules = collectRules(spec, proxies, context, { conditions: [], seen: [`${namespace}/${name}`] });
  addRoutes(context, root, fqdn, rules, tls.isThere);
  addHostPolicies(host, context, routeNames(root, rules));
  for (const path of spec.unread()) collector.find(source, path, 'dropped', 'this field has no equivalent');
}

function addListeners(context: ProxyContext, fqdn: string, tls: Reading, names: GatewayNames): readonly string[] {
  const { namespace, collector, source } = context;
  if (tls.at('passthrough').flag() === true) {
    const listener = tlsListener(fqdn, { protocol: 'TLS' });
    addListener(collector, namespace, GATEWAY, listener, names);
    return [listener.name];
  }
  addListener(collector, namespace, GATEWAY, HTTP_LISTENER, names);
  if (!tls.isThere) return [HTTP_LISTENER.name];
  const [first = '', second] = (tls.at('secretName').text() ?? '').split('/');
  if (first === '') {
    collector.find(source, tls.path, 'error', 'a secretName must say the certificate; it is not served by TLS');
    return [HTTP_LISTENER.name];
  }
  const certificate = second === undefined ? { name: first } : { namespace: first, name: second };
  if (second !== undefined && first !== namespace) {
    collector.find(
      source,
      `${tls.path}.secretName`,
      'changed',
      `namespace ${first} must allow it by a ReferenceGrant instead of a TLSCertificateDelegation`,
    );
  }
  const listener = tlsListener(fqdn, { protocol: 'HTTPS', certificate });
  addListener(collector, namespace, GATEWAY, listener, names);
  const minVersion = tls.at('minimumProtocolVersion').text();
  if (minVersion !== undefined) {
    const spec = { targetRefs: [targetOf('Gateway', GATEWAY, listener.name)], tls: { minVersion } };
    collector.add(policyObject('ClientPolicy', namespace, nameOf(GATEWAY, listener.name), spec));
  }
  return [listener.name];
}

function addTcp(
  tcp: Reading,
  { namespace, name, sections }: Host,
  fqdn: string,
  isTls: boolean,
  { collector, source }: ProxyContext,
): void {
  if (!isTls) {
    collector.find(
      source,
      tcp.path,
      'error',
      'connections can be told apart by TLS alone: spec.virtualhost.tls must be there',
    );
    return;
  }
  const backendRefs = tcp
    .at('services')
    .items()
    .map((service) => backendRef(service));
  const spec = { parentRefs: parentRefs(sections), hostnames: [fqdn], rules: [{ backendRefs }] };
  collector.add(gatewayApiObject('TLSRoute', namespace, nameOf(name), spec));
}

function parentRefs(sections: readonly string[]): JsonObject[] {
  return sections.map((sectionName) => ({ name: GATEWAY, sectionName }));
}

/** A reference to a service, with its weight. */
export function backendRef(service: Reading, namespace?: string): JsonObject {
  const weight = service.at('weight').number();
  return {
    name: service.at('name').text() ?? '',
    ...(namespace !== undefined && { namespace }),
    port: service.at('port').number() ?? 0,
    ...(weight !== undefined && { weight }),
  };
}

/** A rule with what it comes from. */
export interface ProxyRule {
  readonly rule: JsonObject;
  /** Also over plain HTTP, where there is TLS. */
  readonly insecure: boolean;
  readonly route: Reading;
}

interface Including {
  readonly conditions: readonly ProxyConditions[];
  readonly seen: readonly string[];
}

function collectRules(
  spec: Reading,
  proxies: Proxies,
  context: ProxyContext,
  including: Including,
): readonly ProxyRule[] {
  const own = spec
    .at('routes')
    .items()
    .flatMap((route) => ruleOf(route, context, including));
  const included = spec
    .at('includes')
    .items()
    .flatMap((include) => rulesOfInclude(include, proxies, context, including));
  return [...included, ...own];
}

function rulesOfInclude(
  include: Reading,
  proxies: Proxies,
  context: ProxyContext,
  { conditions, seen }: Including,
): readonly ProxyRule[] {
  const { collector, source } = context;
  const namespace = include.at('namespace').text() ?? context.namespace;
  const key = `${namespace}/${include.at('name').text() ?? ''}`;
  const here = readConditions(include.at('conditions'), context);
  const object = proxies.get(key);
  if (object === undefined || seen.includes(key)) {
    const why = object === undefined ? `HTTPProxy ${key} must be there` : `HTTPProxy ${key} must not include itself`;
    collector.find(source, include.path, 'error', `${why}; it is left out`);
    return [];
  }
  if (namespace !== context.namespace) {
    collector.find(
      source,
      include.path,
      'changed',
      `namespace ${namespace} must allow HTTPRoutes of ${context.namespace} its Services by a ReferenceGrant`,
    );
  }
  const child = new Reading((object as unknown as { readonly spec?: JsonObject }).spec, 'spec');
  const childSource = { kind: 'HTTPProxy', namespace, name: object.metadata.name ?? '' };
  const rules = collectRules(
    child,
    proxies,
    { ...context, source: childSource, namespace },
    {
      conditions: [...conditions, here],
      seen: [...seen, key],
    },
  );
  for (const path of child.unread()) collector.find(childSource, path, 'dropped', 'this field has no equivalent');
  return rules;
}

function ruleOf(route: Reading, context: ProxyContext, { conditions, seen }: Including): readonly ProxyRule[] {
  const own = readConditions(route.at('conditions'), context);
  const match = matchOf(mergeConditions([...conditions, own]), route, context);
  if (match === undefined) return [];
  const root = seen[0]!.split('/')[0]!;
  const namespace = context.namespace === root ? undefined : context.namespace;
  const filters = routeFilters(route, context, namespace);
  const isRedirect = filters.some(({ type }) => type === 'RequestRedirect');
  const services = route
    .at('services')
    .items()
    .filter((service) => service.at('mirror').flag() !== true);
  const backendRefs = services.map((service) => {
    const own = serviceFilters(service);
    return { ...backendRef(service, namespace), ...(own.length > 0 && { filters: own }) };
  });
  const rule = {
    matches: [match],
    ...(filters.length > 0 && { filters: [...filters] }),
    ...(backendRefs.length > 0 && !isRedirect && { backendRefs }),
    ...timeoutsAndRetry(route),
  };
  return [{ rule, insecure: route.at('permitInsecure').flag() ?? false, route }];
}

function serviceFilters(service: Reading): JsonObject[] {
  return [
    ...headerFilter('RequestHeaderModifier', 'requestHeaderModifier', service.at('requestHeadersPolicy')),
    ...headerFilter('ResponseHeaderModifier', 'responseHeaderModifier', service.at('responseHeadersPolicy')),
  ];
}

/** A filter that changes headers; none where nothing is to change. */
export function headerFilter(type: string, member: string, policy: Reading): JsonObject[] {
  const set = policy
    .at('set')
    .items()
    .map((header) => ({ name: header.at('name').text() ?? '', value: header.at('value').text() ?? '' }));
  const remove = policy.at('remove').texts() ?? [];
  if (set.length === 0 && remove.length === 0) return [];
  return [{ type, [member]: { ...(set.length > 0 && { set }), ...(remove.length > 0 && { remove: [...remove] }) } }];
}

function timeoutsAndRetry(route: Reading): JsonObject {
  const response = route.at('timeoutPolicy').at('response').text();
  const perTry = route.at('retryPolicy').at('perTryTimeout').text();
  const count = route.at('retryPolicy').at('count').number();
  const codes = route.at('retryPolicy').at('retriableStatusCodes').take();
  const request: JsonObject = response === undefined ? {} : { request: response === 'infinity' ? '0s' : response };
  const backendRequest: JsonObject = perTry === undefined ? {} : { backendRequest: perTry };
  const timeouts = { ...request, ...backendRequest };
  const retry = count === undefined ? undefined : { attempts: count, ...(Array.isArray(codes) && { codes }) };
  return { ...(Object.keys(timeouts).length > 0 && { timeouts }), ...(retry && { retry }) };
}

function routeNames({ name }: Host, rules: readonly ProxyRule[]): readonly string[] {
  return rules.length === 0 ? [] : [nameOf(name)];
}

function addRoutes(
  context: ProxyContext,
  { namespace, name, sections }: Host,
  fqdn: string,
  rules: readonly ProxyRule[],
  isTls: boolean,
): void {
  if (rules.length === 0) return;
  const { collector } = context;
  // rules have names, since policies are about them
  const named = rules.map(({ rule }, i) => ({ name: `rule-${i}`, ...rule }));
  const spec = { parentRefs: parentRefs(sections), hostnames: [fqdn], rules: named };
  collector.add(gatewayApiObject('HTTPRoute', namespace, nameOf(name), spec));
  addRoutePolicies(context, { namespace, name: nameOf(name) }, rules);
  if (!isTls || sections.includes(HTTP_LISTENER.name)) return;
  const toHttps = { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] };
  const insecure = rules.filter((rule) => rule.insecure).map(({ rule }) => rule);
  const plain = { parentRefs: parentRefs([HTTP_LISTENER.name]), hostnames: [fqdn], rules: [...insecure, toHttps] };
  collector.add(gatewayApiObject('HTTPRoute', namespace, nameOf(name, 'to-https'), plain));
}

function addHostPolicies(host: Reading, { namespace, collector }: ProxyContext, routes: readonly string[]): void {
  const cors = host.at('corsPolicy');
  if (!cors.isThere || routes.length === 0) return;
  const texts = (name: string): JsonObject => {
    const values = cors.at(name).texts();
    const member = { allowOrigin: 'allowOrigins' }[name] ?? name;
    return values === undefined ? {} : { [member]: [...values] };
  };
  const credentials = cors.at('allowCredentials').flag();
  const maxAge = /^(\d+)(s|m|h)$/.exec(cors.at('maxAge').text() ?? '');
  const seconds = maxAge && Number(maxAge[1]) * { s: 1, m: 60, h: 3600 }[maxAge[2] as 's' | 'm' | 'h'];
  const spec = {
    targetRefs: routes.map((route) => targetOf('HTTPRoute', route)),
    cors: {
      ...texts('allowOrigin'),
      ...(credentials !== undefined && { allowCredentials: credentials }),
      ...texts('allowMethods'),
      ...texts('allowHeaders'),
      ...texts('exposeHeaders'),
      ...(seconds && { maxAge: seconds }),
    },
  };
  collector.add(policyObject('SecurityPolicy', namespace, routes[0]!, spec));
}
