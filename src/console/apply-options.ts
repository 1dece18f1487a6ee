import { isJsonObject, type JsonObject, type JsonValue, newBadRequest } from 'nekube/apimachinery';
import { compilePolicies, type FieldDecision, isMalformedDecision, parseFieldDecision } from 'nekube/fieldpolicy';
import { type Configuration, type Decide, decideByPolicies, readPolicies } from 'nekube/ownership';
import { USER_AGENT } from './cluster.ts';
import type { PageRequest } from './endpoint.ts';

/** How an apply of a page is made. */
export interface ApplyOptions {
  readonly fieldManager: string;
  readonly fieldValidation: 'Strict';
  readonly decide: Decide;
  readonly signal: AbortSignal;
  /** What a plan is to say of policies that the user may not read. */
  readonly unread: readonly JsonObject[];
}

/**
 * How an apply is made: as the console, and policies decide before what the user forces field by field. Who may not read
 * policies applies without them, as by any other client: a server that heeds them does so by itself.
 *
 * @throws StatusError `BadRequest` for decisions that are none
 */
export async function applyOptions(
  { body, client, session: { person }, signal }: PageRequest,
  { metadata: { namespace } }: Configuration,
): Promise<ApplyOptions> {
  const decisions = decisionsIn(body);
  const user = { name: person.username, groups: person.groups };
  const hidden: string[] = [];
  const found = await readPolicies(client, {
    ...(namespace && { namespace }),
    signal,
    onForbidden: (kind) => hidden.push(kind),
  });
  const policies = compilePolicies(found);
  const decide = decideByPolicies({ policies, decisions, force: false, user, now: () => new Date() });
  const unread = hidden.length === 0 ? [] : [unreadWarning(hidden)];
  return { fieldManager: USER_AGENT, fieldValidation: 'Strict', decide, signal, unread };
}

function unreadWarning(kinds: readonly string[]): JsonObject {
  const message =
    `You may not list ${kinds.join(' or ')}, so that this is planned without what they decide; ` +
    'a server that heeds them decides by them all the same';
  return { type: 'PoliciesUnread', message, paths: [], facts: { kinds: kinds.join(', ') } };
}

/** The paths of `force`, and what `decide` says: `yield=.spec.replicas`. @throws StatusError `BadRequest` */
function decisionsIn(body: JsonValue | undefined): FieldDecision[] {
  const { force = [], decide = [] } = isJsonObject(body) ? body : {};
  if (!isTexts(force) || !isTexts(decide)) throw newBadRequest('force and decide must be lists of texts');
  return [...force.map((path) => `force=${path}`), ...decide].map((text) => {
    const decision = parseFieldDecision(text);
    if (isMalformedDecision(decision)) throw newBadRequest(`${decision.malformed}: ${decision.fix}`);
    return decision;
  });
}

function isTexts(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
