import { ParseError } from 'nekube/apimachinery';

/** What a route is chosen by: a request without its body. */
export interface RequestHead {
  /** Upper case. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Of the authority: lower case, without a port. */
  readonly host: string;
  /** Where the client connects to. */
  readonly port: number;
  /** Begins with a slash; no query. */
  readonly path: string;
  /** Without the question mark; empty for none. */
  readonly query: string;
  /** Names in lower case; values of one name in the order of the request. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** What TLS asks for; absent: the host, unless that is an address. */
  readonly serverName?: string;
}

/** What a person says of a request, beside its URL. */
export interface RequestHeadOptions {
  readonly method?: string;
  /** `name: value`, as curl has them; `host` stands for the authority. */
  readonly headers?: readonly string[];
  readonly serverName?: string;
}

/**
 * The head of the request that a client makes for a URL.
 *
 * @throws ParseError for what is no absolute URL of http or https, and for a header without a colon
 */
export function requestHeadOf(url: string, options: RequestHeadOptions = {}): RequestHead {
  const parsed = parseUrl(url);
  const headers = parseHeaders(options.headers ?? []);
  const authority = headers.get('host')?.[0] ?? parsed.host;
  headers.delete('host');
  const scheme = parsed.protocol === 'https:' ? 'https' : 'http';
  const port = parsed.port === '' ? (scheme === 'https' ? 443 : 80) : Number(parsed.port);
  return {
    method: (options.method ?? 'GET').toUpperCase(),
    scheme,
    host: hostOf(authority),
    port,
    path: parsed.pathname,
    query: parsed.search.replace(/^\?/, ''),
    headers,
    ...(options.serverName === undefined ? {} : { serverName: options.serverName.toLowerCase() }),
  };
}

/**
 * Reads a request as it goes over the wire (`GET /path HTTP/1.1`, headers, an empty line), as files have it. Where it is sent is
 * its Host, or a whole URL in the first line.
 *
 * @throws ParseError with the line
 */
export function parseRequestFile(text: string, options: RequestHeadOptions = {}): RequestHead {
  const [first = '', ...rest] = text.split(/\r?\n/);
  const start = /^([A-Za-z]+) (\S+)(?: HTTP\/[0-9.]+)?\s*$/.exec(first);
  if (start === null) throw new ParseError('must be as in `GET /path HTTP/1.1`', { line: 1, sourceLine: first });
  const [, method = '', target = ''] = start;
  const end = rest.findIndex((line) => line.trim() === '');
  const lines = end === -1 ? rest : rest.slice(0, end);
  const wrong = lines.findIndex((line) => !/^[^:\s]+:/.test(line));
  if (wrong !== -1)
    throw new ParseError('a header must be as in `name: value`', { line: wrong + 2, sourceLine: lines[wrong]! });
  const headers = [...lines, ...(options.headers ?? [])];
  const host = headers
    .find((line) => /^host:/i.test(line))
    ?.replace(/^host:\s*/i, '')
    .trim();
  if (/^https?:\/\//i.test(target))
    return requestHeadOf(target, { ...options, method: options.method ?? method, headers });
  if (host === undefined)
    throw new ParseError('a header Host must say where the request goes, or line 1 have a whole URL');
  const url = `http://${host}${target.startsWith('/') ? '' : '/'}${target}`;
  return requestHeadOf(url, { ...options, method: options.method ?? method, headers });
}

function parseUrl(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`);
  } catch (cause) {
    throw new ParseError(`must be a URL as in https://shop.example/path, not ${JSON.stringify(url)}`, {}, { cause });
  }
  if (/^https?:$/.test(parsed.protocol) && parsed.hostname !== '') return parsed;
  throw new ParseError(`must be a URL of http or https, not of ${parsed.protocol.replace(':', '')}`);
}

function parseHeaders(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new ParseError(`a header must be as in \`name: value\`, not ${JSON.stringify(line)}`);
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}

/** An authority without its port, in lower case. */
export function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '').toLowerCase();
}

/** What TLS asks for: nothing where the host is an address (RFC 6066). */
export function serverNameOf(head: RequestHead): string | undefined {
  if (head.serverName !== undefined) return head.serverName;
  return /^[0-9.]+$|^\[/.test(head.host) ? undefined : head.host;
}
