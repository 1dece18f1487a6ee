import type { Informer } from '../../registry/informer.ts';
import type { UserInfo } from '../../user.ts';
import { type AppliedBinding, BindingIndex } from './bindings.ts';
import { type PolicyRule, rulesOfRole } from './policy-rule.ts';

/** The objects of a resource. */
export type ObjectSource = Pick<Informer, 'generation' | 'list' | 'inNamespace' | 'get'>;

/** The roles and bindings that there are. */
export interface RoleSources {
  readonly roles: ObjectSource;
  readonly roleBindings: ObjectSource;
  readonly clusterRoles: ObjectSource;
  readonly clusterRoleBindings: ObjectSource;
}

/** A reference to a role, from a binding. */
export interface RoleRef {
  readonly kind?: string;
  readonly name?: string;
}

/** Is told of each rule with the binding that gives it, and of roles that bindings name in vain. */
export interface RuleVisitor {
  /** Returns true to see no more. */
  rule(rule: PolicyRule, by: AppliedBinding): boolean | undefined;
  missing(role: RoleRef): void;
}

/**
 * Finds the rules that apply to a user: those of the cluster's bindings, then those of the namespace's. The bindings
 * are indexed again when one has changed, which shows in the generation of their source.
 */
export class RoleRules {
  readonly #sources: RoleSources;
  #cluster: { readonly generation: number; readonly index: BindingIndex } | undefined;
  #namespaces: { readonly generation: number; readonly indexes: Map<string, BindingIndex> } | undefined;

  constructor(sources: RoleSources) {
    this.#sources = sources;
  }

  /** Tells of the rules one by one, until the visitor has seen enough. */
  visit(user: UserInfo, namespace: string, visitor: RuleVisitor): void {
    if (this.#visitAll(this.#clusterIndex().of(user), '', visitor) || namespace === '') return;
    this.#visitAll(this.#namespaceIndex(namespace).of(user), namespace, visitor);
  }

  /** All rules, and the roles that are not there. */
  rulesFor(user: UserInfo, namespace: string): { readonly rules: PolicyRule[]; readonly missing: RoleRef[] } {
    const rules: PolicyRule[] = [];
    const missing: RoleRef[] = [];
    this.visit(user, namespace, {
      rule: (rule) => void rules.push(rule),
      missing: (role) => void missing.push(role),
    });
    return { rules, missing };
  }

  /** The rules of a role that a binding in a namespace refers to; undefined if there is no such role. */
  rulesOf({ kind, name = '' }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const { roles, clusterRoles } = this.#sources;
    const role = kind === 'Role' ? roles.get(namespace, name) : clusterRoles.get('', name);
    return role && rulesOfRole(role);
  }

  #visitAll(bindings: readonly AppliedBinding[], namespace: string, visitor: RuleVisitor): boolean {
    for (const applied of bindings) {
      const { roleRef } = applied.binding;
      const rules = this.rulesOf(roleRef, namespace);
      if (rules === undefined) visitor.missing(roleRef);
      else for (const rule of rules) if (visitor.rule(rule, applied) === true) return true;
    }
    return false;
  }

  #clusterIndex(): BindingIndex {
    const { clusterRoleBindings } = this.#sources;
    const { generation } = clusterRoleBindings;
    if (this.#cluster?.generation !== generation)
      this.#cluster = { generation, index: new BindingIndex(clusterRoleBindings.list(), '') };
    return this.#cluster.index;
  }

  #namespaceIndex(namespace: string): BindingIndex {
    const { roleBindings } = this.#sources;
    const { generation } = roleBindings;
    if (this.#namespaces?.generation !== generation) this.#namespaces = { generation, indexes: new Map() };
    const { indexes } = this.#namespaces;
    let index = indexes.get(namespace);
    if (index === undefined)
      indexes.set(namespace, (index = new BindingIndex(roleBindings.inNamespace(namespace), namespace)));
    return index;
  }
}
