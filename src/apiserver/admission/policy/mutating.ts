import {
  cloneJson,
  errorText,
  jsonEqual,
  type JsonValue,
  type KubeObject,
  newForbidden,
  StatusError,
} from 'nekube/apimachinery';
import { type AdmissionAttributes, type AdmissionPlugin, nameInMessages } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { isExempt } from '../match/rules.ts';
import { namespacesOf } from '../match/selectors.ts';
import type { Invocation } from '../match/versioned.ts';
import { conditionsHold } from './compiler.ts';
import { type CompiledMutations, compileMutations, type MutatingSpec, mutate } from './mutation.ts';
import { type Binding, Policies, type Policy } from './policies.ts';
import { PolicyRequest } from './policy-request.ts';

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
  const namespaces = namespacesOf(deps);
  return {
    name: NAME,
    async mutate(attributes) {
      const all = policies.list();
      if (all.length === 0 || isExempt(attributes)) return;
      const applying = new Applying(new PolicyRequest(attributes, deps, namespaces));
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
  readonly #request: PolicyRequest;
  readonly #failures: Failure[] = [];

  constructor(request: PolicyRequest) {
    this.#request = request;
  }

  async callsOf(policy: MutatingPolicy): Promise<Call[]> {
    try {
      const invocation = await this.#request.invocationFor(policy.spec);
      if (invocation === undefined) return [];
      const calls: Call[] = [];
      for (const binding of policy.bindings) calls.push(...(await this.#callsFor(policy, binding, invocation)));
      return calls;
    } catch (error) {
      this.#fail(policy, undefined, `failed to configure policy: ${errorText(error)}`);
      return [];
    }
  }

  async #callsFor(policy: MutatingPolicy, binding: Binding, invocation: Invocation): Promise<Call[]> {
    try {
      const params = await this.#request.paramsFor(policy.spec, binding.spec);
      return params.map((one) => ({ policy, binding, invocation, params: one }));
    } catch (error) {
      this.#fail(policy, binding, `failed to configure binding: ${errorText(error)}`);
      return [];
    }
  }

  async run(calls: readonly Call[]): Promise<void> {
    const round = Round.of(this.#request.attributes);
    try {
      for (const call of calls) await this.#apply(call, round);
      if (!this.#request.versions.isChanged) return;
      // a policy sees its own changes again, too
      round.askAgain();
      this.#request.attributes.reinvocation.requested = true;
      await this.#request.versions.writeBack();
    } finally {
      round.end(this.#request.attributes);
    }
  }

  async #apply(call: Call, round: Round): Promise<void> {
    const { policy, binding, invocation, params } = call;
    const evaluation = await this.#request.evaluation(invocation, params);
    const conditions = await evaluation.run((values) => conditionsHold(policy.compiled.conditions, values));
    if (conditions.error !== undefined) return this.#fail(policy, binding, conditions.error, 'Invalid');
    if (!conditions.hold) return;
    const key = keyOf(call);
    if (!round.includes(key)) return;
    let { object } = await this.#request.versions.of(invocation);
    const before = object;
    for (const mutation of policy.compiled.mutations) {
      if (object === undefined) break;
      const current: KubeObject = object;
      const result = await evaluation.run((values) => mutate(mutation, values.withObject(current), invocation));
      if (result.error !== undefined) {
        this.#fail(policy, binding, result.error, 'Invalid');
        continue;
      }
      await this.#request.versions.replace(
        invocation,
        result.object as unknown as JsonValue,
        mutation.patchType === 'JSONPatch',
      );
      ({ object } = await this.#request.versions.of(invocation));
    }
    if (!jsonEqual(before, object)) {
      round.askAgain();
      this.#request.attributes.reinvocation.requested = true;
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
    const { group, resource } = this.#request.attributes.resource;
    const { status } = newForbidden({ group, resource }, nameInMessages(this.#request.attributes), '');
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
