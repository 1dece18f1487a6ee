import {
  type Condition,
  condition,
  no,
  type ParentReference,
  type RouteParentStatus,
  type Verdict,
  yes,
} from '../statuses/index.ts';
import type { StreamForward } from '../model/index.ts';
import { attach, type Attachment, type ParentPlan, parentKeyOf } from './attachment.ts';
import type { BackendProblem, ResolvedBackend } from './backends.ts';
import { levelsInUse, listenerLevels } from './applied-policies.ts';
import type { View } from './cluster.ts';
import type { Draft } from './draft.ts';
import { type Dropped, type RankedRoute, type RuleContext, translateRules } from './http-rules.ts';
import type { AttachableListener } from './listener-plan.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import { readOr } from './malformed.ts';
import type { HTTPRoute, Route, StreamRoute } from './resources.ts';
import { type StreamKind, translateStream } from './stream-rules.ts';

/** The kinds of routes. */
export type RouteKind = 'HTTPRoute' | 'GRPCRoute' | StreamKind;

/** All that comes of a route: plain data. */
export interface TranslatedRoute {
  readonly parents: readonly RouteParentStatus[];
  readonly placements: readonly Placement[];
  readonly backends: readonly ResolvedBackend[];
  /** Which gateways use which targets of policies, as `GATEWAY|NS/GROUP/KIND/NAME`. */
  readonly policyUses: readonly string[];
  /** Which gateways use which backends, as `GATEWAY|KIND/NS/NAME`. */
  readonly backendUses: readonly string[];
}

/** A route on one listener. */
export interface Placement {
  readonly gateway: string;
  readonly listener: string;
  readonly domains: Attachment['domains'];
  readonly routes: readonly RankedRoute[];
  readonly stream?: StreamForward;
}

interface Translated {
  readonly routes: readonly RankedRoute[];
  readonly stream?: StreamForward;
  readonly backends: readonly ResolvedBackend[];
  readonly policyTargets: readonly NonNullable<BackendProblem['policyTarget']>[];
  readonly dropped: readonly Dropped[];
  readonly unresolved: readonly BackendProblem[];
}

/** Where parents are found. */
export type FindParent = (key: string) => ParentPlan | undefined;

/** Translates a route for all of its parents. */
export function translateRoute(view: View, kind: RouteKind, route: Route, findParent: FindParent): TranslatedRoute {
  const memory = new Map<string, Translated>();
  const translated = (parent: ParentPlan, listener: AttachableListener | undefined): Translated => {
    const context = contextOf(view, parent, listener);
    const at = context.levels.length === 0 ? '' : listener?.id;
    const key = `${context.scheme} ${context.port} ${context.terminatesTls} ${context.clientCertificate?.name} ${at}`;
    let made = memory.get(key);
    if (made === undefined) memory.set(key, (made = translate(view, kind, route, context)));
    return made;
  };
  const result = { parents: [] as RouteParentStatus[], placements: new Map<string, Placement>(), uses: new Uses() };
  for (const ref of parentRefsOf(view, route)) {
    const key = parentKeyOf(ref, route.metadata.namespace ?? '');
    const parent = key === undefined ? undefined : findParent(key);
    if (parent === undefined) continue;
    const { verdict, attachments } = attach(view, kind, route, ref, parent);
    const all =
      attachments.length === 0
        ? [translated(parent, undefined)]
        : attachments.map(({ listener }) => translated(parent, listener));
    const accepted = acceptedOf(verdict, all[0]!);
    result.parents.push(statusOf(view, route, ref, accepted, all));
    if (accepted.status !== 'True') continue;
    for (const [index, { listener, domains }] of attachments.entries()) {
      const { routes, stream } = all[index]!;
      const placement: Draft<Placement> = { gateway: parent.gateway, listener: listener.id, domains, routes };
      if (stream !== undefined) placement.stream = stream;
      if (!result.placements.has(listener.id)) result.placements.set(listener.id, placement);
      result.uses.add(parent.gateway, all[index]!);
    }
  }
  return { parents: result.parents, placements: [...result.placements.values()], ...result.uses.lists() };
}

/** A route that is not as its definition says is not accepted by any parent of ours. */
export function unreadableRoute(view: View, route: Route, findParent: FindParent, message: string): TranslatedRoute {
  const verdict = no('UnsupportedValue', `the route, or what it refers to, is not as its definition says: ${message}`);
  const parents = readOr(
    () =>
      parentRefsOf(view, route).flatMap((parentRef): RouteParentStatus[] => {
        const key = parentKeyOf(parentRef, route.metadata.namespace ?? '');
        if (key === undefined || findParent(key) === undefined) return [];
        const conditions = [condition('Accepted', verdict, route.metadata.generation)];
        return [{ parentRef, controllerName: view.controllerName, conditions }];
      }),
    () => [],
  );
  return { parents, placements: [], backends: [], policyUses: [], backendUses: [] };
}

/** Those of the spec, and gateways that take routes which ask for a default one. */
function parentRefsOf(view: View, { spec, metadata }: Route): readonly ParentReference[] {
  const refs = spec?.parentRefs ?? [];
  if (spec?.useDefaultGateways !== 'All') return refs;
  const named = new Set(refs.map((ref) => parentKeyOf(ref, metadata.namespace ?? '')));
  const defaults = [...view.defaultGateways()]
    .map(({ metadata: { namespace = '', name } }) => ({ group: GATEWAY_GROUP, kind: 'Gateway', namespace, name }))
    .filter(({ namespace, name }) => !named.has(`Gateway/${namespace}/${name}`))
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  return [...refs, ...defaults];
}

function contextOf(
  view: View,
  parent: ParentPlan,
  listener: AttachableListener | undefined,
): RuleContext & { readonly terminatesTls: boolean } {
  const { clientCertificate } = parent;
  const hasLevels = listener !== undefined && view.policies !== undefined;
  const context = {
    scheme: listener?.protocol === 'HTTPS' ? 'https' : 'http',
    port: listener?.port ?? 80,
    levels: hasLevels ? levelsInUse(view, listenerLevels(listener, parent.gateway)) : [],
    terminatesTls: listener?.protocol === 'TLS' && listener.mode === 'Terminate',
  } as const;
  return clientCertificate === undefined ? context : { ...context, clientCertificate };
}

function translate(
  view: View,
  kind: RouteKind,
  route: Route,
  context: RuleContext & { readonly terminatesTls: boolean },
): Translated {
  if (kind === 'HTTPRoute' || kind === 'GRPCRoute') return translateRules(view, kind, route as HTTPRoute, context);
  return { routes: [], ...translateStream(view, kind, route as StreamRoute, context) };
}

/** A route of which nothing is left is not accepted. */
function acceptedOf(verdict: Verdict, { routes, stream, dropped }: Translated): Verdict {
  const [first] = dropped;
  if (verdict.status !== 'True' || first === undefined || routes.length > 0 || stream !== undefined) return verdict;
  return no(first.reason, dropped.map(({ message }) => message).join('; '));
}

function statusOf(
  view: View,
  { metadata }: Route,
  parentRef: ParentReference,
  accepted: Verdict,
  all: readonly Translated[],
): RouteParentStatus {
  const { generation } = metadata;
  const [{ dropped, unresolved }] = all as [Translated, ...Translated[]];
  const conditions: Condition[] = [
    condition('Accepted', accepted, generation),
    condition('ResolvedRefs', resolvedOf(unresolved), generation),
  ];
  if (accepted.status === 'True' && dropped.length > 0) {
    const rules = [...new Set(dropped.map(({ rule }) => rule))].join(', ');
    const message = `Dropped Rule(s) ${rules}: ${dropped.map((one) => one.message).join('; ')}`;
    conditions.push(condition('PartiallyInvalid', yes('UnsupportedValue', message), generation));
  }
  return { parentRef, controllerName: view.controllerName, conditions };
}

function resolvedOf(unresolved: readonly BackendProblem[]): Verdict {
  const [first] = unresolved;
  if (first === undefined) return yes('ResolvedRefs', 'all references are resolved');
  return no(first.reason, [...new Set(unresolved.map(({ message }) => message))].join('; '));
}

/** What placements of a route make use of. */
class Uses {
  readonly #backends = new Map<string, ResolvedBackend>();
  readonly #policies = new Set<string>();
  readonly #backendUses = new Set<string>();

  add(gateway: string, { backends, policyTargets }: Translated): void {
    for (const one of backends) {
      this.#backends.set(one.backend.name, one);
      const { kind, namespace, name } = one.backend.source;
      this.#backendUses.add(`${gateway}|${kind}/${namespace}/${name}`);
    }
    for (const { namespace, group, kind, name } of policyTargets)
      this.#policies.add(`${gateway}|${namespace}/${group}/${kind}/${name}`);
  }

  lists(): Pick<TranslatedRoute, 'backends' | 'policyUses' | 'backendUses'> {
    return {
      backends: [...this.#backends.values()],
      policyUses: [...this.#policies],
      backendUses: [...this.#backendUses],
    };
  }
}
