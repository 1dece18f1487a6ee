import type {
  Forward,
  HttpAction,
  HttpRoute,
  Retry,
  Secret,
  SessionPersistence,
  Source,
  WeightedBackend,
} from '../model/index.ts';
import { type BackendProblem, type ResolvedBackend, resolveBackend, type Speech } from './backends.ts';
import type { Level } from '../policies/index.ts';
import { applyPolicies, ruleLevels, type RuleParts, rulePartsOf, serviceLevels } from './applied-policies.ts';
import { isWeight } from './checks.ts';
import type { View } from './cluster.ts';
import { durationMs } from '../model/durations.ts';
import type { Draft } from './draft.ts';
import { backendFiltersOf, type FilterSet, readFilters } from './filters.ts';
import { GATEWAY_GROUP } from './listeners.ts';
import { type ReadMatch, readGrpcMatch, readHttpMatch } from './matches.ts';
import type { BackendReference, GRPCRoute, HTTPBackendRef, HTTPRoute, HTTPRouteRule } from './resources.ts';
import { sessionOf } from './session.ts';

/** What of a listener and its Gateway decides how rules are translated. */
export interface RuleContext {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly clientCertificate?: Secret;
  /** Of the listener and its Gateway: those that policies are about. */
  readonly levels: readonly Level[];
}

/** A route of the model with its rank among others; the greater numbers are first. */
export interface RankedRoute {
  readonly route: HttpRoute;
  readonly rank: readonly number[];
}

/** All rules of a route. */
export interface TranslatedRules {
  readonly routes: readonly RankedRoute[];
  readonly backends: readonly ResolvedBackend[];
  /** Targets that policies for TLS may be for. */
  readonly policyTargets: readonly NonNullable<BackendProblem['policyTarget']>[];
  /** Rules and matches that are left out. */
  readonly dropped: readonly Dropped[];
  /** What is referred to and not there. */
  readonly unresolved: readonly BackendProblem[];
}

/** A rule or match that is left out, and why. */
export interface Dropped {
  readonly rule: number;
  readonly reason: 'UnsupportedValue' | 'IncompatibleFilters';
  readonly message: string;
}

const HTTP_FILTERS = [
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestMirror',
  'RequestRedirect',
  'URLRewrite',
  'CORS',
  'ExternalAuth',
  'ExtensionRef',
];
const GRPC_FILTERS = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef'];

/** Translates the rules of a route of HTTP or gRPC. */
export function translateRules(
  view: View,
  kind: 'HTTPRoute' | 'GRPCRoute',
  route: HTTPRoute | GRPCRoute,
  context: RuleContext,
): TranslatedRules {
  const translation = new RulesTranslation(view, kind, route, context);
  const rules = (route.spec?.rules ?? []) as readonly HTTPRouteRule[];
  for (const [index, rule] of rules.entries()) translation.translateRule(rule, index);
  return translation;
}

type GoodMatch = Exclude<ReadMatch, { problem: string }> & { readonly index: number };

const NO_LEVELS: readonly Level[] = [];
const NO_FILTERS: FilterSet = {};

class RulesTranslation implements TranslatedRules {
  readonly routes: RankedRoute[] = [];
  readonly backends: ResolvedBackend[] = [];
  readonly policyTargets: NonNullable<BackendProblem['policyTarget']>[] = [];
  readonly dropped: Dropped[] = [];
  readonly unresolved: BackendProblem[] = [];
  readonly #view: View;
  readonly #kind: 'HTTPRoute' | 'GRPCRoute';
  readonly #namespace: string;
  readonly #name: string;
  /** Of the names of its routes. */
  readonly #prefix: string;
  readonly #context: RuleContext;

  constructor(view: View, kind: 'HTTPRoute' | 'GRPCRoute', { metadata }: HTTPRoute | GRPCRoute, context: RuleContext) {
    this.#view = view;
    this.#kind = kind;
    this.#namespace = metadata.namespace ?? '';
    this.#name = metadata.name;
    this.#prefix = `${kind.toLowerCase()}/${this.#namespace}/${this.#name}`;
    this.#context = context;
  }

  translateRule(rule: HTTPRouteRule, index: number): void {
    const source = this.#sourceOf(rule, index);
    const matches = this.#readMatches(rule, index);
    if (matches.length === 0) return;
    const filters = this.#readFilters(rule.filters, `rules[${index}]`, source, rule);
    if (filters.problem !== undefined) return this.#drop(index, filters.problem.reason, filters.problem.message);
    const action = this.#actionOf(rule, index, source, filters);
    if (typeof action === 'string') return this.#drop(index, 'UnsupportedValue', `rules[${index}].${action}`);
    const parts = this.#partsOf(rule);
    const prefix = `${this.#prefix}/rule/${index}/match/`;
    for (const { match, rank, index: at } of matches) {
      const route = routeOf(`${prefix}${at}`, { ...source, match: at }, match, filters, action);
      this.routes.push({ route: parts === undefined ? route : applyPolicies(route, parts), rank });
    }
  }

  #sourceOf({ name: sectionName }: HTTPRouteRule, rule: number): Source {
    const own = { kind: this.#kind, namespace: this.#namespace, name: this.#name };
    return sectionName === undefined ? { ...own, rule } : { ...own, sectionName, rule };
  }

  /** Of policies: where there are none, nobody asks. */
  #levelsOf({ name }: HTTPRouteRule): readonly Level[] {
    if (this.#view.policies === undefined) return NO_LEVELS;
    return [...ruleLevels(this.#kind, this.#namespace, this.#name, name), ...this.#context.levels];
  }

  /** What policies say of the requests of a rule; of a Service where it is the only one. */
  #partsOf(rule: HTTPRouteRule): RuleParts | undefined {
    if (this.#view.policies === undefined) return undefined;
    const [ref, ...more] = rule.backendRefs ?? [];
    const isService = ref !== undefined && more.length === 0 && (ref.kind ?? 'Service') === 'Service';
    if (!isService) return rulePartsOf(this.#view, this.#levelsOf(rule), []);
    const namespace = ref.namespace ?? this.#namespace;
    const ports = this.#view.service(namespace, ref.name)?.spec?.ports ?? [];
    const port = ports.find((one) => one.port === ref.port)?.name;
    return rulePartsOf(this.#view, this.#levelsOf(rule), serviceLevels(namespace, ref.name, port));
  }

  #drop(rule: number, reason: Dropped['reason'], message: string): void {
    this.dropped.push({ rule, reason, message });
  }

  #readMatches(rule: HTTPRouteRule, index: number): GoodMatch[] {
    const specs = rule.matches === undefined || rule.matches.length === 0 ? [{}] : rule.matches;
    const good: GoodMatch[] = [];
    for (const [at, spec] of specs.entries()) {
      const read = this.#kind === 'HTTPRoute' ? readHttpMatch(spec) : readGrpcMatch(spec as object);
      if ('problem' in read) this.#drop(index, 'UnsupportedValue', `rules[${index}].matches[${at}].${read.problem}`);
      else good.push({ match: read.match, rank: read.rank, index: at });
    }
    return good;
  }

  #readFilters(filters: HTTPRouteRule['filters'], where: string, source: Source, rule: HTTPRouteRule): FilterSet {
    if (filters === undefined || filters.length === 0) return NO_FILTERS;
    return readFilters(filters, {
      where,
      source,
      scheme: this.#context.scheme,
      port: this.#context.port,
      prefixOnly: (rule.matches ?? []).every(({ path }) => (path?.type ?? 'PathPrefix') === 'PathPrefix'),
      allowed: this.#kind === 'HTTPRoute' ? HTTP_FILTERS : GRPC_FILTERS,
      backend: (ref, speech) => this.#resolve(ref, speech, where, rule),
      unresolved: (reason, message) => this.unresolved.push({ reason, message }),
    });
  }

  #resolve(
    ref: BackendReference,
    speech: Speech,
    where: string,
    rule: HTTPRouteRule,
  ): ResolvedBackend | BackendProblem {
    const { clientCertificate } = this.#context;
    const levels = this.#levelsOf(rule);
    const own = {
      group: GATEWAY_GROUP,
      kind: this.#kind,
      namespace: this.#namespace,
      speech,
      appliesTls: true,
      levels,
    };
    const from = clientCertificate === undefined ? own : { ...own, clientCertificate };
    const resolved = resolveBackend(this.#view, from, ref);
    if (resolved.policyTarget !== undefined) this.policyTargets.push(resolved.policyTarget);
    if ('backend' in resolved) this.backends.push(resolved);
    else this.unresolved.push({ ...resolved, message: `${where}: ${resolved.message}` });
    return resolved;
  }

  /** A text is what is wrong. */
  #actionOf(rule: HTTPRouteRule, index: number, source: Source, filters: FilterSet): HttpAction | string {
    if (filters.failure !== undefined) return { type: 'direct', statusCode: 500 };
    if (filters.redirect !== undefined) return filters.redirect;
    const timeouts = readTimeouts(rule);
    if (typeof timeouts === 'string') return timeouts;
    const retry = readRetry(rule);
    if (typeof retry === 'string') return retry;
    const session =
      rule.sessionPersistence &&
      sessionOf(rule.sessionPersistence, `${this.#kind}/${this.#namespace}/${this.#name}/${rule.name ?? index}`);
    if (session !== undefined && 'problem' in session) return session.problem;
    const backends: WeightedBackend[] = [];
    for (const [at, ref] of (rule.backendRefs ?? []).entries()) {
      const backend = this.#backendOf(ref, `rules[${index}].backendRefs[${at}]`, source, rule);
      if (typeof backend === 'string') return backend;
      backends.push(backend);
    }
    const kept = session ?? this.#sessionOf(backends);
    const action: Draft<Forward> = { type: 'forward', backends };
    if (filters.rewrite !== undefined) action.rewrite = filters.rewrite;
    if (timeouts !== undefined) Object.assign(action, timeouts);
    if (retry !== undefined) action.retry = retry;
    if (kept !== undefined) action.sessionPersistence = kept;
    return action;
  }

  /** What a backend asks for counts where it is the only one. */
  #sessionOf([only, ...more]: readonly WeightedBackend[]): SessionPersistence | undefined {
    if (only?.backend === undefined || more.length > 0) return undefined;
    return this.backends.find(({ backend }) => backend.name === only.backend)?.session;
  }

  #backendOf(ref: HTTPBackendRef, where: string, source: Source, rule: HTTPRouteRule): WeightedBackend | string {
    const filters = this.#readFilters(ref.filters, where, source, rule);
    if (filters.problem !== undefined) return filters.problem.message.replace(/^rules\[\d+\]\./, '');
    const weight = ref.weight ?? 1;
    if (!isWeight(weight)) return `${where.replace(/^rules\[\d+\]\./, '')}.weight ${weight} must be from 0 to 1000000`;
    const resolved = this.#resolve(ref, this.#kind === 'GRPCRoute' ? 'GRPC' : 'HTTP', where, rule);
    const own = backendFiltersOf(filters);
    const problem = filters.failure ?? ('backend' in resolved ? undefined : resolved.message);
    const isGood = problem === undefined && 'backend' in resolved;
    const made: Draft<WeightedBackend> = isGood
      ? { weight, backend: resolved.backend.name, source }
      : { weight, invalid: problem ?? '', source };
    if (own !== undefined) made.filters = own;
    return made;
  }
}

function routeOf(
  name: string,
  source: Source,
  match: HttpRoute['match'],
  filters: FilterSet,
  action: HttpAction,
): HttpRoute {
  return { name, source, match, ...besideAction(filters), action };
}

function besideAction(filters: FilterSet): Partial<HttpRoute> {
  const { requestHeaders, responseHeaders, cors, externalAuth, mirrors } = filters;
  const beside: Draft<Partial<HttpRoute>> = {};
  if (requestHeaders !== undefined) beside.requestHeaders = requestHeaders;
  if (responseHeaders !== undefined) beside.responseHeaders = responseHeaders;
  if (cors !== undefined) beside.cors = cors;
  if (externalAuth !== undefined) beside.externalAuth = externalAuth;
  if (mirrors !== undefined) beside.mirrors = mirrors;
  return beside;
}

function readTimeouts({
  timeouts,
}: HTTPRouteRule): { requestTimeoutMs?: number; backendTimeoutMs?: number } | undefined | string {
  if (timeouts === undefined) return undefined;
  const { request, backendRequest } = timeouts;
  const requestTimeoutMs = request === undefined ? undefined : durationMs(request);
  const backendTimeoutMs = backendRequest === undefined ? undefined : durationMs(backendRequest);
  if (request !== undefined && requestTimeoutMs === undefined)
    return `timeouts.request must be a duration as 10s, not ${request}`;
  if (backendRequest !== undefined && backendTimeoutMs === undefined) {
    return `timeouts.backendRequest must be a duration as 10s, not ${backendRequest}`;
  }
  return {
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(backendTimeoutMs === undefined ? {} : { backendTimeoutMs }),
  };
}

function readRetry({ retry, timeouts }: HTTPRouteRule): Retry | undefined | string {
  if (retry === undefined) return undefined;
  const { attempts = 1, codes = [], backoff } = retry;
  const backoffMs = backoff === undefined ? undefined : durationMs(backoff);
  if (backoff !== undefined && backoffMs === undefined)
    return `retry.backoff must be a duration as 100ms, not ${backoff}`;
  if (!Number.isInteger(attempts) || attempts < 0) return `retry.attempts ${attempts} must be a number from 0`;
  const wrong = codes.find((code) => !Number.isInteger(code) || code < 400 || code > 599);
  if (wrong !== undefined) return `retry.codes ${wrong} must be from 400 to 599`;
  if (attempts === 0) return undefined;
  return {
    attempts,
    ...(backoffMs === undefined ? {} : { backoffMs }),
    codes: [...codes].sort((a, b) => a - b),
    connectionErrors: true,
    backendTimeouts: timeouts?.backendRequest !== undefined,
  };
}
