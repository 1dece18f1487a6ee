import { compileRegexp } from 'nekube/apimachinery';
import { decode, encode } from 'nekube/xds';
import type { RateLimit, RouteSettings } from '../../model/index.ts';
import { offWire } from '../http/wire-text.ts';
import { addressBytes, addressText } from '../listeners/proxy-header.ts';
import type { Incoming } from './incoming.ts';
import type { Exchange } from './exchange.ts';
import { callGrpc, grpcHead } from './grpc-call.ts';

/** Part of what a service counts a request for. */
interface Entry {
  readonly key: string;
  readonly value: string;
}

const PATH = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';
/** As Envoy is told. */
const TIMEOUT_MS = 1000;

/** Asks the service that counts for all whether one more request may go on; who cannot be asked allows it, unless the policy says else. */
export function askRateLimit(
  exchange: Exchange,
  settings: NonNullable<RouteSettings['globalRateLimits']>,
  incoming: Incoming,
  allowed: () => void,
): void {
  const { backend, domain, limits, failClosed } = settings;
  const descriptors = limits
    .map((limit, i) => descriptorOf(limit, i, incoming))
    .filter((entries) => entries !== undefined);
  if (descriptors.length === 0) return allowed();
  const decided = (answer: Buffer | undefined): void =>
    exchange.guarded(() => {
      const code = answer && codeOf(answer);
      if (code === 'OVER_LIMIT') exchange.reply({ status: 429, headers: ['x-envoy-ratelimited', 'true'] });
      else if (code === undefined && failClosed === true) exchange.reply({ status: 500 });
      else allowed();
    });
  const cluster = exchange.plane.clusters.get(backend);
  if (cluster === undefined) return decided(undefined);
  const message = encode('envoy.service.ratelimit.v3.RateLimitRequest', {
    domain,
    descriptors: descriptors.map((entries) => ({ entries })),
  });
  exchange.onOver(callGrpc(cluster, grpcHead(incoming.authority, PATH), message, TIMEOUT_MS, decided));
}

/** What a request counts for, in the same words as Envoy has for it; undefined: the limit is not about it. */
export function descriptorOf(limit: RateLimit, index: number, { headers, client }: Incoming): Entry[] | undefined {
  const entries: Entry[] = [];
  for (const [position, one] of (limit.headers ?? []).entries()) {
    const key = `limit-${index}-header-${position}`;
    const bytes = headers.get(one.name.toLowerCase());
    if (bytes === undefined) return undefined;
    const value = offWire(bytes);
    if (one.type === 'Distinct') entries.push({ key, value });
    else if (one.type === 'Exact' ? value === one.value : compileRegexp(one.value).matches(value)) {
      entries.push({ key, value: 'match' });
    } else return undefined;
  }
  if (limit.clientCidr !== undefined) {
    const masked = maskedAddress(limit.clientCidr.cidr, client);
    if (masked === undefined) return undefined;
    entries.push({ key: 'masked_remote_address', value: masked });
    if (limit.clientCidr.distinct) entries.push({ key: 'remote_address', value: client });
  }
  return entries.length > 0 ? entries : [{ key: `limit-${index}`, value: 'all' }];
}

/** The client's network, as large as the one that is limited; undefined: it is of another family. */
function maskedAddress(cidr: string, client: string): string | undefined {
  const isV6 = client.includes(':');
  const [address = '', length = isV6 ? '128' : '32'] = cidr.split('/');
  if (address.includes(':') !== isV6) return undefined;
  const bytes = addressBytes(client);
  for (let i = 0; i < bytes.length; i++) {
    const kept = Math.min(8, Math.max(0, Number(length) - 8 * i));
    bytes[i]! &= (0xff << (8 - kept)) & 0xff;
  }
  return `${addressText(bytes)}/${length}`;
}

/** Undefined: it is nothing that can be understood. */
function codeOf(answer: Buffer): string | undefined {
  try {
    return decode('envoy.service.ratelimit.v3.RateLimitResponse', answer).overall_code;
  } catch {
    return undefined;
  }
}
