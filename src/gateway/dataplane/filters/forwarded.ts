import type { ClientSettings } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';

/** Where a request came from. */
export interface Arrival {
  /** The address of who connected. */
  readonly peer: string;
  readonly scheme: 'http' | 'https';
}

/**
 * Says to the backend for whom it is asked, as Envoy does at the edge: the peer is added to X-Forwarded-For, and what clients
 * claim of the scheme counts only behind trusted proxies. X-Forwarded-Client-Cert is ours to say, and we do not.
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
  headers.delete('x-forwarded-client-cert');
  if (setting !== undefined && 'header' in setting) {
    return headers.first(setting.header.toLowerCase())?.trim() ?? (setting.required ? undefined : peer);
  }
  if (hops === 0 || before === undefined) return peer;
  const list = before.split(',').map((one) => one.trim());
  return list[list.length - hops] ?? peer;
}
