import { covers } from '../matching/index.ts';
import type { Secret } from '../model/index.ts';
import { no, type ParentReference, type Verdict, yes } from '../statuses/index.ts';
import { isHostname } from './checks.ts';
import type { View } from './cluster.ts';
import type { AttachableListener } from './listener-plan.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import { allowsNamespace } from './namespaces.ts';
import type { Route } from './resources.ts';

/** What a route may name as its parent: a Gateway or ListenerSet of ours. */
export interface ParentPlan {
  /** `Gateway/NS/NAME` or `ListenerSet/NS/NAME`. */
  readonly key: string;
  /** Of the Gateway. */
  readonly gateway: string;
  readonly listeners: readonly AttachableListener[];
  /** Why nothing can attach; absent: it can. */
  readonly refusal?: string;
  readonly clientCertificate?: Secret;
}

/** A route on one listener. */
export interface Attachment {
  readonly listener: AttachableListener;
  /** By what hosts it is reached there. */
  readonly domains: readonly AttachedDomain[];
}

/** A host that a listener and a route have in common. */
export interface AttachedDomain {
  /** As in virtual hosts; `*` is all. */
  readonly domain: string;
  /** How exactly the route itself names it: characters of an exact name, then of any. */
  readonly rank: readonly [exact: number, length: number];
}

/** The key of a parent that a route names; undefined for what is no Gateway or ListenerSet. */
export function parentKeyOf(ref: ParentReference, namespace: string): string | undefined {
  const kind = ref.kind ?? 'Gateway';
  if ((ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP || (kind !== 'Gateway' && kind !== 'ListenerSet'))
    return undefined;
  return `${kind}/${ref.namespace ?? namespace}/${ref.name}`;
}

/** Which listeners of a parent take a route, by one of its references, and if none, why not. */
export function attach(
  view: View,
  kind: string,
  route: Route,
  ref: ParentReference,
  parent: ParentPlan,
): { readonly verdict: Verdict; readonly attachments: readonly Attachment[] } {
  const namespace = route.metadata.namespace ?? '';
  const refused = (reason: string, message: string) => ({ verdict: no(reason, message), attachments: [] });
  if (parent.refusal !== undefined) return refused('NoMatchingParent', parent.refusal);
  const meant = parent.listeners.filter((listener) => isMeant(listener, ref));
  if (meant.length === 0) return refused('NoMatchingParent', missing(parent, ref));
  const ofKind = meant.filter(({ kinds }) => kinds.includes(kind));
  if (ofKind.length === 0)
    return refused(
      'NotAllowedByListeners',
      `no ${kind} may attach to ${namesOf(meant)}: see protocol and allowedRoutes.kinds`,
    );
  const allowed = ofKind.filter((listener) => allowsNamespace(view, listener.allowed, namespace));
  if (allowed.length === 0) {
    return refused(
      'NotAllowedByListeners',
      `${namesOf(ofKind)} takes no routes of namespace ${namespace}: its allowedRoutes.namespaces must allow it`,
    );
  }
  const hostnames = kind === 'TCPRoute' || kind === 'UDPRoute' ? [] : (route.spec?.hostnames ?? []);
  const attachments = allowed.flatMap((listener) => {
    const domains = intersect(hostnames, listener.hostname);
    return domains.length === 0 ? [] : [{ listener, domains }];
  });
  if (attachments.length > 0) return { verdict: yes('Accepted', 'the route is attached'), attachments };
  const theirs = allowed.map(({ name, hostname }) => `${name} has ${hostname}`).join(', ');
  return refused(
    'NoMatchingListenerHostname',
    `no listener has a hostname in common with ${hostnames.join(', ')}: ${theirs}`,
  );
}

function isMeant(listener: AttachableListener, { sectionName, port }: ParentReference): boolean {
  return (sectionName === undefined || sectionName === listener.name) && (port === undefined || port === listener.port);
}

function missing({ key, listeners }: ParentPlan, { sectionName, port }: ParentReference): string {
  const what = [
    sectionName === undefined ? '' : ` named ${sectionName}`,
    port === undefined ? '' : ` on port ${port}`,
  ].join('');
  const has = listeners.map((listener) => `${listener.name} (${listener.port})`).join(', ');
  return `${key.replace('/', ' ')} has no listener${what}: it has ${has === '' ? 'none' : has}`;
}

function namesOf(listeners: readonly AttachableListener[]): string {
  return `listener ${listeners.map(({ name }) => name).join(', ')}`;
}

/** What hosts a route is reached by at a listener; none: it does not attach. */
export function intersect(hostnames: readonly string[], listener: string | undefined): AttachedDomain[] {
  if (hostnames.length === 0) return [{ domain: listener ?? '*', rank: [0, 0] }];
  // there are few, of which hardly two come to the same
  const found: AttachedDomain[] = [];
  for (const raw of hostnames) {
    const hostname = raw.toLowerCase();
    if (!isHostname(hostname)) continue;
    const domain =
      listener === undefined || covers(listener, hostname)
        ? hostname
        : covers(hostname, listener)
          ? listener
          : undefined;
    if (domain === undefined) continue;
    const rank = [hostname.startsWith('*') ? 0 : hostname.length, hostname.length] as const;
    const at = found.findIndex((one) => one.domain === domain);
    if (at < 0) found.push({ domain, rank });
    else if (compareRanks(rank, found[at]!.rank) < 0) found[at] = { domain, rank };
  }
  return found;
}

/** The greater numbers first. */
export function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = b[index]! - a[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
