import { isIP } from 'node:net';
import { CliError } from './io.ts';

/** Where a server listens. Port 0 takes a free one. */
export interface ListenAddress {
  /** A host name or an IP address without brackets; empty: every address of the machine. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST:PORT`, `[IPV6]:PORT` or `:PORT`.
 *
 * @throws CliError naming the forms, for anything else
 */
export function parseListenAddress(text: string): ListenAddress {
  const found = readAddress(text);
  if (found !== undefined) return found;
  throw new CliError(`Cannot listen on ${JSON.stringify(text)}: it is no address`, {
    hint: 'give HOST:PORT, as in 127.0.0.1:6443, [::1]:6443 or 127.0.0.1:0 for a free port',
  });
}

/** The host and port of an address in these forms; undefined for anything else. */
export function readAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  const [, v6, name = '', digits = ''] = match ?? [];
  const port = Number(digits);
  if (match === null || port > 65535 || (v6 !== undefined && isIP(v6) !== 6)) return undefined;
  return { host: v6 ?? name, port };
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatAddress({ host, port }: ListenAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** True for an address that means every address of the machine. */
export function isUnspecified(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}
