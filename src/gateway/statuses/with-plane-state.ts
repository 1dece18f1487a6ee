import type { GatewayState, PlaneState, Refusal, Source, Unsupported } from '../model/index.ts';
import { type Condition, condition, no, type Verdict, yes } from './condition.ts';
import type {
  GatewayAddress,
  GatewayStatus,
  ListenerSetStatus,
  ListenerStatus,
  PolicyStatus,
  RouteStatus,
  Statuses,
} from './statuses.ts';

/** What became of the addresses of a Gateway. */
export interface AssignedAddresses {
  readonly addresses: readonly GatewayAddress[];
  /** Whether all that were asked for are there; absent: nothing is told of it. */
  readonly assigned?: Verdict;
  /** Why some, or all, are missing: none is left, or one that was asked for cannot be used. */
  readonly problem?: { readonly reason: 'AddressNotAssigned' | 'AddressNotUsable'; readonly message: string };
}

/** What a data plane made of a model. */
export interface PlaneReport {
  readonly state: PlaneState;
  /** What it cannot do. */
  readonly unsupported: readonly Unsupported[];
  /** By the key of the Gateway. */
  readonly addresses: ReadonlyMap<string, AssignedAddresses>;
}

/**
 * The statuses with what the data plane says: `Programmed`, which is true when it serves what was translated, and what it refused
 * or cannot do, on the objects that it was made from. What it has nothing to say of is the same object.
 */
export function withPlaneState(statuses: Statuses, report: PlaneReport): Statuses {
  const said = new Said(report);
  const verdicts = new Map([...statuses.gateways.keys()].map((key) => [key, gatewayVerdict(key, report)]));
  return {
    ...statuses,
    gateways: mapValues(statuses.gateways, (status, key) => gatewayStatus(status, key, report, said)),
    listenerSets: mapValues(statuses.listenerSets, (status, key) => listenerSetStatus(status, key, verdicts, said)),
    httpRoutes: routeStatuses(statuses.httpRoutes, 'HTTPRoute', said),
    grpcRoutes: routeStatuses(statuses.grpcRoutes, 'GRPCRoute', said),
    tlsRoutes: routeStatuses(statuses.tlsRoutes, 'TLSRoute', said),
    tcpRoutes: routeStatuses(statuses.tcpRoutes, 'TCPRoute', said),
    udpRoutes: routeStatuses(statuses.udpRoutes, 'UDPRoute', said),
    backendTlsPolicies: policyStatuses(statuses.backendTlsPolicies, 'BackendTLSPolicy', said),
    clientPolicies: policyStatuses(statuses.clientPolicies, 'ClientPolicy', said),
    backendPolicies: policyStatuses(statuses.backendPolicies, 'BackendPolicy', said),
    securityPolicies: policyStatuses(statuses.securityPolicies, 'SecurityPolicy', said),
    xBackends: policyStatuses(statuses.xBackends, 'XBackend', said),
    xBackendTrafficPolicies: policyStatuses(statuses.xBackendTrafficPolicies, 'XBackendTrafficPolicy', said),
  };
}

const WITH_STATUS: ReadonlySet<string> = new Set([
  'Gateway',
  'ListenerSet',
  'HTTPRoute',
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
  'BackendTLSPolicy',
  'XBackend',
  'XBackendTrafficPolicy',
  'ClientPolicy',
  'BackendPolicy',
  'SecurityPolicy',
]);

/** What is said of objects, by which they are. */
class Said {
  readonly #refused = new Map<string, Refusal[]>();
  readonly #unsupported = new Map<string, Unsupported[]>();

  constructor({ state, unsupported }: PlaneReport) {
    for (const { refusals } of state.gateways.values()) for (const refusal of refusals) put(this.#refused, refusal);
    for (const one of unsupported) put(this.#unsupported, one);
  }

  /** Whether there is anything of a kind. */
  has(kind: string): boolean {
    return [...this.#refused.keys(), ...this.#unsupported.keys()].some((key) => key.startsWith(`${kind}/`));
  }

  /** Of an object, or of one of its sections alone. */
  refused(kind: string, key: string, section?: string): string | undefined {
    return textOf(this.#refused.get(`${kind}/${key}`) ?? [], section);
  }

  /** What of an object, or of one of its sections alone, cannot be done. */
  unsupported(kind: string, key: string, section?: string): string | undefined {
    return textOf(this.#unsupported.get(`${kind}/${key}`) ?? [], section);
  }
}

interface Remark {
  readonly source: Source;
  readonly message: string;
}

function put<T extends Remark>(map: Map<string, T[]>, remark: T): void {
  const { kind, namespace, name } = remark.source;
  const key = `${kind}/${namespace}/${name}`;
  map.set(key, [...(map.get(key) ?? []), remark]);
}

function textOf(remarks: readonly Remark[], section: string | undefined): string | undefined {
  const own = section === undefined ? remarks : remarks.filter(({ source }) => source.sectionName === section);
  const texts = own.map(({ source, message }) =>
    source.rule === undefined ? message : `rules[${source.rule}]: ${message}`,
  );
  return texts.length === 0 ? undefined : [...new Set(texts)].sort().join('; ');
}

function gatewayStatus(status: GatewayStatus, key: string, report: PlaneReport, said: Said): GatewayStatus {
  const verdict = gatewayVerdict(key, report);
  const refused = said.refused('Gateway', key) ?? elsewhere(report.state.gateways.get(key));
  const isRefused = verdict.status === 'True' && refused !== undefined;
  const conditions = add(status.conditions, [
    ['Programmed', isRefused ? no('Invalid', `the data plane refused it: ${refused}`) : verdict],
    ['AddressesAssigned', report.addresses.get(key)?.assigned],
    ['nekube.dev/Supported', supportedOf(said.unsupported('Gateway', key))],
  ]);
  const listeners = status.listeners.map((listener) => listenerStatus(listener, 'Gateway', key, verdict, said));
  return { ...status, conditions, listeners, addresses: report.addresses.get(key)?.addresses ?? [] };
}

/** Whether a Gateway is served, apart from what of it is refused. */
function gatewayVerdict(key: string, { state, addresses }: PlaneReport): Verdict {
  const assigned = addresses.get(key);
  if (assigned?.problem !== undefined) return no(assigned.problem.reason, assigned.problem.message);
  if (assigned === undefined || assigned.addresses.length === 0) {
    return no('AddressNotAssigned', `Gateway ${key} has no address yet`);
  }
  if (!state.ready) return no('Pending', 'the data plane is not there yet: it starts, or cannot connect');
  if (state.gateways.get(key)?.programmed !== true) return no('Pending', 'the data plane has not taken it up yet');
  return yes('Programmed', 'the data plane serves it');
}

/** Refusals of what has no status of its own, as Services. */
function elsewhere(served: GatewayState | undefined): string | undefined {
  const others = (served?.refusals ?? []).filter(({ source }) => !WITH_STATUS.has(source.kind));
  return others.length === 0
    ? undefined
    : others.map(({ source, message }) => `${source.kind} ${source.namespace}/${source.name}: ${message}`).join('; ');
}

function listenerStatus(
  listener: ListenerStatus,
  kind: string,
  key: string,
  gateway: Verdict,
  said: Said,
): ListenerStatus {
  const refused = said.refused(kind, key, listener.name);
  const pending =
    gateway.status === 'True' ? yes('Programmed', 'the data plane serves it') : no('Pending', gateway.message);
  const conditions = add(listener.conditions, [
    ['Programmed', refused === undefined ? pending : no('Invalid', `the data plane refused it: ${refused}`)],
    ['nekube.dev/Supported', supportedOf(said.unsupported(kind, key, listener.name))],
  ]);
  return { ...listener, conditions };
}

function listenerSetStatus(
  status: ListenerSetStatus,
  key: string,
  gateways: ReadonlyMap<string, Verdict>,
  said: Said,
): ListenerSetStatus {
  const parent = gateways.get(status.gateway) ?? no('Pending', 'it is not translated');
  const refused = said.refused('ListenerSet', key);
  const verdict =
    parent.status !== 'True'
      ? no('ParentNotProgrammed', `Gateway ${status.gateway} is not served yet: ${parent.message}`)
      : refused === undefined
        ? parent
        : no('Invalid', `the data plane refused it: ${refused}`);
  const conditions = add(status.conditions, [['Programmed', verdict]]);
  const listeners = status.listeners.map((one) => listenerStatus(one, 'ListenerSet', key, parent, said));
  return { ...status, conditions, listeners };
}

function routeStatuses(
  statuses: ReadonlyMap<string, RouteStatus>,
  kind: string,
  said: Said,
): ReadonlyMap<string, RouteStatus> {
  if (!said.has(kind)) return statuses;
  return mapValues(statuses, (status, key) => {
    const extra = remarksOf(kind, key, said);
    if (extra.length === 0) return status;
    return { parents: status.parents.map((parent) => ({ ...parent, conditions: add(parent.conditions, extra) })) };
  });
}

function policyStatuses(
  statuses: ReadonlyMap<string, PolicyStatus>,
  kind: string,
  said: Said,
): ReadonlyMap<string, PolicyStatus> {
  if (!said.has(kind)) return statuses;
  return mapValues(statuses, (status, key) => {
    const extra = remarksOf(kind, key, said);
    if (extra.length === 0) return status;
    return { ancestors: status.ancestors.map((one) => ({ ...one, conditions: add(one.conditions, extra) })) };
  });
}

type Addition = readonly [type: string, verdict: Verdict | undefined];

function remarksOf(kind: string, key: string, said: Said): readonly Addition[] {
  const refused = said.refused(kind, key);
  const additions: Addition[] = [
    [
      'Programmed',
      refused === undefined
        ? undefined
        : no('Invalid', `the data plane refused it, and serves what was before: ${refused}`),
    ],
    ['nekube.dev/Supported', supportedOf(said.unsupported(kind, key))],
  ];
  return additions.filter(([, verdict]) => verdict !== undefined);
}

function supportedOf(unsupported: string | undefined): Verdict | undefined {
  return unsupported === undefined ? undefined : no('UnsupportedValue', unsupported);
}

/** What the translation has said stays; generations are those of the conditions that are there. */
function add(conditions: readonly Condition[], additions: readonly Addition[]): readonly Condition[] {
  const generation = conditions[0]?.observedGeneration;
  const made = additions.flatMap(([type, verdict]) =>
    verdict === undefined || conditions.some((one) => one.type === type) ? [] : [condition(type, verdict, generation)],
  );
  return made.length === 0 ? conditions : [...conditions, ...made];
}

function mapValues<V>(map: ReadonlyMap<string, V>, change: (value: V, key: string) => V): ReadonlyMap<string, V> {
  let changed = false;
  const made = new Map<string, V>();
  for (const [key, value] of map) {
    const now = change(value, key);
    if (now !== value) changed = true;
    made.set(key, now);
  }
  return changed ? made : map;
}
