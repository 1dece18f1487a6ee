import { anyOf, type Any, type Message } from 'nekube/xds';
import type { AuthorizationRule, RouteSettings } from '../../../model/index.ts';
import { cidrRange } from '../cidr.ts';

type Predicate = Message<'xds.type.matcher.v3.Matcher.MatcherList.Predicate'>;
type OnMatch = Message<'xds.type.matcher.v3.Matcher.OnMatch'>;
type Authorization = NonNullable<RouteSettings['authorization']>;

/** The filter that refuses, for a route: rules are asked in turn, and the first that fits decides. */
export function authorizationRules({ rules, defaultAction }: Authorization): Any {
  return anyOf('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', {
    rbac: {
      matcher: {
        ...(rules.length > 0 && {
          matcher_list: {
            matchers: rules.map((rule) => ({
              predicate: allOf(conditions(rule)),
              on_match: decision(rule.name, rule.action),
            })),
          },
        }),
        on_no_match: decision('default', defaultAction),
      },
    },
  });
}

function decision(name: string, action: 'Allow' | 'Deny'): OnMatch {
  const typed = anyOf('envoy.config.rbac.v3.Action', { name, ...(action === 'Deny' && { action: 'DENY' }) });
  return { action: { name, typed_config: typed } };
}

function conditions(rule: AuthorizationRule): Predicate[] {
  const all: Predicate[] = [];
  if (rule.clientCidrs?.length) all.push(clientIn(rule.clientCidrs));
  if (rule.methods?.length) all.push(header(':method', rule.methods));
  for (const { name, values } of rule.headers ?? []) all.push(header(name.toLowerCase(), values));
  const jwt = rule.jwt;
  for (const scope of jwt?.scopes ?? []) all.push(claim(jwt?.provider ?? '', ['scope'], [scope]));
  for (const { name, values } of jwt?.claims ?? []) all.push(claim(jwt?.provider ?? '', name.split('.'), values));
  return all;
}

/** With no condition everything fits: every request has a path. */
function allOf(predicates: Predicate[]): Predicate {
  const [first, second] = predicates;
  if (first === undefined) return headerMatches(':path', { prefix: '/' });
  return second === undefined ? first : { and_matcher: { predicate: predicates } };
}

function anyOfThem(predicates: Predicate[]): Predicate {
  const [first, second] = predicates;
  return first !== undefined && second === undefined ? first : { or_matcher: { predicate: predicates } };
}

function header(name: string, values: readonly string[]): Predicate {
  return anyOfThem(values.map((value) => headerMatches(name, { exact: value })));
}

function headerMatches(name: string, value_match: { exact: string } | { prefix: string }): Predicate {
  const input = anyOf('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: name });
  return { single_predicate: { input: { name: 'header', typed_config: input }, value_match } };
}

function clientIn(cidrs: readonly string[]): Predicate {
  return {
    single_predicate: {
      input: {
        name: 'client_ip',
        typed_config: anyOf('envoy.extensions.matching.common_inputs.network.v3.SourceIPInput', {}),
      },
      custom_match: {
        name: 'ip_matcher',
        typed_config: anyOf('envoy.extensions.matching.input_matchers.ip.v3.Ip', {
          stat_prefix: 'client_ip',
          cidr_ranges: cidrs.map(cidrRange),
        }),
      },
    },
  };
}

/** A claim may be a text or a list of texts. */
function claim(provider: string, path: readonly string[], values: readonly string[]): Predicate {
  const input = anyOf('envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput', {
    filter: 'envoy.filters.http.jwt_authn',
    path: [provider, ...path].map((key) => ({ key })),
  });
  return anyOfThem(
    values.flatMap((value) => [
      matchedBy(input, { string_match: { exact: value } }),
      matchedBy(input, oneOfList(value)),
    ]),
  );
}

function oneOfList(value: string) {
  return { list_match: { one_of: { string_match: { exact: value } } } };
}

function matchedBy(input: Any, value: Message<'envoy.type.matcher.v3.ValueMatcher'>): Predicate {
  const matcher = anyOf('envoy.extensions.matching.input_matchers.metadata.v3.Metadata', { value });
  return {
    single_predicate: {
      input: { name: 'claim', typed_config: input },
      custom_match: { name: 'claim', typed_config: matcher },
    },
  };
}
