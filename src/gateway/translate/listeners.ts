import { type Condition, condition, no, type Verdict, yes } from '../statuses/index.ts';
import type { Secret } from '../model/index.ts';
import { type Resolved, certificateOf } from './certificates.ts';
import { clientValidationOf, type FrontendValidation } from './client-validation.ts';
import type { ClientPart } from '../policies/index.ts';
import { clientPartOf, listenerLevels } from './applied-policies.ts';
import { isHostname, isPort } from './checks.ts';
import type { View } from './cluster.ts';
import type { Conflict } from './listener-conflicts.ts';
import type { ListenerPlan, Owner, Protocol } from './listener-plan.ts';
import type { FrontendTls, ListenerSpec } from './resources.ts';
import { type ReadListenerFilters, readListenerFilters } from './listener-filters.ts';
import { type TlsOptions, tlsOptionsOf } from './tls-options.ts';

/** The group of routes and gateways. */
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

const KINDS: Readonly<Record<Protocol, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

/** The first step: what a listener is, before it is compared with others. */
export interface ListenerDraft
  extends Pick<ListenerPlan, 'owner' | 'name' | 'port' | 'protocol' | 'hostname' | 'mode'> {
  readonly spec: ListenerSpec;
}

/** Reads a listener. */
export function draftListener(view: View, spec: ListenerSpec, owner: Owner): ListenerDraft {
  const protocol = protocolOf(view, spec.protocol);
  const hostname = protocol === 'TCP' || protocol === 'UDP' ? '' : (spec.hostname ?? '').toLowerCase();
  const isTls = protocol === 'HTTPS' || protocol === 'TLS';
  return {
    spec,
    owner,
    name: spec.name,
    port: spec.port,
    protocol,
    ...(hostname === '' ? {} : { hostname }),
    ...(isTls ? { mode: spec.tls?.mode === 'Passthrough' ? 'Passthrough' : 'Terminate' } : {}),
  };
}

/** What stands around a listener. */
export interface ListenerContext {
  readonly conflict?: Conflict;
  /** What the Gateway asks of clients on this port. */
  readonly frontend?: FrontendTls;
  /** Other listeners of its port that have TLS for some of the same names. */
  readonly overlaps: readonly string[];
  /** The namespace of the Gateway, whose references those of `frontend` are. */
  readonly gatewayNamespace: string;
  /** The key of the Gateway. */
  readonly gateway: string;
  /** What the Gateway shows of itself to backends. */
  readonly clientCertificate?: Secret;
}

/** The second step: how a listener is served, or why not. */
export function planListener(view: View, draft: ListenerDraft, context: ListenerContext): ListenerPlan {
  const { spec, ...known } = draft;
  const { owner, protocol } = known;
  const kinds = kindsOf(view, draft);
  const certificates = resolveCertificates(view, draft);
  const frontend = protocol === 'HTTPS' ? clientValidationOf(view, context) : undefined;
  const options = tlsOptionsOf(spec.tls?.options);
  const client = clientPartOf(view, listenerLevels(draft, context.gateway));
  const filters = readListenerFilters(view, spec, { owner, clientCertificate: context.clientCertificate });
  const accepted = acceptedOf(view, draft, { conflict: context.conflict, frontend, options, filters });
  const resolved = resolvedRefsOf(kinds.problem, certificates, frontend, filters);
  const broken = brokenOf(draft, accepted, certificates, resolved);
  const conditions = conditionsOf(owner.generation, { accepted, resolved, broken }, context);
  return {
    id: `${owner.kind}/${owner.namespace}/${owner.name}/${spec.name}`,
    ...known,
    kinds: kinds.kinds,
    allowed: {
      from: spec.allowedRoutes?.namespaces?.from ?? 'Same',
      namespace: owner.namespace,
      ...(spec.allowedRoutes?.namespaces?.selector && { selector: spec.allowedRoutes.namespaces.selector }),
    },
    conditions,
    ...(broken === undefined
      ? {
          ...tlsOf(draft, certificates, frontend, { ...client?.tls, ...options.settings }),
          ...settingsOfClient(client),
          ...(filters.plan === undefined ? {} : { filters: filters.plan }),
        }
      : { broken, secrets: [] }),
  };
}

/** Undefined for what the data plane cannot speak. */
function protocolOf(view: View, protocol: string): Protocol | undefined {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol;
  if (protocol === 'TLS' || protocol === 'TCP' || protocol === 'UDP') {
    return view.supports(`${protocol}Route`) ? protocol : undefined;
  }
  return undefined;
}

interface Kinds {
  readonly kinds: readonly string[];
  readonly problem?: string;
}

function kindsOf(view: View, { protocol, spec }: ListenerDraft): Kinds {
  if (protocol === undefined) return { kinds: [] };
  const possible = KINDS[protocol].filter((kind) => view.supports(kind));
  const asked = spec.allowedRoutes?.kinds ?? [];
  if (asked.length === 0) return { kinds: possible };
  const isPossible = ({ group, kind }: { readonly group?: string; readonly kind: string }): boolean =>
    (group ?? GATEWAY_GROUP) === GATEWAY_GROUP && possible.includes(kind);
  const kinds = [...new Set(asked.filter(isPossible).map(({ kind }) => kind))];
  const wrong = asked.filter((kind) => !isPossible(kind)).map(({ kind }) => kind);
  if (wrong.length === 0) return { kinds };
  return {
    kinds,
    problem: `${wrong.join(', ')} cannot attach to a listener of ${protocol}: allow ${possible.join(', ')}`,
  };
}

interface Certificates {
  readonly secrets: readonly Secret[];
  readonly problems: readonly Exclude<Resolved, { readonly secret: Secret }>[];
}

function resolveCertificates(view: View, { spec, owner, mode }: ListenerDraft): Certificates {
  if (mode !== 'Terminate') return { secrets: [], problems: [] };
  const from = { group: GATEWAY_GROUP, kind: owner.kind, namespace: owner.namespace };
  const refs = spec.tls?.certificateRefs ?? [];
  const resolved = refs.map((ref) => certificateOf(view, from, ref));
  const problems = resolved.filter((one) => 'problem' in one);
  if (refs.length > 0) return { secrets: resolved.flatMap((one) => ('secret' in one ? [one.secret] : [])), problems };
  return {
    secrets: [],
    problems: [{ problem: 'content', message: 'tls.certificateRefs must name a Secret with a certificate' }],
  };
}

function acceptedOf(
  view: View,
  { spec, protocol, mode, hostname }: ListenerDraft,
  about: {
    readonly conflict?: Conflict;
    readonly frontend?: FrontendValidation;
    readonly options: TlsOptions;
    readonly filters: ReadListenerFilters;
  },
): Verdict {
  if (protocol === undefined) {
    const known = Object.keys(KINDS).filter((name) => protocolOf(view, name) !== undefined);
    return no('UnsupportedProtocol', `protocol ${spec.protocol} is not supported: use one of ${known.join(', ')}`);
  }
  const { conflict, frontend, options, filters } = about;
  if (!isPort(spec.port)) return no('PortUnavailable', `port ${spec.port} must be from 1 to 65535`);
  if (hostname !== undefined && !isHostname(hostname)) {
    return no('UnsupportedValue', `hostname ${hostname} must be as shop.example or *.shop.example`);
  }
  if (conflict !== undefined) return no(conflict.reason, conflict.message);
  if (protocol === 'HTTPS' && mode === 'Passthrough') {
    return no('UnsupportedValue', 'tls.mode Passthrough is for protocol TLS: a listener of HTTPS terminates TLS');
  }
  if (protocol === 'TLS' && mode === 'Terminate' && !view.supports('TLSRouteModeTerminate')) {
    return no(
      'UnsupportedValue',
      'tls.mode Terminate is not supported with protocol TLS: use Passthrough, or protocol HTTPS',
    );
  }
  if (filters.refusal !== undefined) return no(filters.refusal.reason, filters.refusal.message);
  if (filters.plan !== undefined && protocol !== 'HTTP' && protocol !== 'HTTPS') {
    return no('InvalidListenerFilter', `filters may stand with protocol HTTP or HTTPS, not with ${protocol}`);
  }
  if (options.problem !== undefined) return no('UnsupportedValue', options.problem);
  return frontend?.refusal ?? yes('Accepted', 'the listener is valid');
}

function resolvedRefsOf(
  kinds: string | undefined,
  certificates: Certificates,
  frontend: FrontendValidation | undefined,
  filters: ReadListenerFilters,
): Verdict {
  const messages = [
    ...certificates.problems.map(({ message }) => message),
    ...(frontend?.problems ?? []).map(({ message }) => message),
    ...filters.problems.map(({ message }) => message),
  ];
  if (kinds !== undefined) messages.push(kinds);
  if (messages.length === 0) return yes('ResolvedRefs', 'all references are resolved');
  const [certificate] = certificates.problems;
  const [authority] = frontend?.problems ?? [];
  const reason =
    certificate !== undefined
      ? certificate.problem === 'permission'
        ? 'RefNotPermitted'
        : 'InvalidCertificateRef'
      : (authority?.reason ?? filters.problems[0]?.reason ?? 'InvalidRouteKinds');
  return no(reason, messages.join('; '));
}

function conditionsOf(
  generation: number | undefined,
  {
    accepted,
    resolved,
    broken,
  }: { readonly accepted: Verdict; readonly resolved: Verdict; readonly broken: ListenerPlan['broken'] },
  { conflict, overlaps }: ListenerContext,
): Condition[] {
  const conflicted: Verdict =
    conflict === undefined
      ? no('NoConflicts', 'it can be told apart from all other listeners')
      : { status: 'True', reason: conflict.reason, message: conflict.message };
  const conditions = [
    condition('Accepted', accepted, generation),
    condition('ResolvedRefs', resolved, generation),
    condition('Conflicted', conflicted, generation),
  ];
  if (broken !== undefined) conditions.push(condition('Programmed', no(broken.reason, broken.message), generation));
  if (overlaps.length === 0) return conditions;
  const message = `its hostname overlaps that of ${overlaps.join(', ')} on the same port: clients that use a connection again for another host get 421`;
  return [...conditions, condition('OverlappingTLSConfig', yes('OverlappingHostnames', message), generation)];
}

function brokenOf(
  { mode }: ListenerDraft,
  accepted: Verdict,
  { secrets }: Certificates,
  resolved: Verdict,
): ListenerPlan['broken'] {
  if (accepted.status === 'False') {
    const { reason, message } = accepted;
    return { reason: reason.endsWith('Conflict') ? reason : 'Invalid', message };
  }
  if (mode === 'Terminate' && secrets.length === 0) return { reason: 'Invalid', message: resolved.message };
  return undefined;
}

function settingsOfClient(client: ClientPart | undefined): Pick<ListenerPlan, 'settings'> {
  return client === undefined || Object.keys(client.settings).length === 0 ? {} : { settings: client.settings };
}

function tlsOf(
  { mode }: ListenerDraft,
  { secrets }: Certificates,
  frontend: FrontendValidation | undefined,
  settings: TlsOptions['settings'],
): Pick<ListenerPlan, 'tls' | 'secrets'> {
  if (mode !== 'Terminate') return { secrets: [] };
  const validation = frontend?.validation;
  const tls = {
    certificates: secrets.map(({ name }) => name),
    ...(validation === undefined
      ? {}
      : { clientValidation: { ca: validation.ca.map(({ name }) => name), mode: validation.mode } }),
    ...settings,
  };
  return { tls, secrets: [...secrets, ...(validation?.ca ?? [])] };
}
