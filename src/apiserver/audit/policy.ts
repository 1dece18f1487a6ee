import type { AuthorizationAttributes } from '../authorization/authorizer.ts';

/** How much of a request is recorded, from nothing to both bodies. */
export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';

/** When an event is made: on arrival, when a long answer begins, at the end, or when the server failed. */
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

/** All of them, in the order in which they are named in messages. */
export const AUDIT_LEVELS: readonly AuditLevel[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
/** All of them, in the order in which they are named in messages. */
export const AUDIT_STAGES: readonly AuditStage[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** Resources of a group (audit.k8s.io/v1 GroupResources); no resources are all, `*` is any. */
export interface GroupResources {
  readonly group: string;
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

/** audit.k8s.io/v1 PolicyRule: an empty list matches everything. */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly GroupResources[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly AuditStage[];
  /** Overrides the policy's. */
  readonly omitManagedFields?: boolean;
}

/** audit.k8s.io/v1 Policy: the first rule that matches a request says what is recorded of it. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

/** What is to be recorded of one request. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Tells of each request what is to be recorded: nothing, where no rule matches. */
export function auditEvaluator(policy: AuditPolicy): (attributes: AuthorizationAttributes) => AuditDecision {
  const rules = policy.rules.map((rule) => ({
    rule,
    decision: {
      level: rule.level,
      omitStages: new Set([...policy.omitStages, ...rule.omitStages]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
    },
  }));
  const { omitManagedFields } = policy;
  const otherwise: AuditDecision = { level: 'None', omitStages: new Set(policy.omitStages), omitManagedFields };
  return (attributes) => rules.find(({ rule }) => matches(rule, attributes))?.decision ?? otherwise;
}

function matches(rule: AuditRule, attributes: AuthorizationAttributes): boolean {
  const { user, verb } = attributes;
  if (rule.users.length > 0 && !rule.users.includes(user.name)) return false;
  if (rule.userGroups.length > 0 && !user.groups.some((group) => rule.userGroups.includes(group))) return false;
  if (rule.verbs.length > 0 && !rule.verbs.includes(verb)) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) return matchesResource(rule, attributes);
  return rule.nonResourceURLs.length === 0 || matchesPath(rule, attributes);
}

function matchesPath({ nonResourceURLs }: AuditRule, { resourceRequest, path }: AuthorizationAttributes): boolean {
  if (resourceRequest) return false;
  return nonResourceURLs.some(
    (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))),
  );
}

function matchesResource(rule: AuditRule, attributes: AuthorizationAttributes): boolean {
  if (!attributes.resourceRequest) return false;
  if (rule.namespaces.length > 0 && !rule.namespaces.includes(attributes.namespace)) return false;
  return rule.resources.length === 0 || rule.resources.some((wanted) => matchesGroup(wanted, attributes));
}

function matchesGroup(wanted: GroupResources, attributes: AuthorizationAttributes): boolean {
  const { apiGroup, resource, subresource, name } = attributes;
  if (wanted.group !== apiGroup && wanted.group !== '*') return false;
  if (wanted.resources.length === 0) return true;
  if (wanted.resourceNames.length > 0 && !wanted.resourceNames.includes(name)) return false;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return wanted.resources.some(
    (one) =>
      one === whole || one === '*' || (subresource !== '' && one === `*/${subresource}`) || one === `${resource}/*`,
  );
}
