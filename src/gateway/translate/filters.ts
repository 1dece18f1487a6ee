import type {
  BackendFilters,
  CorsFilter,
  ExternalAuth,
  HeaderChange,
  Mirror,
  Redirect,
  Rewrite,
  Source,
} from '../model/index.ts';
import { isHeaderName, isHeaderValue, isOfConnection, isPreciseHostname, isPort } from './checks.ts';
import type { BackendProblem, ResolvedBackend, Speech } from './backends.ts';
import type { Draft } from './draft.ts';
import type {
  BackendReference,
  CorsFilterSpec,
  ExternalAuthSpec,
  HeaderFilter,
  MirrorFilter,
  PathModifier,
  RouteFilter,
} from './resources.ts';

/** What a rule or backendRef does with requests beside sending them on. */
export interface FilterSet extends BackendFilters {
  /** The rule cannot be: it is left out. */
  readonly problem?: { readonly reason: 'UnsupportedValue' | 'IncompatibleFilters'; readonly message: string };
  /** What the rule asks for cannot be done, and must not be skipped: all requests are answered with 500. */
  readonly failure?: string;
}

/** What filters need to know of where they stand. */
export interface FilterContext {
  readonly where: string;
  readonly source: Source;
  /** Of the listener. */
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Whether all matches of the rule are of prefixes. */
  readonly prefixOnly: boolean;
  /** Which filters there are for this kind of route. */
  readonly allowed: readonly string[];
  /** Finds a backend, and notes what is wrong with it. */
  readonly backend: (ref: BackendReference, speech: Speech) => ResolvedBackend | BackendProblem;
  /** Notes what a filter refers to that is not there. */
  readonly unresolved: (reason: string, message: string) => void;
}

const REPEATABLE = new Set(['RequestMirror', 'ExtensionRef']);

/** Reads the filters of a rule or backendRef. */
export function readFilters(filters: readonly RouteFilter[], context: FilterContext): FilterSet {
  const set: Draft<FilterSet> = {};
  const seen = new Set<string>();
  for (const [index, filter] of filters.entries()) {
    const type = filter.type ?? '';
    const where = `${context.where}.filters[${index}]`;
    if (!context.allowed.includes(type)) return refused('UnsupportedValue', `${where}: type ${type} is not known here`);
    if (seen.has(type) && !REPEATABLE.has(type))
      return refused('IncompatibleFilters', `${where}: ${type} may stand once`);
    seen.add(type);
    const problem = readFilter(set, filter, { ...context, where });
    if (problem !== undefined) return refused('UnsupportedValue', `${where}: ${problem}`);
  }
  if (set.redirect !== undefined && set.rewrite !== undefined) {
    return refused('IncompatibleFilters', `${context.where}: RequestRedirect and URLRewrite exclude each other`);
  }
  return set;
}

function refused(reason: 'UnsupportedValue' | 'IncompatibleFilters', message: string): FilterSet {
  return { problem: { reason, message } };
}

/** Returns what is wrong. */
function readFilter(set: Draft<FilterSet>, filter: RouteFilter, context: FilterContext): string | undefined {
  switch (filter.type) {
    case 'RequestHeaderModifier':
      set.requestHeaders = headerChangeOf(filter.requestHeaderModifier);
      return headerProblem(set.requestHeaders);
    case 'ResponseHeaderModifier':
      set.responseHeaders = headerChangeOf(filter.responseHeaderModifier);
      return headerProblem(set.responseHeaders);
    case 'RequestRedirect':
      return readRedirect(set, filter.requestRedirect ?? {}, context);
    case 'URLRewrite':
      return readRewrite(set, filter.urlRewrite ?? {}, context);
    case 'RequestMirror':
      readMirror(set, filter.requestMirror ?? {}, context);
      return undefined;
    case 'CORS':
      set.cors = corsOf(filter.cors ?? {});
      return undefined;
    case 'ExternalAuth':
      return readExternalAuth(set, filter.externalAuth ?? {}, context);
    default: {
      const ref = filter.extensionRef;
      const message = `${context.where}: ${ref?.kind ?? 'extensionRef'} ${ref?.name ?? ''} is no filter that is known here: leave it out`;
      context.unresolved('InvalidKind', message);
      set.failure = message;
      return undefined;
    }
  }
}

function headerProblem({ set = [], add = [], remove = [] }: HeaderChange): string | undefined {
  const given = add.length === 0 ? set : [...set, ...add];
  const name = given.find((one) => !isHeaderName(one.name))?.name ?? remove.find((one) => !isHeaderName(one));
  if (name !== undefined) return `${JSON.stringify(name)} is no name of a header`;
  const value = given.find((one) => !isHeaderValue(one.value));
  if (value !== undefined) return `the value of ${value.name} must be a text without control characters`;
  const own = given.find((one) => isOfConnection(one.name));
  return own === undefined ? undefined : `${own.name} says how messages go over a connection: leave it out`;
}

/** Of a name that stands several times the first counts. */
export function headerChangeOf({ set, add, remove }: HeaderFilter = {}): HeaderChange {
  const change: Draft<HeaderChange> = {};
  if (set !== undefined && set.length > 0) change.set = firstsOf(set);
  if (add !== undefined && add.length > 0) change.add = firstsOf(add);
  if (remove !== undefined && remove.length > 0) change.remove = remove;
  return change;
}

function firstsOf(list: NonNullable<HeaderFilter['set']>): NonNullable<HeaderChange['set']> {
  const [only] = list;
  if (only !== undefined && list.length === 1) return [{ name: only.name, value: only.value }];
  const found = new Map<string, { readonly name: string; readonly value: string }>();
  for (const { name, value } of list) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, { name, value });
  }
  return [...found.values()];
}

function readRedirect(
  set: Draft<FilterSet>,
  spec: NonNullable<RouteFilter['requestRedirect']>,
  context: FilterContext,
): string | undefined {
  const { scheme, hostname, statusCode = 302 } = spec;
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    return `scheme ${scheme} is not known: use http or https`;
  if (![301, 302, 303, 307, 308].includes(statusCode))
    return `statusCode ${statusCode} is not one of 301, 302, 303, 307, 308`;
  if (hostname !== undefined && !isPreciseHostname(hostname)) return `hostname ${hostname} is none`;
  if (spec.port !== undefined && !isPort(spec.port)) return `port ${spec.port} must be from 1 to 65535`;
  const path = pathOf(spec.path, context.prefixOnly);
  if (typeof path === 'string') return path;
  const port = redirectPort(spec, context);
  set.redirect = {
    type: 'redirect',
    statusCode,
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
  };
  return undefined;
}

/** The standard port of a scheme is not told. */
function redirectPort(
  { scheme, port }: NonNullable<RouteFilter['requestRedirect']>,
  context: FilterContext,
): number | undefined {
  const standard = (scheme ?? context.scheme) === 'https' ? 443 : 80;
  const chosen = port ?? (scheme === undefined ? context.port : standard);
  return chosen === standard ? undefined : chosen;
}

function readRewrite(
  set: Draft<FilterSet>,
  spec: NonNullable<RouteFilter['urlRewrite']>,
  context: FilterContext,
): string | undefined {
  if (spec.hostname !== undefined && !isPreciseHostname(spec.hostname)) return `hostname ${spec.hostname} is none`;
  const path = pathOf(spec.path, context.prefixOnly);
  if (typeof path === 'string') return path;
  set.rewrite = {
    ...(spec.hostname === undefined ? {} : { hostname: spec.hostname }),
    ...(path === undefined ? {} : { path }),
  };
  return undefined;
}

function pathOf(modifier: PathModifier | undefined, prefixOnly: boolean): Rewrite['path'] | string {
  if (modifier === undefined) return undefined;
  const { type, replaceFullPath, replacePrefixMatch } = modifier;
  if (!isHeaderValue(replaceFullPath ?? '') || !isHeaderValue(replacePrefixMatch ?? ''))
    return 'path must be a text without control characters';
  if (type === 'ReplaceFullPath') return { type, value: replaceFullPath ?? '/' };
  if (type !== 'ReplacePrefixMatch') return `path.type ${type} is not known: use ReplaceFullPath or ReplacePrefixMatch`;
  if (!prefixOnly)
    return 'path.type ReplacePrefixMatch needs matches of type PathPrefix only: there is no prefix to replace';
  const value = (replacePrefixMatch ?? '').replace(/\/+$/, '');
  return { type, value: value === '' ? '/' : value };
}

function readMirror(set: Draft<FilterSet>, spec: MirrorFilter, context: FilterContext): void {
  if (spec.backendRef === undefined) return;
  const resolved = context.backend(spec.backendRef, context.allowed.includes('URLRewrite') ? 'HTTP' : 'GRPC');
  if (!('backend' in resolved)) return;
  const fraction =
    spec.percent === undefined
      ? spec.fraction && { numerator: spec.fraction.numerator ?? 0, denominator: spec.fraction.denominator ?? 100 }
      : { numerator: spec.percent, denominator: 100 };
  const mirror: Mirror = {
    backend: resolved.backend.name,
    source: context.source,
    ...(fraction === undefined ? {} : { fraction }),
  };
  set.mirrors = [...(set.mirrors ?? []), mirror];
}

function corsOf(spec: CorsFilterSpec): CorsFilter {
  return {
    allowOrigins: spec.allowOrigins ?? [],
    ...(spec.allowCredentials === undefined ? {} : { allowCredentials: spec.allowCredentials }),
    allowMethods: spec.allowMethods ?? [],
    allowHeaders: spec.allowHeaders ?? [],
    exposeHeaders: spec.exposeHeaders ?? [],
    maxAgeSeconds: spec.maxAge ?? 5,
  };
}

function readExternalAuth(set: Draft<FilterSet>, spec: ExternalAuthSpec, context: FilterContext): string | undefined {
  const { protocol, backendRef, grpc, http, forwardBody } = spec;
  if (protocol !== 'GRPC' && protocol !== 'HTTP') return `protocol ${protocol} is not known: use GRPC or HTTP`;
  if (backendRef === undefined) return 'backendRef must name the service that decides';
  const resolved = context.backend(backendRef, protocol);
  if (!('backend' in resolved)) {
    set.failure = `${context.where}: ${resolved.message}`;
    return undefined;
  }
  set.externalAuth = externalAuthOf(protocol, resolved.backend.name, context.source, { grpc, http, forwardBody });
  return undefined;
}

/** How a service is asked, by what a filter says. */
export function externalAuthOf(
  protocol: 'GRPC' | 'HTTP',
  backend: string,
  source: Source,
  { grpc, http, forwardBody }: Pick<ExternalAuthSpec, 'grpc' | 'http' | 'forwardBody'>,
): ExternalAuth {
  const headers = protocol === 'GRPC' ? grpc?.allowedHeaders : http?.allowedHeaders;
  const answered = http?.allowedResponseHeaders ?? [];
  return {
    backend,
    source,
    protocol,
    ...(protocol === 'HTTP' && (http?.path ?? '') !== '' ? { path: http?.path } : {}),
    ...(headers === undefined || headers.length === 0 ? {} : { allowedHeaders: headers }),
    ...(protocol === 'HTTP' && answered.length > 0 ? { allowedResponseHeaders: answered } : {}),
    ...((forwardBody?.maxSize ?? 0) > 0 ? { forwardBodyBytes: forwardBody?.maxSize } : {}),
  } as ExternalAuth;
}

/** The filters that a backendRef may have, as the model has them. */
export function backendFiltersOf(set: FilterSet): BackendFilters | undefined {
  if (isEmpty(set)) return undefined;
  const { problem: _problem, failure: _failure, ...filters } = set;
  return isEmpty(filters) ? undefined : (filters satisfies BackendFilters as BackendFilters & { redirect?: Redirect });
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
