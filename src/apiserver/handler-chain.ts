import type { Authentication } from './authentication/authentication.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { plainError } from './errors.ts';
import { type AuditOptions, withAudit, withLiveAudit } from './filters/audit.ts';
import { withFailures } from './filters/failures.ts';
import { withAuthentication, withAuthorization, withImpersonation } from './filters/identity.ts';
import { withLifetime } from './filters/lifetime.ts';
import { type Filter, type Handler, pipeline } from './pipeline.ts';
import { route } from './routes.ts';
import type { ServerDeps } from './server-deps.ts';
import type { ServerOptions } from './server-options.ts';

/** What a request meets on its way. */
export interface HandlerChainOptions {
  readonly authorizer: Authorizer;
  readonly authentication: Authentication;
  readonly deps: ServerDeps;
  readonly audit: AuditOptions | undefined;
  /** Bounds what is served at the same time. */
  readonly limit: Filter;
  readonly metrics: Filter;
  /** What others have put into the chain. */
  readonly filters: NonNullable<ServerOptions['filters']>;
  readonly requestTimeoutMs: number;
  readonly closing: AbortSignal;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** The way of a request through the server: kube-apiserver's DefaultBuildHandlerChain. */
export function handlerChain(options: HandlerChainOptions): Handler {
  const { authorizer, authentication, closing, now, log, audit, limit, metrics, requestTimeoutMs, filters, deps } =
    options;
  return pipeline(
    [
      metrics,
      ...(filters.first ? [filters.first] : []),
      withFailures(log),
      withLifetime({ maximumMs: requestTimeoutMs, closing, audit, log }),
      withAuthentication(authentication, { audit, log }),
      withLiveAudit(deps.liveAudit, { now, log }),
      withAudit(audit),
      withImpersonation(authorizer),
      ...(filters.identified ? [filters.identified] : []),
      limit,
      withAuthorization(authorizer),
    ],
    async (context) => {
      // what its time is over for has been answered, and is only to be audited
      if (context.life.isOver) throw plainError('context deadline exceeded');
      await route(context, deps);
    },
  );
}
