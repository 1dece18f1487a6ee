import { isValidPathSegmentName, parseFieldSelector } from 'nekube/apimachinery';
import { type AuditSink, AuditTrail, BothTrails } from '../audit/trail.ts';
import type { ObjectReference } from '../audit/event.ts';
import type { AuditDecision } from '../audit/policy.ts';
import type { LiveAudit } from '../audit/live.ts';
import { sourceIps } from '../audit/source-ips.ts';
import { type AuthorizationAttributes, attributesOf } from '../authorization/authorizer.ts';
import { header, type RequestContext } from '../context.ts';
import { plainError } from '../errors.ts';
import type { Counter } from 'nekube/metrics';
import type { Filter } from '../pipeline.ts';
import { answerFailure } from './failures.ts';
import { isLongRunning } from './long-running.ts';

/** What is audited, and where it goes. */
export interface AuditOptions {
  readonly decide: (attributes: AuthorizationAttributes) => AuditDecision;
  readonly sink: AuditSink;
  readonly now: () => Date;
  readonly log: (line: string) => void;
  readonly metrics: Readonly<Record<'auditLevels' | 'auditRejections', Pick<Counter, 'add'>>>;
}

const MAX_AGENT_LENGTH = 1024;

/** Records what happens to a request further on, as the policy says. Without options nothing is recorded. */
export function withAudit(options: AuditOptions | undefined): Filter {
  if (options === undefined) return (context, next) => next(context);
  return async (context, next) => {
    const audit = trailOf(context, options, isLongRunning(context.info));
    if (audit === undefined) return next(context);
    if (!audit.emit('RequestReceived')) {
      options.metrics.auditRejections.add([]);
      throw plainError('failed to store audit event');
    }
    context.audit = context.audit === undefined ? audit : new BothTrails(context.audit, audit);
    try {
      await next(context);
    } catch (error) {
      answerFailure(context, error, options.log);
      if (isBug(error)) return void audit.panicked(error);
    }
    if (!audit.answered) {
      audit.responseStatus({ status: 'Success', message: 'Connection closed early' });
      audit.responseCode(200);
    }
    audit.emit('ResponseComplete');
  };
}

/** Records what happens further on for those who follow it now. Without any only what runs long is looked at. */
export function withLiveAudit(live: LiveAudit, options: Pick<AuditOptions, 'now' | 'log'>): Filter {
  const metrics = { auditLevels: UNCOUNTED, auditRejections: UNCOUNTED };
  const record = withAudit({ ...options, metrics, decide: (attributes) => live.decide(attributes), sink: live.sink });
  return (context, next) => (live.isFollowed || isLongRunning(context.info) ? record(context, next) : next(context));
}

/** Counters are of the log that the policy asks for. */
const UNCOUNTED = { add(): void {} };

/** True for what only a mistake in the server's own code throws. */
function isBug(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/**
 * Records a request that fails before it can be audited as others are: who made it is not known, or its options do
 * not hold. It has one event, when it is answered.
 */
export function auditFailure(context: RequestContext, options: AuditOptions | undefined, message: string): void {
  const audit = options && trailOf(context, options, true);
  if (audit === undefined) return;
  audit.responseStatus({ message });
  context.audit = audit;
}

function trailOf(context: RequestContext, options: AuditOptions, tellsStart: boolean): AuditTrail | undefined {
  const { request, response, user, info, now: received } = context;
  const attributes = attributesOf(user, info);
  const decision = options.decide(attributes);
  options.metrics.auditLevels.add([decision.level]);
  if (decision.level === 'None') return undefined;
  const agent = header(request, 'user-agent') ?? '';
  const event = {
    level: decision.level,
    auditID: String(response.getHeader('audit-id') ?? ''),
    requestURI: withoutTokens(request.url ?? ''),
    verb: info.verb,
    user,
    sourceIPs: sourceIps(
      header(request, 'x-forwarded-for'),
      header(request, 'x-real-ip'),
      request.socket?.remoteAddress,
    ),
    userAgent: agent.length > MAX_AGENT_LENGTH ? `${agent.slice(0, MAX_AGENT_LENGTH)}...TRUNCATED` : agent,
    ...(info.isResource && { objectRef: referenceOf(context) }),
    received,
    annotations: context.annotations,
  };
  return new AuditTrail(event, { decision, sink: options.sink, now: options.now, tellsStart });
}

function referenceOf({ info, query }: RequestContext): ObjectReference {
  return {
    resource: info.resource,
    namespace: info.namespace,
    name: info.name || selectedName(info.verb, query),
    uid: '',
    apiGroup: info.group,
    apiVersion: info.version,
    resourceVersion: '',
    subresource: info.subresource,
  };
}

/** The one object that a list or watch selects by its name. */
function selectedName(verb: string, query: URLSearchParams): string {
  const selector = query.get('fieldSelector');
  if (selector === null || (verb !== 'list' && verb !== 'watch')) return '';
  try {
    const name = parseFieldSelector(selector).exactMatch('metadata.name') ?? '';
    return isValidPathSegmentName(name).length === 0 ? name : '';
  } catch {
    return '';
  }
}

/** Tokens that somebody puts into a query are not for logs. */
function withoutTokens(target: string): string {
  return target.replace(/([?&](?:access_token|id_token|token)=)[^&]*/gi, '$1REDACTED');
}
