import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';
import type { Informer } from '../../registry/informer.ts';
import type { RuleWithOperations } from '../match/rules.ts';

/** Which requests a policy or a binding is about (`admissionregistration/v1.MatchResources`), with defaults. */
export interface MatchResources {
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelectorObject;
  readonly objectSelector?: LabelSelectorObject;
  readonly resourceRules?: readonly RuleWithOperations[];
  readonly excludeResourceRules?: readonly RuleWithOperations[];
}

/** A named expression. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** The kind of a policy's parameters. */
export interface ParamKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What policies of both kinds have. */
export interface PolicySpec {
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: readonly NamedExpression[];
  readonly variables?: readonly NamedExpression[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
}

/** Which parameters a binding gives a policy. */
export interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: LabelSelectorObject;
  readonly parameterNotFoundAction?: 'Allow' | 'Deny';
}

/** What bindings of both kinds have. */
export interface BindingSpec {
  readonly policyName: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
  readonly validationActions?: readonly ('Deny' | 'Warn' | 'Audit')[];
}

/** A binding of a policy. */
export interface Binding {
  readonly name: string;
  readonly spec: BindingSpec;
}

/** A policy that is in force, with its bindings and what its expressions were compiled to. */
export interface Policy<Spec extends PolicySpec, Compiled> {
  readonly name: string;
  readonly spec: Spec;
  readonly compiled: Compiled;
  readonly bindings: readonly Binding[];
}

/**
 * The policies of one kind that have bindings, by name. A policy is compiled when it is first in force, and again when it
 * has changed.
 */
export class Policies<Spec extends PolicySpec, Compiled> {
  readonly #policies: Informer;
  readonly #bindings: Informer;
  readonly #compile: (spec: Spec, name: string) => Compiled;
  readonly #compiled = new WeakMap<KubeObject, Compiled>();
  #generations = '';
  #inForce: readonly Policy<Spec, Compiled>[] = [];

  constructor(policies: Informer, bindings: Informer, compile: (spec: Spec, name: string) => Compiled) {
    this.#policies = policies;
    this.#bindings = bindings;
    this.#compile = compile;
  }

  /** The policies as of now. */
  list(): readonly Policy<Spec, Compiled>[] {
    const generations = `${this.#policies.generation}/${this.#bindings.generation}`;
    if (generations !== this.#generations) {
      this.#inForce = this.#joined();
      this.#generations = generations;
    }
    return this.#inForce;
  }

  #joined(): readonly Policy<Spec, Compiled>[] {
    const bound = new Map<string, Binding[]>();
    for (const { metadata, spec } of this.#bindings.list()) {
      const list = bound.get(spec.policyName) ?? [];
      bound.set(spec.policyName, [...list, { name: metadata.name ?? '', spec: spec as BindingSpec }]);
    }
    return this.#policies.list().flatMap((policy) => {
      const name = policy.metadata.name ?? '';
      const bindings = bound.get(name);
      if (bindings === undefined) return [];
      return [{ name, spec: policy.spec as Spec, compiled: this.#compiledOf(policy, name), bindings }];
    });
  }

  #compiledOf(policy: KubeObject, name: string): Compiled {
    let compiled = this.#compiled.get(policy);
    if (compiled === undefined) this.#compiled.set(policy, (compiled = this.#compile(policy.spec as Spec, name)));
    return compiled;
  }
}
