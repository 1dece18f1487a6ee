import { anyOf, type Any } from 'nekube/xds';
import type { ApiKeyAuthentication, BasicAuthentication } from '../../../model/index.ts';
import type { Extension } from '../messages.ts';
import { instanceName } from './filter-names.ts';

/** The filter that asks for a name and a password. Who may, each route says. */
export function basicAuthFilter({ forwardUsernameHeader: header }: BasicAuthentication): Extension {
  return {
    name: instanceName('basicAuth', header ?? ''),
    typed_config: anyOf('envoy.extensions.filters.http.basic_auth.v3.BasicAuth', {
      users: { inline_string: NOBODY },
      ...(header && { forward_username_header: header }),
    }),
  };
}

/** No password has this hash; Envoy wants to know somebody. */
const NOBODY = 'nobody:{SHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA=';

/** Who may. */
export function basicAuthOn({ users }: BasicAuthentication): Any {
  return anyOf('envoy.extensions.filters.http.basic_auth.v3.BasicAuthPerRoute', {
    users: { inline_string: users.reveal() },
  });
}

/** The filter that asks for a key. Which keys there are, each route says. */
export function apiKeyFilter(): Extension {
  return {
    name: instanceName('apiKey', ''),
    typed_config: anyOf('envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth', {}),
  };
}

/** Which keys there are. */
export function apiKeysOn({ keys, from, forwardClientIdHeader, sanitize }: ApiKeyAuthentication): Any {
  return anyOf('envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuthPerRoute', {
    credentials: Object.entries(keys)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([client, key]) => ({ key: key.reveal(), client })),
    key_sources: from.map(({ header, param, cookie }) => ({
      ...(header && { header }),
      ...(param && { query: param }),
      ...(cookie && { cookie }),
    })),
    ...((forwardClientIdHeader || sanitize) && {
      forwarding: {
        ...(forwardClientIdHeader && { header: forwardClientIdHeader }),
        hide_credentials: sanitize === true,
      },
    }),
  });
}
