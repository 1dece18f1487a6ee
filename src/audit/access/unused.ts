import type { Grant } from './granted.ts';
import { isOnResource, type Permission, type UsedPermission } from './permission.ts';
import { type Risk, RISK_LEVELS, riskOf } from './risks.ts';
import type { Usage } from './used.ts';

/** A grant, with what was used of it. */
export interface AssessedGrant {
  readonly grant: Grant;
  readonly risk: Risk;
  /** Empty: nothing. */
  readonly used: readonly UsedPermission[];
  /** What was used is less than what is granted: fewer namespaces, names, verbs or resources. */
  readonly isMore: boolean;
}

/**
 * What was granted against what was used, the riskiest first: grants of which nothing was used, and those that give more than was.
 * A permission that two grants give counts for both.
 */
export function assess(grants: readonly Grant[], usage: Usage): readonly AssessedGrant[] {
  const used = [...usage.resources, ...usage.paths];
  return grants
    .map((grant): AssessedGrant => {
      const of = used.filter(({ permission }) => gives(grant, permission));
      return {
        grant,
        risk: riskOf(grant),
        used: of,
        isMore: of.every(({ permission }) => isNarrower(permission, grant)),
      };
    })
    .sort((a, b) => RISK_LEVELS.indexOf(a.risk.level) - RISK_LEVELS.indexOf(b.risk.level));
}

/** What was used and no grant gives: by a role that is not among those that were read. */
export function ungranted(grants: readonly Grant[], usage: Usage): readonly UsedPermission[] {
  return [...usage.resources, ...usage.paths].filter(
    ({ permission }) => !grants.some((grant) => gives(grant, permission)),
  );
}

/** Whether a grant gives a permission, as RBAC has it. */
export function gives(grant: Grant, permission: Permission): boolean {
  if (!isStarOr(grant.verb, permission.verb)) return false;
  if (!isOnResource(permission)) return grant.path !== undefined && isOnPath(grant.path, permission.path);
  return (
    grant.path === undefined &&
    (grant.namespace === '' || grant.namespace === permission.namespace) &&
    isStarOr(grant.group, permission.group) &&
    isOfResource(grant.resource, permission.resource) &&
    (grant.name === '' || grant.name === permission.name)
  );
}

function isStarOr(granted: string, asked: string): boolean {
  return granted === '*' || granted === asked;
}

function isOfResource(granted: string, asked: string): boolean {
  const at = asked.indexOf('/');
  return isStarOr(granted, asked) || (at >= 0 && granted === `*${asked.slice(at)}`);
}

function isOnPath(granted: string, asked: string): boolean {
  return granted === asked || (granted.endsWith('*') && asked.startsWith(granted.replace(/\*+$/, '')));
}

/** Whether a permission is less than the grant that gives it. */
function isNarrower(permission: Permission, grant: Grant): boolean {
  if (!isOnResource(permission)) return grant.verb === '*' || grant.path !== permission.path;
  return (
    [grant.verb, grant.group].includes('*') ||
    grant.resource.includes('*') ||
    (grant.namespace === '' && permission.namespace !== '')
  );
}
