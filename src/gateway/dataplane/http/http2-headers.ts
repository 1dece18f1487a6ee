import { constants, type Http2Stream, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { HeaderList } from './header-list.ts';
import { dropConnectionHeaders } from './hop-by-hop.ts';

/** Headers of HTTP/2 as they came, without those of the protocol (`:path`); crumbs of cookies are joined (RFC 9113, 8.2.3). */
export function fromHttp2(raw: readonly string[]): HeaderList {
  const list = new HeaderList();
  let cookies = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.charCodeAt(0) === 0x3a) continue;
    if (name === 'cookie') cookies++;
    list.append(name, raw[i + 1]!);
  }
  if (cookies > 1) {
    const crumbs = list.flat.filter((_, i) => i % 2 === 1 && list.flat[i - 1] === 'cookie');
    list.set('cookie', crumbs.join('; '));
  }
  return list;
}

/** The raw form of headers that come as an object. */
export function rawOf(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
    return values.flatMap((one) => [name, String(one)]);
  });
}

/** Headers as `node:http2` takes them: of a name with several values a list. */
export function toHttp2(pseudo: OutgoingHttpHeaders, headers: HeaderList): OutgoingHttpHeaders {
  const object: OutgoingHttpHeaders = Object.assign(Object.create(null), pseudo);
  const { flat } = headers;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!;
    const value = flat[i + 1]!;
    const there = object[name];
    if (there === undefined) object[name] = value;
    else if (Array.isArray(there)) there.push(value);
    else if (!SINGLE.has(name)) object[name] = [String(there), value];
  }
  return object;
}

/** Sends trailers when a stream wants them; one that cannot say them is broken off, so that nobody takes it for whole. */
export function sendTrailers(stream: Http2Stream, trailers: HeaderList | undefined): void {
  if (stream.destroyed) return;
  try {
    stream.sendTrailers(trailersToHttp2(trailers));
  } catch {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

/** Trailers as `node:http2` takes them, which throws for what is about a connection alone; none end a stream as well. */
function trailersToHttp2(trailers: HeaderList | undefined): OutgoingHttpHeaders {
  if (trailers === undefined) return {};
  const kept = trailers.clone();
  dropConnectionHeaders(kept);
  return toHttp2({}, kept);
}

/** Those of which `node:http2` sends only one. */
const SINGLE = new Set(
  (
    'access-control-allow-credentials access-control-max-age access-control-request-method age authorization ' +
    'content-encoding content-language content-length content-location content-md5 content-range content-type date dnt ' +
    'etag expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location ' +
    'max-forwards proxy-authorization range referer retry-after tk upgrade-insecure-requests user-agent x-content-type-options'
  ).split(' '),
);
