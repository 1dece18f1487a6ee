import { compileRegexp } from 'nekube/apimachinery';
import { decode, encode } from 'nekube/xds';
import type { RateLimit, RouteSettings } from '../../model/index.ts';
import { HeaderList } from '../http/header-list.ts';
import { offWire } from '../http/wire-text.ts';
import { addressBytes, addressText } from '../listeners/proxy-header.ts';
import { type Asked, ask } from './ask.ts';
import type { Incoming } from './incoming.ts';
import type { Exchange } from './exchange.ts';

/** Part of what a service counts a request for. */
interface Entry {
  readonly key: string;
  readonly value: string;
}

const PATH = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';
/** Longer than Envoy waits (20 ms), since here a busy process waits with it. */
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
  const decided = (asked: Asked | undefined): void =>
    exchange.guarded(() => {
      const code = codeOf(asked);
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
  const headers = new HeaderList(['content-type', 'application/grpc', 'te', 'trailers']);
  const request = { method: 'POST', authority: incoming.authority, path: PATH, headers };
  exchange.onOver(ask(cluster, request, framed(message), TIMEOUT_MS, decided));
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

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Undefined: nothing was answered that could be understood. */
function codeOf(asked: Asked | undefined): string | undefined {
  if (asked?.status !== 200 || asked.body.length < 5 || asked.body[0] !== 0) return undefined;
  try {
    const message = asked.body.subarray(5, 5 + asked.body.readUInt32BE(1));
    return decode('envoy.service.ratelimit.v3.RateLimitResponse', message).overall_code;
  } catch {
    return undefined;
  }
}
