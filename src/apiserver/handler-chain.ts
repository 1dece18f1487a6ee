import { newNotAcceptable, type StatusError } from 'nekube/apimachinery';
import type { Authentication } from './authentication/authentication.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { header, type RequestContext } from './context.ts';
import { notAcceptable, plainError } from './errors.ts';
import { type AuditOptions, withAudit } from './filters/audit.ts';
import { withFailures } from './filters/failures.ts';
import { withAuthentication, withAuthorization, withImpersonation } from './filters/identity.ts';
import { withLifetime } from './filters/lifetime.ts';
import { OBJECT_MEDIA_TYPES, parseAccept } from './media-type.ts';
import { type Filter, type Handler, pipeline } from './pipeline.ts';
import { route } from './routes.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a request meets on its way. */
export interface HandlerChainOptions {
  readonly authorizer: Authorizer;
  readonly authentication: Authentication;
  readonly deps: ServerDeps;
  readonly audit: AuditOptions | undefined;
  /** Bounds what is served at the same time. */
  readonly limit: Filter;
  readonly metrics: Filter;
  readonly requestTimeoutMs: number;
  readonly closing: AbortSignal;
  readonly log: (line: string) => void;
}

/** The way of a request through the server: kube-apiserver's DefaultBuildHandlerChain. */
export function handlerChain(options: HandlerChainOptions): Handler {
  const { authorizer, authentication, closing, log, audit, limit, metrics, requestTimeoutMs } = options;
  return pipeline(
    [
      metrics,
      withFailures(log),
      withLifetime({ maximumMs: requestTimeoutMs, closing, audit, log }),
      withAuthentication(authentication, { audit, log }),
      withAudit(audit),
      withImpersonation(authorizer),
      limit,
      withAuthorization(authorizer),
    ],
    async (context) => {
      // what its time is over for has been answered, and is only to be audited
      if (context.life.isOver) throw plainError('context deadline exceeded');
      if (!context.acceptable && (context.info.isResource || isGroupPath(context.info.path)))
        throw refusedAccept(context);
      await route(context, options.deps);
    },
  );
}

/** 406: of the routes where no media type fits, of the negotiation where only the form that is asked for does not. */
function refusedAccept({ request, info }: RequestContext): StatusError {
  const types = Object.keys(OBJECT_MEDIA_TYPES);
  const known = parseAccept(header(request, 'accept')).some(
    ({ type }) => types.includes(type) || type === '*/*' || type === 'application/*',
  );
  return known
    ? newNotAcceptable(`only the following media types are accepted: ${types.join(', ')}`)
    : notAcceptable(['list', 'watch'].includes(info.verb) ? [...types, ...STREAM_TYPES] : types);
}

/** What routes of collections produce, too. */
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/** Versions of groups answer in the encodings of objects. */
function isGroupPath(path: string): boolean {
  return /^\/apis\/[^/]+\/[^/]+\/?$/.test(path) || path.startsWith('/api/v');
}
