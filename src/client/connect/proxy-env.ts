import { BlockList, isIP } from 'node:net';

/** Variables of the environment. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy through which a URL is reached, as Go reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY; undefined for none. This
 * machine itself is never reached through one.
 *
 * @throws RangeError if the variable has no proxy in it
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const https = url.protocol === 'https:';
  // a CGI program gets the header Proxy of whoever asks as HTTP_PROXY
  const variable = https ? 'HTTPS_PROXY' : env.REQUEST_METHOD === undefined ? 'HTTP_PROXY' : undefined;
  const value = variable === undefined ? undefined : valueOf(env, variable);
  const port = Number(url.port || (https ? 443 : 80));
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!value || isThisMachine(host) || isExempt(host, port, valueOf(env, 'NO_PROXY') ?? '')) return undefined;
  return proxyUrl(value, variable!);
}

/** A proxy as written; without a scheme it is one of HTTP. @throws RangeError that does not repeat it: it may have a password */
export function proxyUrl(text: string, source: string): URL {
  const written = /^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^(https?|socks5h?):$/.test(url.protocol))
    throw new RangeError(`${source} must be a URL of http, https or socks5`);
  return url;
}

function valueOf(env: Env, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()];
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Entries are `*`, addresses and ranges of them, and domains: `a.b` with what is below, `.a.b` only what is below. */
function isExempt(host: string, port: number, list: string): boolean {
  return list.split(',').some((text) => {
    const entry = text.trim().toLowerCase();
    if (entry === '') return false;
    return (
      entry === '*' || (isIP(host) > 0 ? isAddressIn(host, port, entry) : isNameIn(host.toLowerCase(), port, entry))
    );
  });
}

function isAddressIn(host: string, port: number, entry: string): boolean {
  const [net, bits] = entry.split('/');
  if (bits !== undefined) return isIP(net!) === isIP(host) && /^\d+$/.test(bits) && isInRange(host, net!, Number(bits));
  const [address, only] = splitPort(entry);
  return address === host && (only === undefined || only === port);
}

function isInRange(host: string, net: string, bits: number): boolean {
  const family = isIP(host) === 4 ? 'ipv4' : 'ipv6';
  if (bits > (family === 'ipv4' ? 32 : 128)) return false;
  const range = new BlockList();
  range.addSubnet(net, bits, family);
  return range.check(host, family);
}

function isNameIn(host: string, port: number, entry: string): boolean {
  const [written, only] = splitPort(entry);
  if (only !== undefined && only !== port) return false;
  const domain = written.startsWith('*.') ? written.slice(1) : written;
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function splitPort(entry: string): readonly [host: string, port: number | undefined] {
  if (isIP(entry) > 0) return [entry, undefined];
  const found = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry)!;
  return [found[1]!, found[2] === undefined ? undefined : Number(found[2])];
}
