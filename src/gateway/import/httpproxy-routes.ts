import type { JsonObject } from 'nekube/apimachinery';
import { backendRef, headerFilter, type ProxyContext } from './httpproxy.ts';
import type { Reading } from './reading.ts';

/** Conditions of a route or an inclusion. */
export interface ProxyConditions {
  readonly prefix?: string;
  readonly exact?: string;
  readonly regex?: string;
  readonly headers: readonly JsonObject[];
  readonly queryParams: readonly JsonObject[];
  /** One of them cannot be said, and without it too much would match. */
  readonly impossible?: true;
}

/** Reads conditions, and tells of those that have no equivalent. */
export function readConditions(conditions: Reading, context: ProxyContext): ProxyConditions {
  let read: ProxyConditions = { headers: [], queryParams: [] };
  for (const condition of conditions.items()) {
    const prefix = condition.at('prefix').text();
    const exact = condition.at('exact').text();
    const regex = condition.at('regex').text();
    const header = valueCondition(condition.at('header'), context);
    const param = valueCondition(condition.at('queryParameter'), context);
    const impossible = header === undefined || param === undefined || read.impossible === true;
    read = {
      prefix: prefix ?? read.prefix,
      exact: exact ?? read.exact,
      regex: regex ?? read.regex,
      headers: [...read.headers, ...(header ?? [])],
      queryParams: [...read.queryParams, ...(param ?? [])],
      ...(impossible && { impossible }),
    };
  }
  return read;
}

function valueCondition(value: Reading, { collector, source }: ProxyContext): readonly JsonObject[] | undefined {
  if (!value.isThere) return [];
  const name = value.at('name').text() ?? '';
  const forms: readonly (readonly [string, (text: string) => JsonObject])[] = [
    ['exact', (text) => ({ type: 'Exact', name, value: text })],
    ['regex', (text) => ({ type: 'RegularExpression', name, value: text })],
    ['contains', (text) => ({ type: 'RegularExpression', name, value: `.*${quoted(text)}.*` })],
    ['prefix', (text) => ({ type: 'RegularExpression', name, value: `${quoted(text)}.*` })],
    ['suffix', (text) => ({ type: 'RegularExpression', name, value: `.*${quoted(text)}` })],
  ];
  const found = forms.flatMap(([member, make]) => {
    const text = value.at(member).text();
    return text === undefined ? [] : [make(text)];
  });
  if (value.at('present').flag() === true) found.push({ type: 'RegularExpression', name, value: '.*' });
  if (found.length === 0) {
    value.take();
    collector.find(
      source,
      value.path,
      'error',
      `only what is there can be matched, not what is said of ${name}; what it is a condition of is left out`,
    );
  }
  return found.length === 0 ? undefined : found;
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Conditions of inclusions, from the outermost, and of the route: prefixes follow each other. */
export function mergeConditions(conditions: readonly ProxyConditions[]): ProxyConditions {
  return conditions.reduce((outer, inner) => ({
    ...outer,
    ...inner,
    prefix: joined(outer.prefix, inner.prefix),
    ...(inner.exact !== undefined && { exact: joined(outer.prefix, inner.exact) }),
    ...(inner.regex !== undefined && { regex: `${quoted(outer.prefix?.replace(/\/$/, '') ?? '')}${inner.regex}` }),
    headers: [...outer.headers, ...inner.headers],
    queryParams: [...outer.queryParams, ...inner.queryParams],
  }));
}

function joined(outer: string | undefined, inner: string | undefined): string | undefined {
  if (outer === undefined || inner === undefined) return inner ?? outer;
  return `${outer}/${inner}`.replace(/\/{2,}/g, '/');
}

/** The match of a route; undefined where there can be none. */
export function matchOf(
  conditions: ProxyConditions,
  route: Reading,
  { collector, source }: ProxyContext,
): JsonObject | undefined {
  const { prefix = '/', exact, regex, headers, queryParams, impossible } = conditions;
  if (impossible === true) {
    // why has been told where the condition stands
    route.take();
    return undefined;
  }
  const names = headers.map(({ name }) => String(name).toLowerCase());
  if (new Set(names).size !== names.length) {
    collector.find(source, route.path, 'error', 'a header can be matched once alone; the route is left out');
    route.take();
    return undefined;
  }
  const path =
    exact !== undefined
      ? { type: 'Exact', value: exact }
      : regex !== undefined
        ? { type: 'RegularExpression', value: regex }
        : { type: 'PathPrefix', value: prefix.length > 1 ? prefix.replace(/\/+$/, '') : prefix };
  if (path.type === 'PathPrefix' && prefix !== '/' && !prefix.endsWith('/')) {
    collector.find(
      source,
      `${route.path}.conditions`,
      'changed',
      `${prefix} was a prefix of texts; now it is by whole elements, as all of Gateway API`,
    );
  }
  return {
    path,
    ...(headers.length > 0 && { headers: [...headers] }),
    ...(queryParams.length > 0 && { queryParams: [...queryParams] }),
  };
}

/** The filters of a route. */
export function routeFilters(
  route: Reading,
  context: ProxyContext,
  namespace: string | undefined,
): readonly (JsonObject & { readonly type: string })[] {
  const mirrors = route
    .at('services')
    .items()
    .filter((service) => service.at('mirror').flag() === true)
    .map((service) => {
      const { weight, ...reference } = backendRef(service, namespace);
      return {
        type: 'RequestMirror',
        requestMirror: { backendRef: reference, ...(weight !== undefined && { percent: weight }) },
      };
    });
  const filters: JsonObject[] = [
    ...headerFilter('RequestHeaderModifier', 'requestHeaderModifier', route.at('requestHeadersPolicy')),
    ...headerFilter('ResponseHeaderModifier', 'responseHeaderModifier', route.at('responseHeadersPolicy')),
    ...rewriteFilter(route.at('pathRewritePolicy'), context),
    ...redirectFilter(route.at('requestRedirectPolicy')),
    ...mirrors,
  ];
  // they are on in Envoy and in nekube's data plane alike
  route.at('enableWebsockets').flag();
  return filters as (JsonObject & { readonly type: string })[];
}

function rewriteFilter(policy: Reading, { collector, source }: ProxyContext): JsonObject[] {
  const [first, ...more] = policy.at('replacePrefix').items();
  if (first === undefined) return [];
  first.at('prefix').text();
  const replacePrefixMatch = first.at('replacement').text() ?? '/';
  for (const other of more) {
    other.take();
    collector.find(source, other.path, 'dropped', 'a rule has one prefix that is replaced: the first counts');
  }
  return [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch } } }];
}

function redirectFilter(policy: Reading): JsonObject[] {
  if (!policy.isThere) return [];
  const [scheme, hostname, path, prefix] = ['scheme', 'hostname', 'path', 'prefix'].map((name) =>
    policy.at(name).text(),
  );
  const port = policy.at('port').number();
  const statusCode = policy.at('statusCode').number() ?? 302;
  const replaced: JsonObject =
    path !== undefined
      ? { path: { type: 'ReplaceFullPath', replaceFullPath: path } }
      : prefix !== undefined
        ? { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: prefix } }
        : {};
  const requestRedirect = {
    ...(scheme !== undefined && { scheme }),
    ...(hostname !== undefined && { hostname }),
    ...(port !== undefined && { port }),
    ...replaced,
    statusCode,
  };
  return [{ type: 'RequestRedirect', requestRedirect }];
}
