import type { AuthorizationAttributes } from '../authorization/authorizer.ts';
import { eventJson, type StagedEvent } from './event.ts';
import type { AuditDecision } from './policy.ts';

/**
 * Where requests can be followed as they come: audit events, one line of JSON each, until the client goes away. It is a path of nekube's
 * own, which is in no index; kube-apiserver has none. Who may read it is up to authorization.
 */
export const LIVE_AUDIT_PATH = '/debug/audit';

/** Whoever grants rights, or signs, is asked for what it grants: bodies of others are never recorded, since secrets are in them. */
const WITH_BODIES = new Set(['rbac.authorization.k8s.io', 'certificates.k8s.io']);
const READS = new Set(['get', 'list', 'watch']);

const NOTHING: AuditDecision = { level: 'None', omitStages: new Set(['RequestReceived']), omitManagedFields: true };
const METADATA: AuditDecision = { ...NOTHING, level: 'Metadata' };
const REQUEST: AuditDecision = { ...NOTHING, level: 'Request' };

/** Requests for those who follow them, and those that were there before: what runs long is known from its beginning. */
export class LiveAudit {
  readonly #open = new Map<string, StagedEvent>();
  readonly #followers = new Set<(event: StagedEvent) => void>();

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  /** What is recorded of a request: who asked for what, and of grants and signatures the body as well. */
  decide({ apiGroup, verb, resourceRequest, path }: AuthorizationAttributes): AuditDecision {
    if (!resourceRequest && path === LIVE_AUDIT_PATH) return NOTHING;
    return WITH_BODIES.has(apiGroup) && !READS.has(verb) ? REQUEST : METADATA;
  }

  /** Gets the events; never refuses one. */
  readonly sink = (event: StagedEvent): true => {
    const { auditID } = event.event;
    if (event.stage === 'ResponseStarted') this.#open.set(auditID, event);
    else this.#open.delete(auditID);
    for (const take of this.#followers) take(event);
    return true;
  };

  /** Tells of what is open, and then of all that comes; gives what ends that. */
  follow(take: (event: StagedEvent) => void): () => void {
    for (const event of this.#open.values()) take(event);
    this.#followers.add(take);
    return () => void this.#followers.delete(take);
  }
}

/**
 * What a follower gets: an event a line.
 *
 * @param user empty for all; else what others read is left out, which says nothing of the user's rights
 */
export function lineFor({ event, stage, time }: StagedEvent, user: string): string {
  const isOwn = [event.user.name, event.impersonatedUser?.name].includes(user);
  if (user !== '' && !isOwn && READS.has(event.verb)) return '';
  return `${eventJson({ event, stage, time })}\n`;
}
