import type { Backend, BackendProtocol, Secret, SessionPersistence, Source } from '../model/index.ts';
import type { Level } from '../policies/index.ts';
import { backendSettingsOf, serviceLevels } from './applied-policies.ts';
import type { View } from './cluster.ts';
import { grantMissing, isGranted } from './grants.ts';
import { backendTlsOf, type PolicyTarget, upstreamTlsOf } from './backend-tls.ts';
import type { BackendReference, Service, ServicePort, XBackend } from './resources.ts';
import { trafficBudgetOf, trafficSessionOf } from './traffic-policies.ts';
import { certificateOf } from './certificates.ts';
import { isPort } from './checks.ts';
import type { Draft } from './draft.ts';
import type { SliceOwner } from './slice-groups.ts';

const X_GROUP = 'gateway.networking.x-k8s.io';
const MULTICLUSTER_GROUP = 'multicluster.x-k8s.io';

/** What a route speaks to its backends. */
export type Speech = 'HTTP' | 'GRPC' | 'TCP' | 'UDP' | 'TLS';

/** Who refers to a backend, and as what. */
export interface BackendReferrer {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly speech: Speech;
  /** Whether TLS ends at the gateway, so that policies for TLS to backends count. */
  readonly appliesTls: boolean;
  /** What the Gateway shows of itself. */
  readonly clientCertificate?: Secret;
  /** Around the backend, from the most specific: what policies may be about. */
  readonly levels: readonly Level[];
}

/** A backend with all that the model must have for it. */
export interface ResolvedBackend {
  readonly backend: Backend;
  readonly secrets: readonly Secret[];
  /** What its endpoints are made of; absent where a name is resolved. */
  readonly endpoints?: EndpointsOrigin;
  /** What policies for TLS may be for. */
  readonly policyTarget?: PolicyTarget;
  readonly session?: SessionPersistence;
}

/** The port of a Service, or of something like it, whose endpoints are meant. */
export interface EndpointsOrigin {
  readonly name: string;
  readonly owner: SliceOwner;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly transport: 'TCP' | 'UDP';
}

/** Why a backendRef is not a backend: a reason of the condition `ResolvedRefs`, and what to do. */
export interface BackendProblem {
  readonly reason: string;
  readonly message: string;
  readonly policyTarget?: PolicyTarget;
}

/** The backend that a reference means. */
export function resolveBackend(
  view: View,
  from: BackendReferrer,
  ref: BackendReference,
): ResolvedBackend | BackendProblem {
  const group = ref.group ?? '';
  const kind = ref.kind ?? 'Service';
  const namespace = ref.namespace ?? from.namespace;
  const isXBackend = group === X_GROUP && kind === 'XBackend';
  const isImport = group === MULTICLUSTER_GROUP && kind === 'ServiceImport';
  if (!isXBackend && !isImport && (group !== '' || kind !== 'Service')) {
    const what = group === '' ? kind : `${kind}.${group}`;
    return { reason: 'InvalidKind', message: `${what} ${ref.name} cannot be a backend: name a Service` };
  }
  const to = { group, kind, namespace, name: ref.name };
  if (!isGranted(view, { from, to })) return { reason: 'RefNotPermitted', message: grantMissing({ from, to }) };
  if (!isXBackend) return withBudget(view, to, resolveService(view, from, { isImport, namespace }, ref));
  const resolved = withBudget(view, to, resolveXBackend(view, from, namespace, ref));
  const session = trafficSessionOf(view, to, view.xBackend(namespace, ref.name)?.spec?.sessionPersistence);
  return 'backend' in resolved && session !== undefined ? { ...resolved, session } : resolved;
}

/** With what policies say of it. */
function withSettings(view: View, from: BackendReferrer, backend: Backend, own: readonly Level[]): Backend {
  if (view.policies === undefined) return backend;
  const { settings, variant } = backendSettingsOf(view, own, from.levels);
  return settings === undefined ? backend : { ...backend, name: `${backend.name}${variant}`, settings };
}

/** With how many retries a policy for the whole of it allows. */
function withBudget(
  view: View,
  target: PolicyTarget,
  resolved: ResolvedBackend | BackendProblem,
): ResolvedBackend | BackendProblem {
  const retryBudget = trafficBudgetOf(view, target);
  if (retryBudget === undefined || !('backend' in resolved)) return resolved;
  const { backend } = resolved;
  return { ...resolved, backend: { ...backend, settings: { ...backend.settings, retryBudget } } };
}

function resolveService(
  view: View,
  from: BackendReferrer,
  { isImport, namespace }: { readonly isImport: boolean; readonly namespace: string },
  ref: BackendReference,
): ResolvedBackend | BackendProblem {
  const kind = isImport ? 'ServiceImport' : 'Service';
  const where = `${kind} ${namespace}/${ref.name}`;
  const service = isImport ? view.serviceImport(namespace, ref.name) : view.service(namespace, ref.name);
  if (service === undefined)
    return { reason: 'BackendNotFound', message: `${where} does not exist: create it, or name another` };
  if (service.spec?.type === 'ExternalName') {
    return {
      reason: 'UnsupportedValue',
      message: `${where} is of type ExternalName, which may lead anywhere: use a Service with endpoints`,
    };
  }
  if (ref.port === undefined)
    return { reason: 'BackendNotFound', message: `port must say which port of ${where} is meant` };
  const port = portOf(service, ref.port, from.speech);
  if (port === undefined) {
    const ports = service.spec?.ports?.map((one) => one.port).join(', ') ?? '';
    return {
      reason: 'BackendNotFound',
      message: `${where} has no port ${ref.port}: ${ports === '' ? 'it has none' : `its ports are ${ports}`}`,
    };
  }
  const spoken = protocolOf(from.speech, port);
  if ('problem' in spoken)
    return { reason: 'UnsupportedProtocol', message: `port ${ref.port} of ${where} ${spoken.problem}` };
  return backendOf(view, from, { kind, namespace, name: ref.name, port, spoken });
}

/** A port number may stand twice, for TCP and UDP. */
function portOf({ spec }: Service, number: number, speech: Speech): ServicePort | undefined {
  const isUdp = speech === 'UDP';
  const ofTransport = spec?.ports?.find(({ port, protocol }) => port === number && (protocol === 'UDP') === isUdp);
  return ofTransport ?? spec?.ports?.find(({ port }) => port === number);
}

interface Spoken {
  readonly protocol: BackendProtocol;
  /** TLS is needed. */
  readonly secure?: true;
}

function protocolOf(
  speech: Speech,
  { protocol = 'TCP', appProtocol }: ServicePort,
): Spoken | { readonly problem: string } {
  if (speech === 'UDP') {
    return protocol === 'UDP' ? { protocol: 'UDP' } : { problem: `is of ${protocol}, not of UDP` };
  }
  if (protocol !== 'TCP') return { problem: `is of ${protocol}, not of TCP` };
  if (speech === 'TCP' || speech === 'TLS') return { protocol: 'TCP' };
  const { protocol: asked = 'HTTP', secure } = APP_PROTOCOLS[appProtocol?.toLowerCase() ?? ''] ?? {};
  if (speech === 'GRPC' && asked === 'WebSocket')
    return { problem: `has appProtocol ${appProtocol}, which gRPC does not go over` };
  const spoken = speech === 'GRPC' ? 'GRPC' : asked;
  return secure ? { protocol: spoken, secure } : { protocol: spoken };
}

/** What a port says of itself: Kubernetes's names, and those that are common beside. Others are HTTP. */
const APP_PROTOCOLS: Readonly<Record<string, Spoken>> = {
  'kubernetes.io/h2c': { protocol: 'H2C' },
  'kubernetes.io/ws': { protocol: 'WebSocket' },
  'kubernetes.io/wss': { protocol: 'WebSocket', secure: true },
  grpc: { protocol: 'H2C' },
  h2c: { protocol: 'H2C' },
  http2: { protocol: 'H2C' },
  https: { protocol: 'HTTP', secure: true },
};

interface AboutService {
  readonly kind: 'Service' | 'ServiceImport';
  readonly namespace: string;
  readonly name: string;
  readonly port: ServicePort;
  readonly spoken: Spoken;
}

function backendOf(view: View, from: BackendReferrer, about: AboutService): ResolvedBackend | BackendProblem {
  const { kind, namespace, name, port, spoken } = about;
  const base = `${kind.toLowerCase()}/${namespace}/${name}/${port.port}`;
  const endpoints = endpointsAt(base, about);
  const group = kind === 'Service' ? '' : MULTICLUSTER_GROUP;
  const target = { namespace, group, kind, name };
  const tls = from.appliesTls ? backendTlsOf(view, target, port.name) : undefined;
  if (tls !== undefined && 'problem' in tls)
    return { reason: 'InvalidBackendTLSPolicy', message: tls.problem, policyTarget: target };
  if (tls === undefined && spoken.secure === true) {
    const message = `port ${port.port} of ${kind} ${namespace}/${name} has appProtocol ${port.appProtocol}, which needs TLS: a BackendTLSPolicy must say whom to trust`;
    return { reason: 'UnsupportedProtocol', message, policyTarget: target };
  }
  const source: Source = { kind, namespace, name };
  const { protocol } = spoken;
  const plain: Backend = { name: `${base}${suffixOf(protocol)}`, source, protocol, endpoints: endpoints.name };
  const hasLevels = kind === 'Service' && view.policies !== undefined;
  const backend = withSettings(view, from, plain, hasLevels ? serviceLevels(namespace, name, port.name) : []);
  const session = trafficSessionOf(view, target);
  const resolved: Draft<ResolvedBackend> =
    tls === undefined
      ? { backend, secrets: NO_SECRETS, endpoints }
      : { ...withTls(backend, tls, from.clientCertificate), endpoints };
  if (session !== undefined) resolved.session = session;
  if (from.appliesTls) resolved.policyTarget = target;
  return resolved;
}

const NO_SECRETS: readonly Secret[] = [];

function endpointsAt(
  base: string,
  { kind: owner, namespace, name: service, port, spoken }: AboutService,
): EndpointsOrigin {
  const isUdp = spoken.protocol === 'UDP';
  const name = isUdp ? `${base}/udp` : base;
  return { name, owner, namespace, service, port: port.port, transport: isUdp ? 'UDP' : 'TCP' };
}

function suffixOf(protocol: BackendProtocol): string {
  return protocol === 'GRPC' || protocol === 'TCP' || protocol === 'UDP' ? `/${protocol.toLowerCase()}` : '';
}

function withTls(
  backend: Backend,
  { tls, secrets }: { readonly tls: NonNullable<Backend['tls']>; readonly secrets: readonly Secret[] },
  client: Secret | undefined,
): ResolvedBackend {
  if (client === undefined) return { backend: { ...backend, name: `${backend.name}/tls`, tls }, secrets };
  const name = `${backend.name}/tls/${client.name}`;
  return {
    backend: { ...backend, name, tls: { ...tls, clientCertificate: client.name } },
    secrets: [...secrets, client],
  };
}

const X_PROTOCOLS: Readonly<Record<string, BackendProtocol>> = {
  HTTP: 'HTTP',
  HTTP11: 'HTTP',
  HTTP2: 'H2C',
  H2C: 'H2C',
  // a protocol over HTTP
  MCP: 'HTTP',
  GRPC: 'GRPC',
  TCP: 'TCP',
  WSS: 'WebSocket',
};

function resolveXBackend(
  view: View,
  from: BackendReferrer,
  namespace: string,
  ref: BackendReference,
): ResolvedBackend | BackendProblem {
  const where = `XBackend ${namespace}/${ref.name}`;
  const object = view.xBackend(namespace, ref.name);
  if (object === undefined)
    return { reason: 'BackendNotFound', message: `${where} does not exist: create it, or name another` };
  const { spec } = object;
  const place = placeOf(object);
  if ('problem' in place) return { reason: 'UnsupportedValue', message: `${where} ${place.problem}` };
  const fallback = from.speech === 'TLS' ? 'TCP' : from.speech;
  const protocol = spec?.protocol === undefined ? fallback : X_PROTOCOLS[spec.protocol];
  if (protocol === undefined || protocol === 'UDP') {
    return {
      reason: 'UnsupportedProtocol',
      message: `${where} asks for protocol ${spec?.protocol ?? protocol}, which is not supported`,
    };
  }
  return xBackendOf(view, from, object, { protocol, place });
}

/** Where an XBackend is: at a name outside, or with pods that are selected. */
type XBackendPlace =
  | { readonly hostname: { readonly name: string; readonly port: number } }
  | { readonly endpoints: EndpointsOrigin };

function placeOf({ metadata: { namespace = '', name }, spec }: XBackend): XBackendPlace | { readonly problem: string } {
  const { type, externalHostname, endpointSelector } = spec ?? {};
  const port = spec?.port?.number;
  if (!isPort(port)) return { problem: 'must say which port, from 1 to 65535, in port.number' };
  if (type === 'EndpointSelector') {
    if (Object.keys(endpointSelector?.matchLabels ?? {}).length === 0)
      return { problem: 'must say which pods, in endpointSelector.matchLabels' };
    const origin = { owner: 'XBackend', namespace, service: name, port, transport: 'TCP' } as const;
    return { endpoints: { ...origin, name: `xbackend/${namespace}/${name}/${port}` } };
  }
  const hostname = externalHostname?.hostname ?? '';
  if (type !== 'ExternalHostname' || hostname === '')
    return {
      problem: `is of type ${type}: use ExternalHostname with a hostname, or EndpointSelector with matchLabels`,
    };
  if (/(^|\.)cluster\.local\.?$/.test(hostname))
    return { problem: `names ${hostname}, which is within the cluster: use its Service` };
  return { hostname: { name: hostname, port } };
}

function xBackendOf(
  view: View,
  from: BackendReferrer,
  { metadata, spec }: XBackend,
  { protocol, place }: { readonly protocol: BackendProtocol; readonly place: XBackendPlace },
): ResolvedBackend | BackendProblem {
  const { namespace = '', name } = metadata;
  const source: Source = { kind: 'XBackend', namespace, name };
  const base = {
    name: `xbackend/${namespace}/${name}${suffixOf(protocol)}`,
    source,
    protocol,
    ...('hostname' in place ? { hostname: place.hostname } : { endpoints: place.endpoints.name }),
  };
  const endpoints = 'endpoints' in place ? { endpoints: place.endpoints } : {};
  const mode = spec?.tls?.mode ?? 'None';
  if (mode === 'None' || !from.appliesTls) return { backend: base, secrets: [], ...endpoints };
  const validation = { ...(spec?.tls?.validation ?? { wellKnownCACertificates: 'System' }) };
  const made = upstreamTlsOf(view, namespace, { ...hostnameOf(place), ...validation }, 'XBackend');
  if (made.tls === undefined)
    return { reason: 'InvalidBackendTLSPolicy', message: `XBackend ${namespace}/${name}: ${made.accepted.message}` };
  const ref = mode === 'ClientAndServer' ? spec?.tls?.clientCertificateRef : undefined;
  const tls = { tls: made.tls, secrets: made.secrets ?? [] };
  if (ref === undefined) return { ...withTls(base, tls, from.clientCertificate), ...endpoints };
  const client = certificateOf(view, { group: 'gateway.networking.x-k8s.io', kind: 'XBackend', namespace }, ref);
  if ('problem' in client)
    return { reason: 'InvalidBackendTLSPolicy', message: `XBackend ${namespace}/${name}: ${client.message}` };
  return { ...withTls(base, tls, client.secret), ...endpoints };
}

function hostnameOf(place: XBackendPlace): { readonly hostname?: string } {
  return 'hostname' in place ? { hostname: place.hostname.name } : {};
}
