import { type Condition, isUnsettled, SNAPSHOT_KINDS, type Statuses } from 'nekube/gateway';

/** Something that a status says is not well. */
export interface Trouble {
  /** Of the object, as {@link identityOf} has it. */
  readonly identity: string;
  /** As in `HTTPRoute shop`. */
  readonly object: string;
  /** Where in the object it is said, as near as is known. */
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** What only a data plane can say. */
const OF_THE_PLANE = new Set(['Programmed', 'Ready']);

/** All that statuses say is not well, in the order of kinds; what follows from other troubles of the same object is left out. */
export function troublesOf(statuses: Statuses): readonly Trouble[] {
  return [
    ...each(statuses.gatewayClasses, 'GatewayClass', (status) => plain(status.conditions, 'spec')),
    ...each(statuses.gateways, 'Gateway', (status) => ofListeners(status, (listener) => `spec.listeners[${listener}]`)),
    ...each(statuses.listenerSets, 'ListenerSet', (status) =>
      ofListeners(status, (listener) => `spec.listeners[${listener}]`),
    ),
    ...each(statuses.httpRoutes, 'HTTPRoute', ofParents),
    ...each(statuses.grpcRoutes, 'GRPCRoute', ofParents),
    ...each(statuses.tlsRoutes, 'TLSRoute', ofParents),
    ...each(statuses.tcpRoutes, 'TCPRoute', ofParents),
    ...each(statuses.udpRoutes, 'UDPRoute', ofParents),
    ...each(statuses.backendTlsPolicies, 'BackendTLSPolicy', (status) => ofAncestors(status, 'spec.validation')),
    ...Object.entries(OF_POLICIES).flatMap(([part, kind]) => [
      ...each(statuses[part as keyof typeof OF_POLICIES], kind, (status) => ofAncestors(status, 'spec')),
    ]),
  ];
}

/** Kinds of which troubles say themselves where they are. */
const OF_POLICIES = {
  clientPolicies: 'ClientPolicy',
  backendPolicies: 'BackendPolicy',
  securityPolicies: 'SecurityPolicy',
  xBackends: 'XBackend',
  xBackendTrafficPolicies: 'XBackendTrafficPolicy',
  xTelemetryPolicies: 'XTelemetryPolicy',
} as const;

type Part = Pick<Trouble, 'field' | 'reason' | 'message'>;

const GROUPS = new Map(Object.values(SNAPSHOT_KINDS).map(({ group, kind }) => [kind, group]));

function* each<S>(map: ReadonlyMap<string, S>, kind: string, parts: (status: S) => readonly Part[]): Iterable<Trouble> {
  for (const [key, status] of map) {
    const [namespace = '', name] = key.includes('/') ? key.split('/') : ['', key];
    const identity = `${kind}.${GROUPS.get(kind)} ${namespace}/${name ?? ''}`;
    for (const part of parts(status)) yield { identity, object: `${kind} ${name ?? ''}`, ...part };
  }
}

function plain(conditions: readonly Condition[], field: string): readonly Part[] {
  return conditions
    .filter((condition) => isUnsettled(condition) && !OF_THE_PLANE.has(condition.type))
    .map(({ reason, message }) => ({ field, reason, message }));
}

interface WithListeners {
  readonly conditions: readonly Condition[];
  readonly listeners: readonly { readonly name: string; readonly conditions: readonly Condition[] }[];
}

function ofListeners({ conditions, listeners }: WithListeners, fieldOf: (listener: number) => string): readonly Part[] {
  const parts = listeners.flatMap((listener, i) =>
    plain(listener.conditions, fieldOf(i)).map((part) => ({
      ...part,
      message: `listener ${listener.name}: ${part.message}`,
    })),
  );
  // that a listener is not well is said of the whole, too
  const own = plain(conditions, 'spec').filter(({ reason }) => parts.length === 0 || !reason.startsWith('Listeners'));
  return [...unique(parts), ...own];
}

interface WithParents {
  readonly parents: readonly {
    readonly parentRef: { readonly name: string };
    readonly conditions: readonly Condition[];
  }[];
}

function ofParents({ parents }: WithParents): readonly Part[] {
  return unique(
    parents.flatMap(({ conditions }, i) =>
      conditions
        .filter((condition) => isUnsettled(condition) && !OF_THE_PLANE.has(condition.type))
        .flatMap(({ type, reason, message }) =>
          // one condition tells of all rules
          message.split(/; (?=rules\[\d+\])/).map((part) => ({ type, reason, message: part })),
        )
        .map(({ type, reason, message }) => {
          const named = /^(rules\[\d+\][\w.[\]]*): /.exec(message)?.[1];
          const isOfParent = type === 'Accepted' && /Parent|Listener/.test(reason);
          const field = isOfParent ? `spec.parentRefs[${i}]` : `spec.${named ?? 'rules'}`;
          return { field, reason, message };
        }),
    ),
  );
}

interface WithAncestors {
  readonly ancestors: readonly { readonly conditions: readonly Condition[] }[];
}

function ofAncestors({ ancestors }: WithAncestors, field: string): readonly Part[] {
  return unique(
    ancestors.flatMap(({ conditions }) =>
      plain(conditions, field).map((part) => ({ ...part, field: fieldNamedIn(part.message) ?? fieldOfReason(part) })),
    ),
  );
}

/** Troubles with a field begin with it. */
function fieldNamedIn(message: string): string | undefined {
  return /^(spec\.[\w.[\]]+): /.exec(message)?.[1];
}

function fieldOfReason({ reason, field }: Part): string {
  return reason === 'TargetNotFound' || reason === 'Conflicted' ? 'spec.targetRefs' : field;
}

/** What several parents say alike is said once. */
function unique(parts: readonly Part[]): readonly Part[] {
  const seen = new Set<string>();
  return parts.filter(({ reason, message }) => {
    const key = `${reason} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
