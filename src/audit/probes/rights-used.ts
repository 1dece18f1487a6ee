import type { JustifiedRule } from '../access/grants.ts';
import { minimalRoles, type MinimalRoles } from '../access/minimal-roles.ts';
import { permissionKey, type UsedPermission } from '../access/permission.ts';
import { probedNames } from '../access/probed-names.ts';
import { accountOfUser } from '../access/service-account.ts';
import { type Usage, usageOf } from '../access/used.ts';
import { requestWithWords, withWords } from '../observe/words.ts';
import type { TrailRequest } from '../trail/request.ts';
import { PREFIX } from '../observe/words.ts';

/** What an operator used of its rights in an audit. */
export interface RightsUsed {
  /** With words for the names that the audit made, so that the same is told once. */
  readonly usage: Usage;
  readonly roles: MinimalRoles;
}

/**
 * The rights that an operator used, with the namespaces that the audit made as any namespace.
 *
 * @param trails of one run, or of several, whose rights are joined: a name is bound to where it is sound in each of them
 */
export function rightsUsed(trails: readonly (readonly TrailRequest[])[], user: string): RightsUsed {
  const home = accountOfUser(user)?.namespace;
  const trail = trails.flat();
  const sound = trails.map((one) => probedNames(one, user, home));
  // by the names as they are: that one is the same in several namespaces is known by these alone
  const { cluster, namespaces } = minimalRoles(usageOf(trail, user), {
    isAnyNamespace: (namespace) => namespace.startsWith(`${PREFIX}-`),
    isNameSound: (permission) => sound.every((isNameSound) => isNameSound(permission)),
  });
  const roles: MinimalRoles = {
    cluster: cluster.map(ruleWithWords),
    namespaces: new Map([...namespaces].map(([name, rules]) => [name, rules.map(ruleWithWords)])),
  };
  return { usage: usageOf(trail.map(requestWithWords), user), roles };
}

/** What shows that a rule is needed, each once. */
function ruleWithWords(rule: JustifiedRule): JustifiedRule {
  const evidence = new Map<string, UsedPermission>();
  for (const used of rule.evidence) {
    const permission = Object.fromEntries(
      Object.entries(used.permission).map(([field, text]) => [field, withWords(text)]),
    ) as unknown as UsedPermission['permission'];
    const key = JSON.stringify([permissionKey(permission), used.because]);
    const known = evidence.get(key);
    const requests = used.requests + (known?.requests ?? 0);
    evidence.set(key, { ...used, permission, first: known?.first ?? requestWithWords(used.first), requests });
  }
  return { ...rule, evidence: [...evidence.values()] };
}
