import { isIP } from 'node:net';
import type { ClientSettings } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';

/** Where a request came from. */
export interface Arrival {
  /** The address of who connected. */
  readonly peer: string;
  readonly scheme: 'http' | 'https';
}

/** What only a proxy may say, and clients are not believed: Envoy takes the same from them. */
const NOT_OF_CLIENTS = new Set([
  'x-forwarded-client-cert',
  ...(
    'decorator-operation downstream-service-cluster downstream-service-node expected-rq-timeout-ms force-trace ' +
    'hedge-on-per-try-timeout internal ip-tags max-retries original-host original-path original-url ' +
    'retriable-header-names retriable-status-codes retry-grpc-on retry-on upstream-alt-stat-name ' +
    'upstream-rq-per-try-timeout-ms upstream-rq-timeout-alt-response upstream-rq-timeout-ms'
  )
    .split(' ')
    .map((name) => `x-envoy-${name}`),
]);

/**
 * Says to the backend for whom it is asked, as Envoy does at the edge: the peer is added to X-Forwarded-For, and what clients
 * claim of the scheme counts only behind trusted proxies. What is no address says nothing of a client.
 *
 * @returns the address of the client, by what is trusted; undefined if a header that must say it does not
 */
export function markForwarded(
  headers: HeaderList,
  { peer, scheme }: Arrival,
  setting: ClientSettings['clientAddress'],
): string | undefined {
  const before = headers.get('x-forwarded-for');
  headers.set('x-forwarded-for', before === undefined ? peer : `${before},${peer}`);
  const hops = setting !== undefined && 'trustedHops' in setting ? setting.trustedHops : 0;
  if (hops === 0 || !headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', scheme);
  headers.filter((name) => !NOT_OF_CLIENTS.has(name));
  if (setting !== undefined && 'header' in setting) {
    return addressIn(headers.first(setting.header.toLowerCase())) ?? (setting.required ? undefined : peer);
  }
  if (hops === 0 || before === undefined) return peer;
  const list = before.split(',');
  return addressIn(list[list.length - hops]) ?? peer;
}

function addressIn(text: string | undefined): string | undefined {
  const address = text?.trim();
  return address !== undefined && isIP(address) !== 0 ? address : undefined;
}
