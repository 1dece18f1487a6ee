import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { lookup } from 'node:dns/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { newBadRequest, newFailure } from 'nekube/apimachinery';
import type { RequestContext } from '../context.ts';
import { writeHead } from '../respond.ts';
import { answeredHeaders, ask, type Backend, dialProblem, forwardedHeaders, setHeaders } from './backend.ts';
import { proxyUpgrade, wantsUpgrade } from './upgrade.ts';

/** Headers of an answer that are about the page that asks, and not the backend's to say. */
export const CORS_HEADERS: readonly string[] = ['credentials', 'headers', 'methods', 'origin'].map(
  (name) => `access-control-allow-${name}`,
);

/**
 * Hands a request on to a backend and its answer back, as Go's reverse proxy does; links to the backend's own paths lead
 * through the proxy again.
 *
 * @param path the backend's path, not escaped; empty for none, which is redirected to `/`
 * @throws StatusError ServiceUnavailable if the backend cannot be reached
 */
export async function proxy(context: RequestContext, place: Backend, path: string): Promise<void> {
  if (wantsUpgrade(context) && context.upgrade !== undefined) {
    // the query of the request goes no further: kube-apiserver's habit
    return proxyUpgrade(context, { ...place, url: withPath(place.url, path, '') });
  }
  const asked = context.info.path;
  const whole = !path.endsWith('/') && asked.endsWith('/') ? `${path}/` : path;
  const target = context.request.url ?? '';
  const search = target.includes('?') ? target.slice(target.indexOf('?')) : '';
  if (whole === '' && (context.method === 'GET' || context.method === 'HEAD')) return redirect(context, asked, search);
  const prefix = asked.endsWith(whole) ? asked.slice(0, asked.length - whole.length) : asked;
  const backend = { ...place, url: withPath(place.url, whole, search) };
  const response = await request(context, backend, prefix);
  await answer(context, response, backend.url, prefix);
}

async function request(context: RequestContext, backend: Backend, prefix: string): Promise<IncomingMessage> {
  const { request: received, method, life } = context;
  const headers = forwardedHeaders(received, { upgrade: false });
  headers['x-forwarded-uri'] = `${prefix.replace(/\/+$/, '')}${backend.url.pathname}`;
  const hasBody = received.headers['content-length'] !== undefined || 'transfer-encoding' in received.headers;
  const streams = hasBody || (method !== 'GET' && method !== 'HEAD' && received.httpVersionMajor === 2);
  return ask(backend, {
    method,
    headers,
    signal: life.signal,
    ...(streams && { body: received as unknown as Readable }),
  }).catch((error: unknown) => {
    const why = dialProblem(error, backend);
    const failure = newFailure(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);
    failure.cause = error;
    throw failure;
  });
}

async function answer(context: RequestContext, response: IncomingMessage, url: URL, prefix: string): Promise<void> {
  const headers = answeredHeaders(response);
  for (const name of CORS_HEADERS) delete headers[name];
  const { location } = response.headers;
  if (location !== undefined) headers.location = [throughProxy(location, url, context, prefix)];
  setHeaders(context, headers);
  writeHead(context, response.statusCode ?? 502, {});
  if ('flushHeaders' in context.response) context.response.flushHeaders();
  await pipeline(response, context.response as unknown as NodeJS.WritableStream).catch(() => response.destroy());
}

/** Where a redirect of the backend's leads, as seen from outside; what leads elsewhere stays. */
function throughProxy(location: string, backend: URL, { request }: RequestContext, prefix: string): string {
  if (!URL.canParse(location, backend.href) || (!location.startsWith('/') && !/^[a-z]+:\/\//i.test(location)))
    return location;
  const to = new URL(location, backend.href);
  if (to.host !== backend.host && to.host !== (request.headers.host ?? '')) return location;
  return `${to.pathname.startsWith(prefix) ? '' : prefix.replace(/\/+$/, '')}${to.pathname}${to.search}${to.hash}`;
}

function redirect(context: RequestContext, path: string, search: string): void {
  writeHead(context, 301, { location: `${path}/${search}` });
  context.response.end();
}

/** The URL of a backend with a path that is not escaped. */
function withPath(base: URL, path: string, search: string): URL {
  const url = new URL(base.href);
  url.pathname = encodeURI(path).replace(/[?#]/g, encodeURIComponent);
  url.search = search;
  return url;
}

/** Refuses addresses that are none of a network: this machine's own, and those of links. @throws StatusError BadRequest */
export async function checkProxyable(host: string): Promise<void> {
  const addresses =
    isIP(host) === 0
      ? await lookup(host, { all: true }).catch(() => {
          throw newBadRequest(`lookup ${host}: no such host`);
        })
      : [{ address: host }];
  if (addresses.some(({ address }) => !isGlobalUnicast(address))) throw newBadRequest('address not allowed');
}

/** As Go has it: private addresses are, those of this machine, of links and of many are not. */
export function isGlobalUnicast(ip: string): boolean {
  if (isIP(ip) === 4) {
    const [first = 0, second = 0] = ip.split('.').map(Number);
    return !(first === 127 || first >= 224 || (first === 169 && second === 254) || ip === '0.0.0.0');
  }
  return isIP(ip) === 6 && !/^(::1?$|fe[89ab]|ff)/i.test(ip);
}
