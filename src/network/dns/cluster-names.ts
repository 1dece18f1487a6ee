import { isIPv4, isIPv6 } from 'node:net';
import { clusterIpsOf, type EndpointSlice, isHeadless, type Service, type SliceEndpoint } from '../routing/service.ts';
import { groupsOf } from './message.ts';
import { below, lower, type Name, parseName } from './names.ts';
import { type Answer, type DnsRecord, type RecordData, TYPES } from './records.ts';

/** What is in the cluster. */
export interface ClusterView {
  service(namespace: string, name: string): Service | undefined;
  hasNamespace(namespace: string): boolean;
  slicesOf(service: Service): readonly EndpointSlice[];
  /** The service that has an address. */
  serviceAt(ip: string): Service | undefined;
  /** The headless services that an endpoint of an address belongs to, and the endpoint. */
  endpointsAt(ip: string): readonly { readonly service: Service; readonly endpoint: SliceEndpoint }[];
}

/** Which names the cluster has. */
export interface ClusterZone {
  /** `cluster.local`. */
  readonly zone: Name;
  /** The addresses of the server, as the name server of the zone has them. */
  readonly servers: readonly string[];
  /** How long an answer holds, in seconds. */
  readonly ttl: number;
}

/** A question. */
export interface Question {
  readonly name: Name;
  readonly type: number;
}

/** All records at a name; a name that is there may have none. */
interface Found {
  readonly records: readonly RecordData[];
  readonly additionals?: readonly DnsRecord[];
}

const PORT_PROTOCOLS = ['tcp', 'udp', 'sctp'];

/**
 * Answers a question about the cluster, as "Kubernetes DNS-Based Service Discovery" 1.1.0 says.
 *
 * @returns undefined: the name is none of the cluster's
 */
export function answerOf(question: Question, zone: ClusterZone, view: ClusterView): Answer | undefined {
  const name = lower(question.name);
  const inZone = below(name, zone.zone);
  if (inZone !== undefined)
    return followed(question, answerWith(question, zone, inTheZone(inZone, zone, view)), { zone, view });
  const found = reverse(name, zone, view);
  return found && answerWith(question, zone, found);
}

/** A name that stands for one of the cluster's own is answered with what is there, too. */
function followed(
  { type }: Question,
  answer: Answer,
  { zone, view }: { readonly zone: ClusterZone; readonly view: ClusterView },
): Answer {
  const [first] = answer.answers;
  if (first?.type !== 'CNAME' || type === TYPES.CNAME) return answer;
  const inZone = below(lower(first.target), zone.zone);
  if (inZone === undefined) return answer;
  const { answers } = answerWith({ name: first.target, type }, zone, inTheZone(inZone, zone, view));
  // one step only: a chain of names that stand for names is followed by who asks
  return { ...answer, answers: [first, ...answers] };
}

function answerWith({ name, type }: Question, zone: ClusterZone, found: Found | undefined): Answer {
  const records = (found?.records ?? []).filter(
    (record) => type === TYPES.ANY || TYPES[record.type] === type || record.type === 'CNAME',
  );
  return {
    code: found === undefined ? 'NXDOMAIN' : 'NOERROR',
    isAuthoritative: true,
    answers: records.map((record) => ({ ...record, name, ttl: zone.ttl })),
    authorities: records.length > 0 ? [] : [{ ...soa(zone), name: zone.zone, ttl: zone.ttl }],
    additionals: type === TYPES.SRV ? (found?.additionals ?? []) : [],
  };
}

function soa({ zone, ttl }: ClusterZone): RecordData {
  return { type: 'SOA', server: ['ns', 'dns', ...zone], mailbox: ['hostmaster', ...zone], serial: 1, minimum: ttl };
}

/** What stands below the zone: `labels` are those before it. */
function inTheZone(labels: Name, zone: ClusterZone, view: ClusterView): Found | undefined {
  const server = ['ns', 'dns', ...zone.zone];
  switch (labels.join('.')) {
    case '':
      return { records: [soa(zone), { type: 'NS', target: server }] };
    case 'dns-version':
      return { records: [{ type: 'TXT', text: '1.1.0' }] };
    case 'ns.dns':
      return { records: addresses(zone.servers) };
    case 'dns':
    case 'svc':
    case 'pod':
      return { records: [] };
  }
  const kind = labels.at(-1);
  const namespace = labels.at(-2)!;
  const rest = labels.slice(0, -2);
  if ((kind !== 'svc' && kind !== 'pod') || !view.hasNamespace(namespace)) return undefined;
  if (rest.length === 0) return { records: [] };
  return kind === 'pod' ? podNamed(rest) : serviceNamed(namespace, rest, { zone, view });
}

/** `10-244-0-2`: whoever says the address knows it. */
function podNamed([label = '', ...more]: Name): Found | undefined {
  const candidates = [label.replaceAll('-', '.'), label.replaceAll('-', ':')];
  const ip = more.length > 0 ? undefined : candidates.find((text) => isIPv4(text) || isIPv6(text));
  return ip === undefined ? undefined : { records: addresses([ip]) };
}

/** An endpoint of a headless service, by the name that it has there. */
interface NamedEndpoint {
  readonly hostname: string;
  readonly ip: string;
  readonly ports: EndpointSlice['ports'];
}

function serviceNamed(
  namespace: string,
  labels: Name,
  { zone, view }: { readonly zone: ClusterZone; readonly view: ClusterView },
): Found | undefined {
  const service = view.service(namespace, labels.at(-1)!);
  if (service === undefined) return undefined;
  const before = labels.slice(0, -1);
  const own = [...labels.slice(-1), namespace, 'svc', ...zone.zone];
  if (service.spec.type === 'ExternalName') {
    return before.length > 0
      ? undefined
      : { records: [{ type: 'CNAME', target: parseName(service.spec.externalName ?? '') }] };
  }
  if (!isHeadless(service)) return withAddress(service, before, { own, ttl: zone.ttl });
  return headless(namedEndpoints(view.slicesOf(service)), before, { own, ttl: zone.ttl });
}

function withAddress(
  service: Service,
  before: Name,
  { own, ttl }: { readonly own: Name; readonly ttl: number },
): Found | undefined {
  const ips = clusterIpsOf(service);
  if (ips.length === 0) return undefined;
  const ports = (service.spec.ports ?? []).flatMap(({ name = '', protocol = 'TCP', port }) =>
    name === '' ? [] : [{ name, protocol: protocol.toLowerCase(), port }],
  );
  const target = { name: own, ips };
  const all = ports.map((port) => ({ ...port, target }));
  if (before.length === 0) return withTargets(addresses(ips), all, ttl);
  return portsNamed(all, before, ttl);
}

function headless(
  endpoints: readonly NamedEndpoint[],
  before: Name,
  { own, ttl }: { readonly own: Name; readonly ttl: number },
): Found | undefined {
  if (endpoints.length === 0) return undefined;
  const all = endpoints.flatMap(({ hostname, ip, ports }) =>
    (ports ?? []).flatMap(({ name, protocol, port }) =>
      !name || port === undefined
        ? []
        : [
            {
              name,
              protocol: (protocol ?? 'TCP').toLowerCase(),
              port,
              target: { name: [hostname, ...own], ips: [ip] },
            },
          ],
    ),
  );
  if (before.length === 0) return withTargets(addresses(unique(endpoints.map(({ ip }) => ip))), all, ttl);
  if (before[0]!.startsWith('_')) return portsNamed(all, before, ttl);
  const named = before.length > 1 ? [] : endpoints.filter(({ hostname }) => hostname === before[0]);
  return named.length === 0 ? undefined : { records: addresses(unique(named.map(({ ip }) => ip))) };
}

/** A port by its name, and where it is. */
interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly target: { readonly name: Name; readonly ips: readonly string[] };
}

/** A service's own name is asked for its SRV records, too. */
function withTargets(records: readonly RecordData[], ports: readonly NamedPort[], ttl: number): Found {
  const found = srvOf(ports, ttl);
  return { records: [...records, ...found.records], additionals: found.additionals ?? [] };
}

/** `_http._tcp`, or `_tcp`, which has no records and is there if a port has the protocol. */
function portsNamed(ports: readonly NamedPort[], before: Name, ttl: number): Found | undefined {
  const [port, protocol] = before.length === 1 ? [undefined, before[0]!] : before;
  if (before.length > 2 || !PORT_PROTOCOLS.some((one) => `_${one}` === protocol)) return undefined;
  const same = ports.filter((one) => `_${one.protocol}` === protocol);
  if (port === undefined) return same.length > 0 ? { records: [] } : undefined;
  const named = same.filter(({ name }) => `_${name}` === port);
  return named.length === 0 ? undefined : srvOf(named, ttl);
}

function srvOf(ports: readonly NamedPort[], ttl: number): Found {
  const weight = Math.max(1, Math.floor(100 / Math.max(1, ports.length)));
  const byText = new Map<string, RecordData>();
  const additionals = new Map<string, DnsRecord>();
  for (const { port, target } of ports) {
    byText.set(`${port} ${target.name.join('.')}`, { type: 'SRV', priority: 0, weight, port, target: target.name });
    for (const record of addresses(target.ips)) {
      additionals.set(`${JSON.stringify(record)} ${target.name.join('.')}`, { ...record, name: target.name, ttl });
    }
  }
  return { records: [...byText.values()], additionals: [...additionals.values()] };
}

/** Those that are ready; slices of services that publish all say that all are. */
function namedEndpoints(slices: readonly EndpointSlice[]): readonly NamedEndpoint[] {
  return slices.flatMap(({ endpoints, ports }) =>
    (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready ?? true)
      .flatMap(({ addresses: ips, hostname }) => ips.map((ip) => ({ hostname: hostname || dashed(ip), ip, ports }))),
  );
}

/** An endpoint without a name is called by its address. */
function dashed(ip: string): string {
  return ip.replaceAll(/[.:]/g, '-');
}

/** Names of addresses: of services, and of endpoints of headless ones. */
function reverse(name: Name, { zone, ttl }: ClusterZone, view: ClusterView): Found | undefined {
  const ip = addressOf(name);
  if (ip === undefined || ttl < 0) return undefined;
  const service = view.serviceAt(ip);
  if (service !== undefined) return { records: [{ type: 'PTR', target: [...nameOf(service), ...zone] }] };
  const endpoints = view.endpointsAt(ip);
  if (endpoints.length === 0) return undefined;
  const targets = endpoints.map(({ service: owner, endpoint }) => [
    endpoint.hostname || dashed(ip),
    ...nameOf(owner),
    ...zone,
  ]);
  return { records: targets.map((target) => ({ type: 'PTR', target })) };
}

/** The address whose name is asked for. */
function addressOf(name: Name): string | undefined {
  const v4 = below(name, ['in-addr', 'arpa']);
  if (v4 !== undefined) {
    const text = v4.toReversed().join('.');
    return isIPv4(text) ? text : undefined;
  }
  const v6 = below(name, ['ip6', 'arpa']);
  if (v6?.length !== 32 || !v6.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined;
  const digits = v6.toReversed().join('');
  return canonical(digits.match(/.{4}/g)!.join(':'));
}

/** An address of IPv6 by its eight numbers, by which texts of one address are the same. */
export function canonical(ip: string): string {
  return isIPv6(ip)
    ? groupsOf(ip)
        .map((group) => group.toString(16))
        .join(':')
    : ip;
}

function nameOf({ metadata }: Service): Name {
  return [metadata.name ?? '', metadata.namespace ?? '', 'svc'];
}

function addresses(ips: readonly string[]): readonly RecordData[] {
  return ips.map((address) => ({ type: isIPv4(address) ? 'A' : 'AAAA', address }));
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
