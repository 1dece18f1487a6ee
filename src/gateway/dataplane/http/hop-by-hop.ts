import type { HeaderList } from './header-list.ts';

/** What is about one connection, and not sent on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'upgrade',
]);
/** Without these a request is another one; no client may have a proxy take them away. */
const KEPT = new Set(['host', 'content-length', 'content-type', 'authorization', 'cookie', 'origin']);

/** What a message says of its connection. */
export interface ConnectionWords {
  readonly close: boolean;
  readonly keepAlive: boolean;
  /** The protocol that is asked for, or changed to; only where `Connection: upgrade` says so. */
  readonly upgrade: string | undefined;
}

const NOTHING: ConnectionWords = { close: false, keepAlive: false, upgrade: undefined };

/** Takes out of a message of HTTP/1 what is about its connection alone, and tells what that was. */
export function takeConnectionWords(headers: HeaderList): ConnectionWords {
  const { flat } = headers;
  let found = false;
  for (let i = 0; i < flat.length && !found; i += 2) found = HOP_BY_HOP.has(flat[i]!);
  if (!found) return NOTHING;
  const words = (headers.get('connection') ?? '')
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
  const upgrade = words.includes('upgrade') ? headers.get('upgrade') : undefined;
  const named = words.filter((word) => !KEPT.has(word));
  headers.filter((name) => !HOP_BY_HOP.has(name) && !named.includes(name));
  return { close: words.includes('close'), keepAlive: words.includes('keep-alive'), upgrade };
}

/** What HTTP/2 has no place for (RFC 9113, 8.2.2); `te: trailers` may stay. */
export function dropConnectionHeaders(headers: HeaderList): void {
  if (headers.first('te')?.toLowerCase() === 'trailers') {
    headers.filter((name) => name === 'te' || !HOP_BY_HOP.has(name));
  } else headers.filter((name) => !HOP_BY_HOP.has(name));
}
