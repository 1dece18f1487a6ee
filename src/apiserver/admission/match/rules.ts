import type { AdmissionAttributes } from '../../admission.ts';

/** Which operations on which resources something is about (`admissionregistration/v1.RuleWithOperations`). */
export interface RuleWithOperations {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  /** `pods`, `pods/*`, `*` + `/scale`, `*`, `*` + `/*`. */
  readonly resources?: readonly string[];
  /** `Cluster`, `Namespaced` or `*`, the default. */
  readonly scope?: string;
  /** Of policies: only these objects. */
  readonly resourceNames?: readonly string[];
}

/** A resource in one version, as rules name it. */
export interface RuleResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Configurations of admission are not admitted by what they configure: nobody could mend them. */
const EXEMPT_KINDS = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/** Whether a request is one that webhooks and policies are never asked about. */
export function isExempt({ kind }: AdmissionAttributes): boolean {
  return kind.group === 'admissionregistration.k8s.io' && EXEMPT_KINDS.has(kind.kind);
}

/** Whether a rule is about a request, were it to the given resource. */
export function ruleMatches(
  rule: RuleWithOperations,
  attributes: Pick<AdmissionAttributes, 'operation' | 'subresource' | 'namespace'>,
  resource: RuleResource,
): boolean {
  return (
    matchesScope(rule.scope ?? '*', attributes.namespace, resource) &&
    includes(rule.operations, attributes.operation) &&
    includes(rule.apiGroups, resource.group) &&
    includes(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((named) => matchesResource(named, resource.resource, attributes.subresource))
  );
}

function includes(names: readonly string[] | undefined, wanted: string): boolean {
  return names?.some((name) => name === '*' || name === wanted) ?? false;
}

/** A namespace is of the cluster, though requests for it have its name for their namespace. */
function matchesScope(scope: string, namespace: string, { group, version, resource }: RuleResource): boolean {
  if (scope === '*') return true;
  const ofCluster = (group === '' && version === 'v1' && resource === 'namespaces') || namespace === '';
  return scope === 'Cluster' ? ofCluster : scope === 'Namespaced' && !ofCluster;
}

function matchesResource(named: string, resource: string, subresource: string): boolean {
  const slash = named.indexOf('/');
  const [main, sub] = slash < 0 ? [named, ''] : [named.slice(0, slash), named.slice(slash + 1)];
  return (main === '*' || main === resource) && (sub === '*' || sub === subresource);
}
