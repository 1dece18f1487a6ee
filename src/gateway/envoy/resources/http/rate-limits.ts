import { anyOf, type Any, type Message } from 'nekube/xds';
import type { RateLimit, RouteSettings } from '../../../model/index.ts';
import { type Extension } from '../messages.ts';
import { grpcService } from '../grpc-service.ts';
import { instanceName } from './filter-names.ts';
import { stringMatch } from './route-match.ts';

type Action = Message<'envoy.config.route.v3.RateLimit.Action'>;
type Entry = { readonly key: string; readonly value?: string };
type Described = { readonly entry: Entry; readonly action: Action };
type GlobalRateLimits = NonNullable<RouteSettings['globalRateLimits']>;
type Bucket = Message<'envoy.type.v3.TokenBucket'>;

const ENABLED = { default_value: { numerator: 100, denominator: 'HUNDRED' } } as const;
const SECONDS = { Second: 1, Minute: 60, Hour: 3600, Day: 86_400 } as const;
/** Of each value that a limit counts for itself, the last that many are remembered. */
const REMEMBERED = 10_000;
/** As the embedded data plane has it. By itself Envoy gives up after 20 ms, in which a busy service answers nobody: it would count for nothing. */
const SERVICE_TIMEOUT = '1s';

/**
 * Limits that Envoy itself counts, for a route. What has no condition is the route's own bucket; each other limit is a
 * descriptor, which a request has if it fits.
 */
export function localRateLimits(limits: readonly RateLimit[]): Any {
  const plain = limits.filter((limit) => !isConditional(limit));
  const conditional = limits.filter(isConditional);
  return anyOf('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
    stat_prefix: 'http_local_rate_limiter',
    token_bucket: plain.reduce<Bucket>(
      (least, limit) => (rate(bucket(limit)) < rate(least) ? bucket(limit) : least),
      UNLIMITED,
    ),
    filter_enabled: ENABLED,
    filter_enforced: ENABLED,
    ...(conditional.length > 0 && {
      descriptors: conditional.map((limit, index) => ({
        entries: entriesOf(limit, index),
        token_bucket: bucket(limit),
      })),
      rate_limits: conditional.map((limit, index) => ({ actions: actionsOf(limit, index) })),
      max_dynamic_descriptors: REMEMBERED,
      always_consume_default_token_bucket: plain.length > 0,
    }),
  });
}

/** The filter that asks the service; routes of the same service and domain share it. */
export function globalRateLimitFilter({ backend, domain, failClosed }: GlobalRateLimits): Extension {
  return {
    name: instanceName('globalRateLimit', [backend, domain, failClosed]),
    typed_config: anyOf('envoy.extensions.filters.http.ratelimit.v3.RateLimit', {
      domain,
      timeout: SERVICE_TIMEOUT,
      rate_limit_service: {
        grpc_service: grpcService(backend),
        transport_api_version: 'V3',
      },
      failure_mode_deny: failClosed === true,
      enable_x_ratelimit_headers: 'DRAFT_VERSION_03',
    }),
  };
}

/** The descriptors of a route; how much each may, the service knows by its own configuration. */
export function globalRateLimits(limits: readonly RateLimit[]): Any {
  return anyOf('envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute', {
    rate_limits: limits.map((limit, index) => ({ actions: actionsOf(limit, index) })),
  });
}

const UNLIMITED: Bucket = { max_tokens: 4_294_967_295, tokens_per_fill: 4_294_967_295, fill_interval: '1s' };

function bucket({ requests, per }: RateLimit): Bucket {
  return { max_tokens: requests, tokens_per_fill: requests, fill_interval: `${SECONDS[per]}s` };
}

function rate({ tokens_per_fill: tokens = 0, fill_interval: interval = '1s' }: Bucket): number {
  return tokens / Number.parseFloat(interval);
}

function isConditional({ headers, clientCidr }: RateLimit): boolean {
  return Boolean(headers?.length) || clientCidr !== undefined;
}

/** The entries of a limit's descriptor; without a value it is one bucket for each value. */
function entriesOf(limit: RateLimit, index: number): Entry[] {
  return descriptor(limit, index).map(({ entry }) => entry);
}

function actionsOf(limit: RateLimit, index: number): Action[] {
  return descriptor(limit, index).map(({ action }) => action);
}

function descriptor({ headers, clientCidr }: RateLimit, index: number): Described[] {
  const parts: Described[] = (headers ?? []).map((header, position) => {
    const key = `limit-${index}-header-${position}`;
    return header.type === 'Distinct'
      ? distinctHeader(key, header.name)
      : headerValue(key, header.name, stringMatch(header));
  });
  if (clientCidr !== undefined) parts.push(...client(clientCidr));
  if (parts.length > 0) return parts;
  const key = `limit-${index}`;
  return [{ entry: { key, value: 'all' }, action: { generic_key: { descriptor_key: key, descriptor_value: 'all' } } }];
}

function distinctHeader(key: string, name: string) {
  return { entry: { key }, action: { request_headers: { header_name: name.toLowerCase(), descriptor_key: key } } };
}

function headerValue(key: string, name: string, match: ReturnType<typeof stringMatch>) {
  const headers = [{ name: name.toLowerCase(), string_match: match }];
  const action = {
    header_value_match: { descriptor_key: key, descriptor_value: 'match', expect_match: true, headers },
  };
  return { entry: { key, value: 'match' }, action };
}

/** Envoy has the network of an address as the descriptor's value, so one of the same length is compared with it. */
function client({ cidr, distinct }: NonNullable<RateLimit['clientCidr']>): Described[] {
  const [address = '', length = address.includes(':') ? '128' : '32'] = cidr.split('/');
  const isV6 = address.includes(':');
  const key = 'masked_remote_address';
  const mask = isV6 ? { v6_prefix_mask_len: Number(length) } : { v4_prefix_mask_len: Number(length) };
  const network = { entry: { key, value: `${address}/${length}` }, action: { masked_remote_address: mask } };
  return distinct ? [network, { entry: { key: 'remote_address' }, action: { remote_address: {} } }] : [network];
}
