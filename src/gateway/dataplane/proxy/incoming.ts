import { randomUUID } from 'node:crypto';
import { hostOf, normalizePath } from '../../matching/index.ts';
import { markForwarded } from '../filters/forwarded.ts';
import { changeHeaders } from '../filters/header-change.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { Claims } from '../jwt/token.ts';
import type { RoutedRequest } from '../router/index.ts';
import type { Exchange } from './exchange.ts';

/** A request with what is known of it before its route is. */
export interface Incoming extends RoutedRequest {
  readonly headers: HeaderList;
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** The client's address, by what is trusted. */
  readonly client: string;
  /** Of its tokens, by provider. */
  readonly claims?: ReadonlyMap<string, Claims>;
}

/** What every request has done to it; undefined if it was answered. */
export function arrive(exchange: Exchange, peer: string): Incoming | undefined {
  const { stream, chain } = exchange;
  const { method, authority, path: target, headers } = stream.request;
  const { scheme, port, settings } = chain;
  // of a host or a whole server (CONNECT, `OPTIONS *`) no route is
  if (!target.startsWith('/')) {
    exchange.reply({ status: 404 });
    return undefined;
  }
  const normal = normalizePath(target, settings?.path);
  if (normal.type === 'bad') exchange.reply({ status: 400 });
  if (normal.type === 'redirect') exchange.reply({ status: 307, headers: ['location', normal.location] });
  if (normal.type !== 'path') return undefined;
  const client = markForwarded(headers, { peer, scheme }, settings?.clientAddress);
  if (client === undefined) {
    exchange.reply({ status: 403 });
    return undefined;
  }
  headers.set('x-request-id', randomUUID());
  if (settings?.requestHeaders !== undefined) changeHeaders(headers, settings.requestHeaders);
  const { path, query } = normal;
  return { method, authority, host: hostOf(authority), path, query, headers, scheme, port, client };
}
