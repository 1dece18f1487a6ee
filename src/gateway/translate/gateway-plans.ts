import { parseIp } from 'nekube/apimachinery';
import { covers } from '../matching/index.ts';
import { type Condition, condition, no, type Verdict, yes } from '../statuses/index.ts';
import type { Secret } from '../model/index.ts';
import { certificateOf } from './certificates.ts';
import type { View } from './cluster.ts';
import { findConflicts } from './listener-conflicts.ts';
import type { GatewayPlan, ListenerPlan, ListenerSetPlan, Owner } from './listener-plan.ts';
import { draftListener, GATEWAY_GROUP, type ListenerDraft, planListener } from './listeners.ts';
import { readOr } from './malformed.ts';
import { allowsNamespace } from './namespaces.ts';
import type { FrontendTls, Gateway, GatewayClass, ListenerSet, Resource } from './resources.ts';
import { keyOf } from './snapshot.ts';
import { type Telemetry, telemetryOf } from './telemetry.ts';

/** How a Gateway of one of our classes is to be served, with the listeners of its ListenerSets. */
export function planGateway(view: View, gateway: Gateway): GatewayPlan {
  const key = keyOf(gateway);
  const owner = ownerOf('Gateway', gateway);
  const refusal = refusalOf(view, gateway);
  const sets = listenerSetsOf(view, gateway);
  const drafts = [
    ...(gateway.spec?.listeners ?? []).map((spec) => draftListener(view, spec, owner)),
    ...sets.filter(({ refused }) => refused === undefined).flatMap(({ drafts: ofSet }) => ofSet),
  ];
  const clientCertificate = clientCertificateOf(view, gateway);
  const telemetry = telemetryOf(view, key);
  const listeners = planListeners(view, gateway, drafts, clientCertificate.secret).map((listener) =>
    withTelemetry(listener, telemetry),
  );
  const own = listeners.filter(({ owner: { kind } }) => kind === 'Gateway');
  const accepted = refusal ?? acceptedOf(own, listeners);
  return {
    key,
    namespace: owner.namespace,
    name: owner.name,
    ...(owner.generation === undefined ? {} : { generation: owner.generation }),
    ...createdOf(gateway),
    listeners,
    listenerSets: sets.map((set) => planListenerSet(key, set, listeners, accepted)),
    ...('secret' in clientCertificate ? { clientCertificate: clientCertificate.secret } : {}),
    ...(telemetry === undefined || telemetry.backends.length === 0 ? {} : { backends: telemetry.backends }),
    accepted: accepted.status === 'True',
    conditions: conditionsOf(gateway, accepted, resolvedRefsOf(own, clientCertificate), own),
    requestedAddresses: (gateway.spec?.addresses ?? []).map(({ type, value }) => ({
      type: type ?? 'IPAddress',
      value: value ?? '',
    })),
  };
}

/** What a ClientPolicy says of tracing comes first, but where there shall be none. */
function withTelemetry(listener: ListenerPlan, telemetry: Telemetry | undefined): ListenerPlan {
  if (telemetry === undefined || (listener.protocol !== 'HTTP' && listener.protocol !== 'HTTPS')) return listener;
  const { tracing: own, ...others } = listener.settings ?? {};
  if (telemetry.tracing !== 'Disabled')
    return { ...listener, settings: { ...others, tracing: own ?? telemetry.tracing } };
  if (own === undefined) return listener;
  return { ...listener, settings: others };
}

/** A Gateway that is not as its definition says serves nothing. */
export function unreadableGateway(gateway: Gateway, message: string): GatewayPlan {
  const { namespace, name, generation } = ownerOf('Gateway', gateway);
  const verdict = no('Invalid', `the Gateway, or what it refers to, is not as its definition says: ${message}`);
  return {
    key: keyOf(gateway),
    namespace,
    name,
    listeners: [],
    listenerSets: [],
    accepted: false,
    conditions: [condition('Accepted', verdict, generation), condition('Programmed', verdict, generation)],
    requestedAddresses: [],
  };
}

function createdOf({ metadata: { creationTimestamp: created } }: Gateway): { readonly created?: string } {
  return created === undefined ? {} : { created };
}

function ownerOf(kind: Owner['kind'], { metadata }: Resource): Owner {
  const { namespace = '', name, generation } = metadata;
  return { kind, namespace, name, ...(generation === undefined ? {} : { generation }) };
}

/** Why nothing of a Gateway is served, whatever its listeners are. */
function refusalOf(view: View, { spec }: Gateway): Verdict | undefined {
  const className = spec?.gatewayClassName ?? '';
  const parameters = spec?.infrastructure?.parametersRef;
  if (parameters !== undefined) {
    return no(
      'InvalidParameters',
      `infrastructure.parametersRef names ${parameters.kind} ${parameters.name}: no parameters are known here, leave it out`,
    );
  }
  const gatewayClass = view.gatewayClass(className) as GatewayClass | undefined;
  if (gatewayClass?.spec?.parametersRef !== undefined) {
    return no(
      'InvalidParameters',
      `GatewayClass ${className} has a parametersRef: no parameters are known here, leave it out`,
    );
  }
  return addressRefusal(view, spec?.addresses ?? []);
}

function addressRefusal(
  view: View,
  addresses: NonNullable<NonNullable<Gateway['spec']>['addresses']>,
): Verdict | undefined {
  for (const [index, { type = 'IPAddress', value = '', routability }] of addresses.entries()) {
    const where = `spec.addresses[${index}]`;
    if (type !== 'IPAddress')
      return no('UnsupportedAddress', `${where} is of type ${type}: only IPAddress is supported`);
    if ((routability ?? '') !== '' && !view.supports('GatewayAddressRoutability')) {
      return no(
        'UnsupportedAddress',
        `${where} asks for routability ${routability}, which is not supported: leave it out`,
      );
    }
    if (value !== '' && !view.supports('GatewayStaticAddresses')) {
      return no(
        'UnsupportedAddress',
        `${where} asks for ${value}: addresses cannot be chosen here, leave the value out`,
      );
    }
    if (value !== '' && parseIp(value) === undefined)
      return no('UnsupportedAddress', `${where} must be an IP address, not ${value}`);
  }
  return undefined;
}

/** A ListenerSet that is for a Gateway. */
interface Set {
  readonly object: ListenerSet;
  readonly owner: Owner;
  readonly refused?: string;
  readonly drafts: readonly ListenerDraft[];
}

/** By precedence: the oldest first, then by name. */
function listenerSetsOf(view: View, gateway: Gateway): Set[] {
  if (!view.supports('ListenerSet')) return [];
  const objects = [...view.listenerSetsOf(keyOf(gateway))].filter(isReadable).sort(byAge);
  const namespaces = gateway.spec?.allowedListeners?.namespaces;
  const allowed = {
    from: namespaces?.from ?? 'None',
    namespace: gateway.metadata.namespace ?? '',
    ...(namespaces?.selector && { selector: namespaces.selector }),
  };
  return objects.map((object) => {
    const owner = ownerOf('ListenerSet', object);
    const drafts = (object.spec?.listeners ?? []).map((spec) => draftListener(view, spec, owner));
    if (allowsNamespace(view, allowed, owner.namespace)) return { object, owner, drafts };
    const refused = `Gateway ${keyOf(gateway)} takes no ListenerSets of namespace ${owner.namespace}: its spec.allowedListeners.namespaces must allow it`;
    return { object, owner, drafts, refused };
  });
}

/** A set that cannot be read is left out, so that it does no harm to its Gateway. */
function isReadable({ spec }: ListenerSet): boolean {
  const isListener = (listener: unknown): boolean => typeof listener === 'object' && listener !== null;
  return readOr(
    () => (spec?.listeners ?? []).every(isListener),
    () => false,
  );
}

/** The oldest first; of the same age, by `NAMESPACE/NAME`. */
export function byAge(a: Resource, b: Resource): number {
  const ages = compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '');
  return ages === 0 ? compareText(keyOf(a), keyOf(b)) : ages;
}

/** By code units. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function planListeners(
  view: View,
  gateway: Gateway,
  drafts: readonly ListenerDraft[],
  clientCertificate: Secret | undefined,
): ListenerPlan[] {
  const known = drafts.filter((draft) => draft.protocol !== undefined) as (ListenerDraft & {
    protocol: NonNullable<ListenerDraft['protocol']>;
  })[];
  const conflicts = findConflicts(known, { mixedTls: view.supports('TLSRouteModeMixed') });
  const distinct = known.filter((draft) => !conflicts.has(draft));
  return drafts.map((draft) => {
    const conflict = conflicts.get(draft as (typeof known)[number]);
    const frontend = frontendOf(gateway, draft.port);
    return planListener(view, draft, {
      gatewayNamespace: gateway.metadata.namespace ?? '',
      gateway: keyOf(gateway),
      overlaps: conflict === undefined ? overlapsOf(draft, distinct) : [],
      ...(conflict === undefined ? {} : { conflict }),
      ...(frontend === undefined ? {} : { frontend }),
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    });
  });
}

function frontendOf({ spec }: Gateway, port: number): FrontendTls | undefined {
  const frontend = spec?.tls?.frontend;
  return frontend?.perPort?.find((one) => one.port === port)?.tls ?? frontend?.default;
}

/** Listeners that terminate TLS on the same port for some of the same names; those of others are not named. */
function overlapsOf(draft: ListenerDraft, all: readonly ListenerDraft[]): string[] {
  if (draft.mode !== 'Terminate') return [];
  const overlapping = all.filter(
    (other) =>
      other !== draft &&
      other.mode === 'Terminate' &&
      other.port === draft.port &&
      overlap(draft.hostname, other.hostname),
  );
  const names = overlapping.map((other) =>
    other.owner.kind === draft.owner.kind &&
    other.owner.name === draft.owner.name &&
    other.owner.namespace === draft.owner.namespace
      ? `listener ${other.name}`
      : 'another listener of the Gateway',
  );
  return [...new Set(names)];
}

function overlap(a = '*', b = '*'): boolean {
  return covers(a, b) || covers(b, a);
}

function acceptedOf(own: readonly ListenerPlan[], all: readonly ListenerPlan[]): Verdict {
  const refused = own.filter((listener) => verdictOf(listener, 'Accepted')?.status === 'False');
  if (refused.length === 0) return yes('Accepted', 'the Gateway is valid');
  const why = refused
    .map((listener) => `listener ${listener.name}: ${verdictOf(listener, 'Accepted')?.message}`)
    .join('; ');
  const isServed = all.some((listener) => verdictOf(listener, 'Accepted')?.status === 'True');
  return isServed ? yes('ListenersNotValid', why) : no('ListenersNotValid', why);
}

/** A condition of a listener. */
export function verdictOf({ conditions }: ListenerPlan, type: string): Condition | undefined {
  return conditions.find((one) => one.type === type);
}

type ClientCertificate = { readonly secret?: Secret; readonly reason?: string; readonly message?: string };

function clientCertificateOf(view: View, { spec, metadata }: Gateway): ClientCertificate {
  const ref = spec?.tls?.backend?.clientCertificateRef;
  if (ref === undefined) return {};
  const from = { group: GATEWAY_GROUP, kind: 'Gateway', namespace: metadata.namespace ?? '' };
  const resolved = certificateOf(view, from, ref);
  if ('secret' in resolved) return { secret: resolved.secret };
  const reason = resolved.problem === 'permission' ? 'RefNotPermitted' : 'InvalidClientCertificateRef';
  return { reason, message: `tls.backend.clientCertificateRef: ${resolved.message}` };
}

function resolvedRefsOf(own: readonly ListenerPlan[], { reason, message }: ClientCertificate): Verdict {
  if (reason !== undefined) return no(reason, message ?? '');
  const unresolved = own.filter((listener) => verdictOf(listener, 'ResolvedRefs')?.status === 'False');
  if (unresolved.length === 0) return yes('ResolvedRefs', 'all references are resolved');
  const why = unresolved.map(
    (listener) => `listener ${listener.name}: ${verdictOf(listener, 'ResolvedRefs')?.message}`,
  );
  return no('ListenersNotResolved', why.join('; '));
}

function conditionsOf(
  { spec, metadata }: Gateway,
  accepted: Verdict,
  resolved: Verdict,
  own: readonly ListenerPlan[],
): Condition[] {
  const { generation } = metadata;
  const conditions = [condition('Accepted', accepted, generation), condition('ResolvedRefs', resolved, generation)];
  if (accepted.status !== 'True') conditions.push(condition('Programmed', no('Invalid', accepted.message), generation));
  const frontend = spec?.tls?.frontend;
  const modes = [frontend?.default, ...(frontend?.perPort ?? []).map(({ tls }) => tls)].map(
    (tls) => tls?.validation?.mode,
  );
  if (!modes.includes('AllowInsecureFallback') || own.length === 0) return conditions;
  const message =
    'tls.frontend lets clients in whose certificates are missing or not trusted: use mode AllowValidOnly where that is not meant';
  return [...conditions, condition('InsecureFrontendValidationMode', yes('ConfigurationChanged', message), generation)];
}

function planListenerSet(
  gateway: string,
  { object, owner, refused, drafts }: Set,
  all: readonly ListenerPlan[],
  parent: Verdict,
): ListenerSetPlan {
  const own = all.filter((listener) => isOf(listener.owner, owner));
  const verdict = listenerSetVerdict(gateway, refused, parent, own);
  const ids = drafts.map(({ name }) => `${owner.kind}/${owner.namespace}/${owner.name}/${name}`);
  return {
    key: keyOf(object),
    gateway,
    accepted: verdict.status === 'True',
    ...(owner.generation === undefined ? {} : { generation: owner.generation }),
    conditions: [
      condition('Accepted', verdict, owner.generation),
      ...(verdict.status === 'True'
        ? []
        : [condition('Programmed', no(verdict.reason, verdict.message), owner.generation)]),
    ],
    listeners: refused === undefined ? ids : [],
  };
}

function listenerSetVerdict(
  gateway: string,
  refused: string | undefined,
  parent: Verdict,
  own: readonly ListenerPlan[],
): Verdict {
  if (refused !== undefined) return no('NotAllowed', refused);
  const bad = own.filter(({ broken }) => broken !== undefined);
  const why = bad.map(({ name, broken }) => `listener ${name}: ${broken!.message}`).join('; ');
  if (bad.length === own.length) return no('ListenersNotValid', why);
  if (parent.status !== 'True') return no('ParentNotAccepted', `Gateway ${gateway} is not accepted: see its status`);
  return bad.length > 0 ? yes('ListenersNotValid', why) : yes('Accepted', 'the ListenerSet is valid');
}

function isOf(a: Owner, b: Owner): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
