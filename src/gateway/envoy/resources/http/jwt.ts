import { anyOf, type Any, type Message } from 'nekube/xds';
import type { JwtAuthentication, JwtProvider } from '../../../model/index.ts';
import { duration, type Extension } from '../messages.ts';
import { instanceName } from './filter-names.ts';

type EnvoyProvider = Message<'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider'>;
type Requirement = Message<'envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement'>;

const REQUIREMENT = 'token';

/** A filter that asks for tokens; routes that ask for the same share it, and the keys that it fetches. */
export function jwtFilter(jwt: JwtAuthentication): Extension {
  return {
    name: instanceName('jwt', jwt),
    typed_config: anyOf('envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
      providers: Object.fromEntries(jwt.providers.map((each) => [each.name, provider(each)])),
      requirement_map: { [REQUIREMENT]: requirement(jwt) },
    }),
  };
}

/** What turns it on for a route. */
export function jwtOn(): Any {
  return anyOf('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', { requirement_name: REQUIREMENT });
}

function requirement({ providers, optional }: JwtAuthentication): Requirement {
  const any: Requirement[] = providers.map(({ name }) => ({ provider_name: name }));
  if (optional) any.push({ allow_missing: {} });
  return any.length === 1 && any[0] !== undefined ? any[0] : { requires_any: { requirements: any } };
}

/** The claims stand in the metadata under the provider's name, where rules of authorization look for them. */
function provider({ name, issuer, audiences, keys, from, claimToHeaders }: JwtProvider): EnvoyProvider {
  return {
    ...(issuer && { issuer }),
    ...(audiences?.length && { audiences }),
    ...keySource(keys),
    forward: true,
    payload_in_metadata: name,
    normalize_payload_in_metadata: { space_delimited_claims: ['scope'] },
    ...(from?.headers && {
      from_headers: from.headers.map((header) => ({
        name: header.name,
        ...(header.prefix && { value_prefix: header.prefix }),
      })),
    }),
    ...(from?.params && { from_params: from.params }),
    ...(from?.cookies && { from_cookies: from.cookies }),
    ...(claimToHeaders && {
      claim_to_headers: claimToHeaders.map(({ claim, header }) => ({ header_name: header, claim_name: claim })),
    }),
  };
}

function keySource(keys: JwtProvider['keys']): EnvoyProvider {
  if (keys.type === 'Local') return { local_jwks: { inline_string: keys.jwks } };
  return {
    remote_jwks: {
      http_uri: { uri: keys.uri, cluster: keys.backend, timeout: '10s' },
      cache_duration: duration(keys.cacheMs ?? 300_000),
      async_fetch: { fast_listener: true },
      retry_policy: {},
    },
  };
}
