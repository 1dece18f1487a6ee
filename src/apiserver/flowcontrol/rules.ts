import type { RequestInfo } from '../request-info.ts';
import type { UserInfo } from '../user.ts';

/** A subject of a FlowSchema's rule. */
export interface FlowSubject {
  readonly kind: string;
  readonly user?: { readonly name: string };
  readonly group?: { readonly name: string };
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
}

/** One of a FlowSchema's rules: who, and what of. */
export interface FlowRule {
  readonly subjects?: readonly FlowSubject[];
  readonly resourceRules?: readonly {
    readonly verbs?: readonly string[];
    readonly apiGroups?: readonly string[];
    readonly resources?: readonly string[];
    readonly clusterScope?: boolean;
    readonly namespaces?: readonly string[];
  }[];
  readonly nonResourceRules?: readonly {
    readonly verbs?: readonly string[];
    readonly nonResourceURLs?: readonly string[];
  }[];
}

const ALL = '*';
const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** True if one of the rules is about a request. */
export function matchesRules(rules: readonly FlowRule[], user: UserInfo, info: RequestInfo): boolean {
  return rules.some(
    (rule) =>
      (rule.subjects ?? []).some((subject) => matchesSubject(subject, user)) &&
      (info.isResource ? matchesResource(rule, info) : matchesPath(rule, info)),
  );
}

function matchesSubject({ kind, user, group, serviceAccount }: FlowSubject, { name, groups }: UserInfo): boolean {
  switch (kind) {
    case 'User':
      return user !== undefined && (user.name === ALL || user.name === name);
    case 'Group':
      return group !== undefined && (group.name === ALL || groups.includes(group.name));
    case 'ServiceAccount': {
      if (serviceAccount === undefined) return false;
      const prefix = `${ACCOUNT_PREFIX}${serviceAccount.namespace}:`;
      return serviceAccount.name === ALL ? name.startsWith(prefix) : name === `${prefix}${serviceAccount.name}`;
    }
    default:
      return false;
  }
}

function matchesResource({ resourceRules = [] }: FlowRule, info: RequestInfo): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  return resourceRules.some(
    (rule) =>
      contains(rule.verbs, info.verb) &&
      contains(rule.resources, resource) &&
      contains(rule.apiGroups, info.group) &&
      (info.namespace === '' ? rule.clusterScope === true : contains(rule.namespaces, info.namespace)),
  );
}

function matchesPath({ nonResourceRules = [] }: FlowRule, { verb, path }: RequestInfo): boolean {
  return nonResourceRules.some(
    (rule) => contains(rule.verbs, verb) && (rule.nonResourceURLs ?? []).some((url) => matchesUrl(url, path)),
  );
}

function matchesUrl(url: string, path: string): boolean {
  if (url === ALL || url === path) return true;
  const prefix = url.replace(/\*$/, '');
  return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

/** `*` counts only where it stands alone. */
function contains(list: readonly string[] = [], value: string): boolean {
  return (list.length === 1 && list[0] === ALL) || list.includes(value);
}
