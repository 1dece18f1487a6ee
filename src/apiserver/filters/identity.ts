import { goQuote } from 'nekube/apimachinery';
import type { TLSSocket } from 'node:tls';
import { authenticate, type Authentication } from '../authentication/authentication.ts';
import { attributesOf, type Authorizer, type Decision } from '../authorization/authorizer.ts';
import { escapeHtml, forbiddenRequest } from '../authorization/forbidden.ts';
import { annotate, header, type HttpRequest, type RequestContext } from '../context.ts';
import { Impersonator, isImpersonation } from '../authentication/impersonation.ts';
import { type AuditOptions, auditFailure } from './audit.ts';
import { answerFailure } from './failures.ts';
import type { Awaitable } from 'nekube/storage';
import type { Filter, Handler } from '../pipeline.ts';
import { sendText } from '../respond.ts';
import type { UserInfo } from '../user.ts';

const DECISION = 'authorization.k8s.io/decision';
const REASON = 'authorization.k8s.io/reason';

/** Finds out who makes the request; audits those where that fails. */
export function withAuthentication(authentication: Authentication, options: FailureOptions): Filter {
  const refuse = (context: RequestContext, error: unknown): void => {
    auditFailure(context, options.audit, attemptOf(context));
    answerFailure(context, error, options.log);
  };
  return (context, next) => {
    const passOn = (user: UserInfo): Promise<void> => {
      context.user = user;
      return next(context);
    };
    let user: Awaitable<UserInfo>;
    try {
      user = authenticate(context, authentication);
    } catch (error) {
      return Promise.resolve(refuse(context, error));
    }
    return user instanceof Promise ? user.then(passOn, (error) => refuse(context, error)) : passOn(user);
  };
}

/** What becomes of requests that fail on the way. */
export interface FailureOptions {
  readonly audit: AuditOptions | undefined;
  readonly log: (line: string) => void;
}

/** By which means somebody tried to authenticate, as the audit event says it. */
function attemptOf({ request, query }: RequestContext): string {
  const [scheme = '', ...rest] = (header(request, 'authorization') ?? '').trim().split(' ');
  const methods = [
    ...(scheme.toLowerCase() === 'basic' && isBasic(rest.join(' ')) ? ['basic'] : []),
    ...(scheme.toLowerCase() === 'bearer' && rest.length > 0 ? ['bearer'] : []),
    ...((query.get('access_token') ?? '').trim() === '' ? [] : ['access_token']),
    ...(hasCertificate(request) ? ['x509'] : []),
  ];
  if (methods.length > 0) return `Authentication failed, attempted: ${methods.join(', ')}`;
  return 'Authentication failed, no credentials provided';
}

function isBasic(text: string): boolean {
  return Buffer.from(text, 'base64').toString('utf8').includes(':');
}

function hasCertificate(request: HttpRequest): boolean {
  const socket = request.socket as Partial<TLSSocket> | undefined;
  return Object.keys(socket?.getPeerCertificate?.() ?? {}).length > 0;
}

/** Makes the request that of the user whom its Impersonate headers name. */
export function withImpersonation(authorizer: Authorizer): Filter {
  const impersonator = new Impersonator(authorizer);
  const act = async (context: RequestContext, next: Handler): Promise<void> => {
    const impersonated = await impersonator.impersonate(context.request, attributesOf(context.user, context.info));
    if (impersonated !== undefined) {
      context.audit?.impersonated(impersonated.user, impersonated.constraint);
      context.user = impersonated.user;
    }
    return next(context);
  };
  return (context, next) => (isImpersonation(context.request) ? act(context, next) : next(context));
}

/** Lets pass only what the user may do. */
export function withAuthorization(authorizer: Authorizer): Filter {
  return (context, next) => {
    const attributes = attributesOf(context.user, context.info);
    const settle = ({ decision, reason, error }: Decision): Promise<void> => {
      const allowed = decision === 'allow';
      if (allowed || error === undefined) annotate(context, DECISION, allowed ? 'allow' : 'forbid');
      annotate(context, REASON, allowed || error === undefined ? reason : 'internal error');
      if (allowed) return next(context);
      if (error === undefined) throw forbiddenRequest(attributes, reason);
      return Promise.resolve(sendInternalError(context, error));
    };
    const decision = authorizer.authorize(attributes);
    return decision instanceof Promise ? decision.then(settle) : settle(decision);
  };
}

/** What is said, as text, where it cannot be known whether the request is allowed. */
function sendInternalError(context: RequestContext, error: string): void {
  const text = `Internal Server Error: ${goQuote(context.request.url ?? '')}: ${error}`;
  context.response.setHeader('x-content-type-options', 'nosniff');
  sendText(context, 500, `${escapeHtml(text)}\n`);
}
