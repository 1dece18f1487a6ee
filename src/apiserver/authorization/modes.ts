import type { Informers } from '../registry/informers.ts';
import { allRules, alwaysAllow, alwaysDeny, privilegedGroup } from './always.ts';
import type { Authorizer } from './authorizer.ts';
import { nodeAuthorizer } from './node/index.ts';
import { rbacAuthorizer } from './rbac/index.ts';
import { RoleRules } from './rbac/role-rules.ts';
import { NO_RULES, type RuleResolver, unionOfRules } from './rule-resolver.ts';
import { unionOf } from './union.ts';
import { type AuthorizationWebhook, webhookAuthorizer, type WebhookDeps } from './webhook.ts';

/** The ways of authorization, named as kube-apiserver's `--authorization-mode` does. */
export const AUTHORIZATION_MODES = ['AlwaysAllow', 'AlwaysDeny', 'Webhook', 'RBAC', 'Node'] as const;

/** One of them. */
export type AuthorizationMode = (typeof AUTHORIZATION_MODES)[number];

/** What authorizers are made with. */
export interface AuthorizationOptions {
  /** In the order in which they are asked. */
  readonly modes: readonly AuthorizationMode[];
  readonly informers: Informers;
  /** Asked in the mode Webhook, which must be there then. */
  readonly webhook?: AuthorizationWebhook;
  readonly webhooks: WebhookDeps;
}

/** How a server authorizes. */
export interface Authorization {
  readonly authorizer: Authorizer;
  readonly rules: RuleResolver;
  /** The roles that there are, also where they do not decide. */
  readonly roles: RoleRules;
}

/** Asks, after the group whose members may do everything, the authorizers of the modes in their order. */
export function authorization(options: AuthorizationOptions): Authorization {
  const { modes, informers } = options;
  const group = 'rbac.authorization.k8s.io';
  const roles = new RoleRules({
    roles: informers.of(group, 'v1', 'roles'),
    roleBindings: informers.of(group, 'v1', 'rolebindings'),
    clusterRoles: informers.of(group, 'v1', 'clusterroles'),
    clusterRoleBindings: informers.of(group, 'v1', 'clusterrolebindings'),
  });
  const made = modes.map((mode): Authorizer & RuleResolver => {
    switch (mode) {
      case 'AlwaysAllow':
        return { ...alwaysAllow, ...allRules };
      case 'AlwaysDeny':
        return { ...alwaysDeny, ...NO_RULES };
      case 'Webhook':
        if (options.webhook === undefined) throw new TypeError('the authorization mode Webhook needs a webhook');
        return webhookAuthorizer(options.webhook, options.webhooks);
      case 'Node':
        return nodeAuthorizer({
          pods: informers.of('', 'v1', 'pods'),
          persistentVolumes: informers.of('', 'v1', 'persistentvolumes'),
          volumeAttachments: informers.of('storage.k8s.io', 'v1', 'volumeattachments'),
          resourceSlices: informers.of('resource.k8s.io', 'v1', 'resourceslices'),
        });
      case 'RBAC':
        return rbacAuthorizer(roles);
    }
  });
  return {
    authorizer: unionOf([privilegedGroup, ...made]),
    rules: unionOfRules(made),
    roles,
  };
}
