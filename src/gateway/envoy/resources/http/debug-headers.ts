import { anyOf } from 'nekube/xds';
import { DEBUG_HEADERS, DEBUG_REQUEST } from '../../../model/debug-headers.ts';
import type { Extension } from '../messages.ts';

/** Sets headers of answers. */
export function answerHeaders(headers: Readonly<Record<string, string>>): Extension {
  const mutations = Object.entries(headers).map(([key, value]) => ({
    append: { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const },
  }));
  const config = anyOf('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: { response_mutations: mutations },
  });
  return { name: 'envoy.filters.http.header_mutation', typed_config: config };
}

/** Tells requests that ask how their answers came about: the filter is passed over for others. */
export function debugFilter(chain: string): Extension {
  const told = answerHeaders({
    [DEBUG_HEADERS.listener]: chain.replaceAll('%', '%%'),
    [DEBUG_HEADERS.route]: '%ROUTE_NAME%',
    [DEBUG_HEADERS.backend]: '%UPSTREAM_CLUSTER%',
    [DEBUG_HEADERS.endpoint]: '%UPSTREAM_HOST%',
  });
  const input = anyOf('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: DEBUG_REQUEST.name });
  const asks = {
    single_predicate: {
      input: { name: 'header', typed_config: input },
      value_match: { exact: DEBUG_REQUEST.value },
    },
  };
  const skip = anyOf('envoy.extensions.filters.common.matcher.action.v3.SkipFilter', {});
  const on_match = { action: { name: 'skip', typed_config: skip } };
  const config = anyOf('envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: told,
    xds_matcher: { matcher_list: { matchers: [{ predicate: { not_matcher: asks }, on_match }] } },
  });
  return { name: 'envoy.filters.http.match_delegate', typed_config: config };
}
