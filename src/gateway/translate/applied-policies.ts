import type { BackendSettings, HttpAction, HttpRoute, RouteSettings } from '../model/index.ts';
import type { ClientPart, Level, PolicyOrigin, RoutePart, SecurityOutcome } from '../policies/index.ts';
import type { View } from './cluster.ts';
import type { ListenerPlan, Owner } from './listener-plan.ts';
import { policiesAt } from './policy-book.ts';

const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/** The objects around a listener, from the most specific: policies may be about each. */
export function listenerLevels(
  { owner, name }: { readonly owner: Owner; readonly name: string },
  gateway: string,
): Level[] {
  const own = { group: GATEWAY_GROUP, kind: owner.kind, namespace: owner.namespace, name: owner.name };
  const levels: Level[] = [{ ...own, sectionName: name }, own];
  if (owner.kind === 'Gateway') return levels;
  const [namespace = '', gatewayName = ''] = gateway.split('/');
  return [...levels, { group: GATEWAY_GROUP, kind: 'Gateway', namespace, name: gatewayName }];
}

/** The levels of a rule of a route, before those of a listener. */
export function ruleLevels(kind: string, namespace: string, name: string, rule: string | undefined): Level[] {
  const own = { group: GATEWAY_GROUP, kind, namespace, name };
  return rule === undefined ? [own] : [{ ...own, sectionName: rule }, own];
}

/** The levels of a port of a Service. */
export function serviceLevels(namespace: string, name: string, port: string | undefined): Level[] {
  const own = { group: '', kind: 'Service', namespace, name };
  return port === undefined ? [own] : [{ ...own, sectionName: port }, own];
}

/** How clients of a listener are spoken with. */
export function clientPartOf(view: View, levels: readonly Level[]): ClientPart | undefined {
  return asked(view, levels)?.client(levels);
}

/** Of these levels those that policies of backends or security are about. */
export function levelsInUse(view: View, levels: readonly Level[]): Level[] {
  const set = asked(view, levels);
  return set === undefined ? [] : levels.filter((level) => set.has(level));
}

/** How a backend is spoken with; `variant` tells apart what is said beside its own Service. */
export function backendSettingsOf(
  view: View,
  own: readonly Level[],
  around: readonly Level[],
): { readonly settings?: BackendSettings; readonly variant: string } {
  const set = asked(view, [...own, ...around]);
  const settings = set?.backend([...own, ...around])?.settings;
  if (set === undefined || settings === undefined || Object.keys(settings).length === 0) return { variant: '' };
  const names = set.backendPolicies(around).map(({ namespace, name }: PolicyOrigin) => `${namespace}/${name}`);
  return { settings, variant: names.length === 0 ? '' : `/policies/${names.join('+')}` };
}

/** What policies ask of the requests of a rule. */
export interface RuleParts {
  readonly route?: RoutePart;
  readonly security?: SecurityOutcome;
}

/** Of backends and of who may; `service`: the levels of the only backend. */
export function rulePartsOf(view: View, levels: readonly Level[], service: readonly Level[]): RuleParts {
  const set = asked(view, [...service, ...levels]);
  const route = set?.backend([...service, ...levels])?.route;
  const security = set?.security(levels);
  return { ...(route === undefined ? {} : { route }), ...(security === undefined ? {} : { security }) };
}

/** A route with what policies ask; what it says itself comes before. What is closed answers 500. */
export function applyPolicies(route: HttpRoute, { route: part, security }: RuleParts): HttpRoute {
  if (security?.closed !== undefined) {
    const { name, source, match } = route;
    return { name, source, match, action: { type: 'direct', statusCode: 500 } };
  }
  if (part === undefined && security === undefined) return route;
  const settings: RouteSettings = { ...part?.settings, ...security?.part.settings };
  const { requestHeaders, responseHeaders, mirrors } = part ?? {};
  const { cors, externalAuth } = security?.part ?? {};
  return {
    ...(requestHeaders === undefined ? {} : { requestHeaders }),
    ...(responseHeaders === undefined ? {} : { responseHeaders }),
    ...(mirrors === undefined ? {} : { mirrors }),
    ...(cors === undefined ? {} : { cors }),
    ...(externalAuth === undefined ? {} : { externalAuth }),
    ...route,
    action: actionWith(route.action, part),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

function actionWith(action: HttpAction, part: RoutePart | undefined): HttpAction {
  if (action.type !== 'forward' || part === undefined) return action;
  return { ...(part.retry === undefined ? {} : { retry: part.retry }), ...part.timeouts, ...action };
}

/** The listener's settings of a port: those of the first by precedence that has any. */
export function settingsOf(listeners: readonly ListenerPlan[]): ListenerPlan['settings'] {
  return listeners.find(({ settings }) => settings !== undefined)?.settings;
}

function asked(view: View, levels: readonly Level[]): View['policies'] {
  const set = view.policies;
  if (set !== undefined) for (const level of levels) view.dependencies.add(policiesAt(level));
  return set;
}
