import { cloneJson, jsonEqual, type JsonValue, type KubeObject, newForbidden, StatusError } from 'nekube/apimachinery';
import { type AdmissionAttributes, type AdmissionPlugin, nameInMessages } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { isExempt } from '../match/rules.ts';
import { namespacesOf } from '../match/selectors.ts';
import { type Invocation, Versions } from '../match/versioned.ts';
import { conditionsHold } from './compiler.ts';
import { evaluationOf } from './evaluation.ts';
import { matchedAs, type PolicyMatching } from './matching.ts';
import { type CompiledMutations, compileMutations, type MutatingSpec, mutate } from './mutation.ts';
import { collectParams, paramResource } from './params.ts';
import { type Binding, Policies, type Policy } from './policies.ts';

const NAME = 'MutatingAdmissionPolicy';
const API = ['admissionregistration.k8s.io', 'v1'] as const;

type MutatingPolicy = Policy<MutatingSpec, CompiledMutations>;

/** Changes objects by MutatingAdmissionPolicies, one after the other. */
export function mutatingPolicies(deps: PluginDeps): AdmissionPlugin {
  const policies = new Policies<MutatingSpec, CompiledMutations>(
    deps.informers.of(...API, 'mutatingadmissionpolicies'),
    deps.informers.of(...API, 'mutatingadmissionpolicybindings'),
    compileMutations,
  );
  const matching = { namespaces: namespacesOf(deps), resources: deps.resources };
  return {
    name: NAME,
    async mutate(attributes) {
      const all = policies.list();
      if (all.length === 0 || isExempt(attributes)) return;
      const applying = new Applying(deps, attributes, matching);
      const calls: Call[] = [];
      for (const policy of all) calls.push(...(await applying.callsOf(policy)));
      if (calls.length > 0) await applying.run(calls);
      applying.conclude();
    },
  };
}

/** A policy with one of its bindings and one parameter, about a request. */
interface Call {
  readonly policy: MutatingPolicy;
  readonly binding: Binding;
  readonly invocation: Invocation;
  readonly params: KubeObject | undefined;
}

/** Why a policy could not do its work. */
interface Failure {
  readonly policy: MutatingPolicy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason?: 'Invalid';
}

/** One request under all policies. */
class Applying {
  readonly #deps: PluginDeps;
  readonly #attributes: AdmissionAttributes;
  readonly #matching: PolicyMatching;
  readonly #versions: Versions;
  readonly #failures: Failure[] = [];

  constructor(deps: PluginDeps, attributes: AdmissionAttributes, matching: PolicyMatching) {
    this.#deps = deps;
    this.#attributes = attributes;
    this.#matching = matching;
    this.#versions = new Versions(attributes, deps.webhooks);
  }

  async callsOf(policy: MutatingPolicy): Promise<Call[]> {
    const { matchConstraints = {}, paramKind } = policy.spec;
    try {
      const invocation = await matchedAs(matchConstraints, this.#attributes, this.#matching);
      if (invocation === undefined) return [];
      if (paramKind !== undefined) paramResource(this.#deps, paramKind);
      const calls: Call[] = [];
      for (const binding of policy.bindings) calls.push(...(await this.#callsFor(policy, binding, invocation)));
      return calls;
    } catch (error) {
      this.#fail(policy, undefined, `failed to configure policy: ${textOf(error)}`);
      return [];
    }
  }

  async #callsFor(policy: MutatingPolicy, binding: Binding, invocation: Invocation): Promise<Call[]> {
    const { matchResources, paramRef } = binding.spec;
    const { paramKind } = policy.spec;
    try {
      if (matchResources && !(await matchedAs(matchResources, this.#attributes, this.#matching))) return [];
      const resource = paramKind && paramResource(this.#deps, paramKind);
      const params = await collectParams(this.#deps, resource, paramRef, this.#attributes.namespace);
      return params.map((one) => ({ policy, binding, invocation, params: one }));
    } catch (error) {
      this.#fail(policy, binding, `failed to configure binding: ${textOf(error)}`);
      return [];
    }
  }

  async run(calls: readonly Call[]): Promise<void> {
    const round = Round.of(this.#attributes);
    try {
      for (const call of calls) await this.#apply(call, round);
      if (!this.#versions.isChanged) return;
      // a policy sees its own changes again, too
      round.askAgain();
      this.#attributes.reinvocation.requested = true;
      await this.#versions.writeBack();
    } finally {
      round.end(this.#attributes);
    }
  }

  async #apply(call: Call, round: Round): Promise<void> {
    const { policy, binding, invocation, params } = call;
    const evaluation = await evaluationOf(this.#deps, {
      attributes: this.#attributes,
      invocation,
      versions: this.#versions,
      namespaces: this.#matching.namespaces,
      ...(params && { params }),
    });
    const conditions = await evaluation.run((values) => conditionsHold(policy.compiled.conditions, values));
    if (conditions.error !== undefined) return this.#fail(policy, binding, conditions.error, 'Invalid');
    if (!conditions.hold) return;
    const key = keyOf(call);
    if (!round.includes(key)) return;
    let { object } = await this.#versions.of(invocation);
    const before = object;
    for (const mutation of policy.compiled.mutations) {
      if (object === undefined) break;
      const current: KubeObject = object;
      const result = await evaluation.run((values) => mutate(mutation, values.withObject(current), invocation));
      if (result.error !== undefined) {
        this.#fail(policy, binding, result.error, 'Invalid');
        continue;
      }
      await this.#versions.replace(
        invocation,
        result.object as unknown as JsonValue,
        mutation.patchType === 'JSONPatch',
      );
      ({ object } = await this.#versions.of(invocation));
    }
    if (!jsonEqual(before, object)) {
      round.askAgain();
      this.#attributes.reinvocation.requested = true;
    }
    if (policy.spec.reinvocationPolicy === 'IfNeeded') round.asked(key);
  }

  #fail(policy: MutatingPolicy, binding: Binding | undefined, message: string, reason?: 'Invalid'): void {
    if (policy.spec.failurePolicy === 'Ignore') return;
    this.#failures.push({ policy, binding, message, ...(reason && { reason }) });
  }

  /** @throws StatusError with all failures, of which the first is the message */
  conclude(): void {
    if (this.#failures.length === 0) return;
    const causes = this.#failures.map((failure) => ({ message: messageOf(failure) }));
    const { group, resource } = this.#attributes.resource;
    const { status } = newForbidden({ group, resource }, nameInMessages(this.#attributes), '');
    const reason = this.#failures[0]!.reason ?? 'Forbidden';
    throw new StatusError({
      ...status,
      reason,
      message: causes[0]!.message,
      details: { ...status.details, causes },
    });
  }
}

function messageOf({ policy, binding, message }: Failure): string {
  return binding === undefined
    ? `policy "${policy.name}" denied request: ${message}`
    : `policy '${policy.name}' with binding '${binding.name}' denied request: ${message}`;
}

function keyOf({ policy, binding, params }: Call): string {
  const { namespace = '', name = '' } = params?.metadata ?? {};
  return `${policy.name}/${binding.name}/${namespace}/${name}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the policies of a request know from the first round in the second. */
class Round {
  #last: JsonValue | undefined;
  #asked = new Set<string>();
  readonly #again = new Set<string>();
  #isSecond = false;

  static of({ reinvocation, object }: AdmissionAttributes): Round {
    const known = reinvocation.values.get(NAME) as Round | undefined;
    const round = known ?? new Round();
    reinvocation.values.set(NAME, round);
    if (!reinvocation.again) return round;
    round.#isSecond = true;
    if (!jsonEqual(round.#last, object)) round.askAgain();
    return round;
  }

  includes(key: string): boolean {
    return !this.#isSecond || this.#again.has(key);
  }

  asked(key: string): void {
    this.#asked.add(key);
  }

  askAgain(): void {
    for (const key of this.#asked) this.#again.add(key);
    this.#asked = new Set();
  }

  end({ object }: AdmissionAttributes): void {
    this.#last = object && (cloneJson(object) as unknown as JsonValue);
  }
}
