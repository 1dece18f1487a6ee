import { randomUUID } from 'node:crypto';
import { type ConnectionUpgrade, header, type HttpRequest, type HttpResponse, type RequestContext } from './context.ts';
import { Life } from './life.ts';
import { type Negotiated, negotiate } from './media-type.ts';
import type { Handler } from './pipeline.ts';
import { decodePath, parseRequestInfo } from './request-info.ts';

/** Makes of what HTTP brings a request to Kubernetes' API: its verb and resource, how it is answered, and its id. */
export function receiver(
  serve: Handler,
  now: () => Date,
): (request: HttpRequest, response: HttpResponse, upgrade?: ConnectionUpgrade) => Promise<void> {
  return async (request, response, upgrade) => {
    const path = decodePath(pathOf(request));
    if (path === undefined) return refuseTarget(response);
    response.setHeader('audit-id', header(request, 'audit-id') || randomUUID());
    response.setHeader('cache-control', 'no-cache, private');
    const context = contextOf(request, response, path, now());
    await serve(upgrade === undefined ? context : { ...context, upgrade });
  };
}

function contextOf(request: HttpRequest, response: HttpResponse, path: string, now: Date): RequestContext {
  const method = request.method ?? 'GET';
  const query = new URLSearchParams((request.url ?? '').slice(pathOf(request).length));
  const accept = negotiate(header(request, 'accept'), { pretty: wantsPretty(request, query) });
  return {
    request,
    response,
    method,
    info: parseRequestInfo(method, path, query),
    query,
    user: { name: '', groups: [] },
    accept: accept ?? INDENTED,
    acceptable: accept !== undefined,
    now,
    warnings: [],
    annotations: new Map(),
    life: new Life(response),
  };
}

/** The part of the target before the query, still escaped. */
function pathOf(request: HttpRequest): string {
  const target = request.url ?? '/';
  const at = target.indexOf('?');
  return at < 0 ? target : target.slice(0, at);
}

/** What Go's HTTP server says to a target that is no URL, before anything of Kubernetes sees it. */
function refuseTarget(response: HttpResponse): void {
  response.writeHead(400, {
    'content-type': 'text/plain; charset=utf-8',
    ...(response.req.httpVersionMajor === 1 && { connection: 'close' }),
  });
  response.end('400 Bad Request');
}

/** How is answered what cannot be answered as asked. */
const INDENTED: Negotiated = { encoding: 'json', mediaType: 'application/json', pretty: true };

/** `?pretty=true`, and browsers and curl, which cannot ask for it otherwise. */
function wantsPretty(request: HttpRequest, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(header(request, 'user-agent') ?? '');
}
