import { errorText, type KubeObject, newForbidden, StatusError, type StatusReason } from 'nekube/apimachinery';
import { type AdmissionAttributes, type AdmissionPlugin, nameInMessages } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { isExempt } from '../match/rules.ts';
import { namespacesOf } from '../match/selectors.ts';
import type { Invocation } from '../match/versioned.ts';
import type { Params } from './params.ts';
import { type Binding, Policies, type Policy } from './policies.ts';
import { PolicyRequest } from './policy-request.ts';
import {
  type CompiledValidation,
  compileValidation,
  type Decision,
  type PublishedAnnotation,
  validate,
  type ValidatingSpec,
} from './validation.ts';

const API = ['admissionregistration.k8s.io', 'v1'] as const;
const MAX_ANNOTATION_BYTES = 10 * 1024;

type ValidatingPolicy = Policy<ValidatingSpec, CompiledValidation>;

/** Judges requests by ValidatingAdmissionPolicies. */
export function validatingPolicies(deps: PluginDeps): AdmissionPlugin {
  const policies = new Policies<ValidatingSpec, CompiledValidation>(
    deps.informers.of(...API, 'validatingadmissionpolicies'),
    deps.informers.of(...API, 'validatingadmissionpolicybindings'),
    compileValidation,
  );
  const namespaces = namespacesOf(deps);
  return {
    name: 'ValidatingAdmissionPolicy',
    async validate(attributes) {
      const all = policies.list();
      if (all.length === 0 || isExempt(attributes)) return;
      const judging = new Judging(new PolicyRequest(attributes, deps, namespaces));
      for (const policy of all) await judging.ask(policy);
      judging.conclude();
    },
  };
}

/** A refusal, and what it comes from. */
interface Denial {
  readonly policy: ValidatingPolicy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason: string;
}

/** One request before all policies. */
class Judging {
  readonly #request: PolicyRequest;
  readonly #denials: Denial[] = [];

  constructor(request: PolicyRequest) {
    this.#request = request;
  }

  /** @throws StatusError with the first refusal */
  conclude(): void {
    const [first] = this.#denials;
    if (first !== undefined) throw denied(this.#request.attributes, first);
  }

  async ask(policy: ValidatingPolicy): Promise<void> {
    let invocation: Invocation | undefined;
    try {
      invocation = await this.#request.invocationFor(policy.spec);
    } catch (error) {
      return this.#misconfigured(policy, undefined, error);
    }
    if (invocation === undefined) return;
    const annotations = new Annotations();
    for (const binding of policy.bindings) await this.#askFor(policy, binding, invocation, annotations);
    annotations.publish(policy.name, this.#request.attributes);
  }

  async #askFor(
    policy: ValidatingPolicy,
    binding: Binding,
    invocation: Invocation,
    annotations: Annotations,
  ): Promise<void> {
    let params: Params;
    try {
      params = await this.#request.paramsFor(policy.spec, binding.spec);
    } catch (error) {
      return this.#misconfigured(policy, binding, error);
    }
    for (const param of params) await this.#judge(policy, binding, invocation, param, annotations);
  }

  async #judge(
    policy: ValidatingPolicy,
    binding: Binding,
    invocation: Invocation,
    params: KubeObject | undefined,
    annotations: Annotations,
  ): Promise<void> {
    const evaluation = await this.#request.evaluation(invocation, params);
    const verdict = await evaluation.run((values) => validate(policy.compiled, values));
    verdict.decisions.forEach((decision, index) => this.#decide(policy, binding, decision, index));
    for (const annotation of verdict.annotations) this.#note(policy, binding, annotation, annotations);
  }

  #decide(policy: ValidatingPolicy, binding: Binding, decision: Decision, index: number): void {
    if (decision.allowed) return;
    const { message, reason } = decision;
    for (const action of binding.spec.validationActions ?? []) {
      if (action === 'Deny') this.#denials.push({ policy, binding, message, reason });
      if (action === 'Audit') this.#audit(policy, binding, message, index);
      if (action === 'Warn')
        this.#request.attributes.warn(
          `Validation failed for ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}': ${message}`,
        );
    }
  }

  #audit(policy: ValidatingPolicy, binding: Binding, message: string, expressionIndex: number): void {
    const { validationActions } = binding.spec;
    const failure = { message, policy: policy.name, binding: binding.name, expressionIndex, validationActions };
    this.#request.attributes.annotate(
      'validation.policy.admission.k8s.io/validation_failure',
      JSON.stringify([failure]),
    );
  }

  #note(policy: ValidatingPolicy, binding: Binding, annotation: PublishedAnnotation, all: Annotations): void {
    if (annotation.error !== undefined) this.#denials.push({ policy, binding, message: annotation.error, reason: '' });
    else if (annotation.value !== undefined) all.add(annotation.key, cut(annotation.value));
  }

  #misconfigured(policy: ValidatingPolicy, binding: Binding | undefined, error: unknown): void {
    if (policy.spec.failurePolicy === 'Ignore') return;
    const what = binding === undefined ? 'policy' : 'binding';
    const why = errorText(error);
    this.#denials.push({ policy, binding, message: `failed to configure ${what}: ${why}`, reason: '' });
  }
}

/** Go counts bytes, and may cut a character in two. */
function cut(value: string): string {
  return Buffer.byteLength(value) <= MAX_ANNOTATION_BYTES
    ? value
    : Buffer.from(value).subarray(0, MAX_ANNOTATION_BYTES).toString();
}

/** The annotations of one policy; what its bindings say of one key stands side by side. */
class Annotations {
  readonly #values = new Map<string, string[]>();

  add(key: string, value: string): void {
    const values = this.#values.get(key) ?? [];
    if (!values.includes(value)) this.#values.set(key, [...values, value]);
  }

  publish(policy: string, attributes: AdmissionAttributes): void {
    for (const [key, values] of this.#values) attributes.annotate(`${policy}/${key}`, values.join(', '));
  }
}

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

function denied(attributes: AdmissionAttributes, { policy, binding, message, reason }: Denial): StatusError {
  const by = binding === undefined ? '' : ` with binding '${binding.name}'`;
  const text = `ValidatingAdmissionPolicy '${policy.name}'${by} denied request: ${message}`;
  const { group, resource } = attributes.resource;
  const { status } = newForbidden({ group, resource }, nameInMessages(attributes), text);
  return new StatusError({
    ...status,
    reason: (reason || 'Invalid') as StatusReason,
    details: { ...status.details, causes: [{ message: text }] },
    code: CODES[reason] ?? 422,
  });
}
