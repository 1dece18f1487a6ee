import type { JsonObject, JsonValue, KubeObject } from 'nekube/apimachinery';
import { CelError, type CelValue, fromJson, ObjectValue, TypeValue } from 'nekube/cel';
import type { AdmissionAttributes } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import type { Namespaces } from '../match/selectors.ts';
import type { Invocation, VersionedObjects, Versions } from '../match/versioned.ts';
import { requestOf } from '../webhook/review.ts';
import { type Questions, questionsOf } from './questions.ts';
import type { Compiled, Variables } from './compiler.ts';

/** What the expressions of one policy may cost together, about one request. */
export const RUNTIME_BUDGET = 10_000_000;
/** The same for match conditions. */
export const CONDITIONS_BUDGET = 2_500_000;
/** What one of them may cost. */
const CALL_LIMIT = 1_000_000;

/** The expressions of a policy cost more than they may together. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget';

  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run');
  }
}

/** The value of an expression, or why it has none. */
export interface Outcome {
  readonly value?: CelValue;
  readonly error?: string;
}

/** A request to be evaluated by a policy. */
export interface EvaluationInput {
  readonly attributes: AdmissionAttributes;
  readonly invocation: Invocation;
  readonly versions: Versions;
  readonly namespaces: Namespaces;
  readonly params?: KubeObject;
}

/** Evaluates expressions about a request; what they ask an authorizer is found out in between, where that takes time. */
export class Evaluation {
  readonly #values: Values;
  readonly #questions: Questions;

  constructor(values: Values, questions: Questions) {
    this.#values = values;
    this.#questions = questions;
  }

  /** Runs until no answer is missing any more; `evaluate` may be called several times. */
  async run<T>(evaluate: (values: Values) => T): Promise<T> {
    for (;;) {
      const result = evaluate(this.#values);
      if (!(await this.#questions.settle())) return result;
    }
  }
}

/**
 * The evaluation of a request.
 *
 * @throws StatusError NotFound where the request's namespace is not there
 */
export async function evaluationOf(deps: PluginDeps, input: EvaluationInput): Promise<Evaluation> {
  const { attributes, invocation, versions, namespaces, params } = input;
  const objects = await versions.of(invocation);
  const questions = questionsOf(deps.authorizer, attributes);
  const values = new Values({
    objects,
    request: requestOf(attributes, invocation),
    // conditions are about the resource as it was asked for
    conditionRequest: requestOf(attributes, { ...invocation, resource: attributes.resource }),
    namespace: namespaceObject(await namespaceOf(attributes, namespaces)),
    params: params as unknown as JsonValue | undefined,
    authorizer: questions.authorizer,
    requestResource: questions.requestResource,
  });
  return new Evaluation(values, questions);
}

async function namespaceOf(
  { namespace, kind }: AdmissionAttributes,
  namespaces: Namespaces,
): Promise<KubeObject | undefined> {
  const isNamespace = kind.group === '' && kind.version === 'v1' && kind.kind === 'Namespace';
  return isNamespace || namespace === '' ? undefined : namespaces(namespace);
}

/** Of a namespace only this is shown. */
function namespaceObject(namespace: KubeObject | undefined): JsonValue {
  if (namespace === undefined) return null;
  const { metadata, spec, status } = namespace;
  const { ownerReferences: _owners, managedFields: _managed, selfLink: _link, ...meta } = metadata;
  const { finalizers } = spec ?? {};
  const { conditions, phase } = status ?? {};
  return {
    metadata: meta as unknown as JsonObject,
    spec: { ...(finalizers && { finalizers }) },
    status: { ...(conditions && { conditions }), ...(phase && { phase }) },
  };
}

/** What names stand for. */
interface Bindings {
  readonly objects: VersionedObjects;
  readonly request: JsonObject;
  readonly conditionRequest: JsonObject;
  readonly namespace: JsonValue;
  readonly params: JsonValue | undefined;
  readonly authorizer: CelValue;
  readonly requestResource: CelValue;
}

/** The values of names in the expressions of a policy, converted when they are asked for, and what comes of them. */
export class Values {
  readonly #bindings: Bindings;
  readonly #known = new Map<string, CelValue | undefined>();

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  /** The new object, as it is now. */
  get object(): KubeObject | undefined {
    return this.#bindings.objects.object;
  }

  /** As match conditions see it. */
  forConditions(): Values {
    const { conditionRequest } = this.#bindings;
    return new Values({ ...this.#bindings, request: conditionRequest, namespace: null });
  }

  /** As mutations see it after the ones before. */
  withObject(object: KubeObject): Values {
    return new Values({ ...this.#bindings, objects: { ...this.#bindings.objects, object } });
  }

  /**
   * Evaluates expressions in turn, with variables that are evaluated once.
   *
   * @returns an outcome for each that is there, and what is left of the budget
   * @throws OutOfBudget
   */
  all(
    expressions: readonly (Compiled | undefined)[],
    budget: number,
  ): { readonly outcomes: readonly (Outcome | undefined)[]; readonly left: number } {
    let left = budget;
    const variables = expressions.find((compiled) => compiled !== undefined)?.variables;
    const scope = new Scope(this, variables);
    const outcomes = expressions.map((compiled) => {
      if (compiled === undefined) return undefined;
      const { outcome, cost } = scope.evaluate(compiled);
      if (cost > left) throw new OutOfBudget();
      left -= cost;
      return outcome;
    });
    return { outcomes, left };
  }

  /** The value of a name; undefined for one that means nothing. */
  find(name: string): CelValue | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#make(name));
    return this.#known.get(name);
  }

  #make(name: string): CelValue | undefined {
    const { objects, request, namespace, params, authorizer, requestResource } = this.#bindings;
    switch (name) {
      case 'object':
        return fromJson((objects.object ?? null) as unknown as JsonValue);
      case 'oldObject':
        return fromJson((objects.old ?? null) as unknown as JsonValue);
      case 'request':
        return fromJson(request);
      case 'namespaceObject':
        return fromJson(namespace);
      case 'params':
        return fromJson(params ?? null);
      case 'authorizer':
        return authorizer;
      case 'authorizer.requestResource':
        return requestResource;
      default:
        return undefined;
    }
  }
}

/** The variables of a policy about one request: each is evaluated when it is first asked for. */
class Scope {
  readonly #variables: Variables | undefined;
  readonly #values: Values;
  readonly #shown: CelValue;
  /** What variables have cost since this was last asked. */
  #spent = 0;

  constructor(values: Values, variables: Variables | undefined) {
    this.#values = values;
    this.#variables = variables;
    this.#shown = new VariablesValue((name) => this.#variable(name));
  }

  evaluate({ source, program, problem }: Compiled): { readonly outcome: Outcome; readonly cost: number } {
    if (program === undefined) return { outcome: { error: `compilation error: ${problem}` }, cost: 0 };
    const { value, cost } = program.evaluate(this.#find, { costLimit: CALL_LIMIT });
    const whole = cost + this.#spent;
    this.#spent = 0;
    if (!(value instanceof CelError)) return { outcome: { value }, cost: whole };
    return { outcome: { error: `expression '${source}' resulted in error: ${value.message}` }, cost: whole };
  }

  readonly #find = (name: string): CelValue | undefined =>
    name === 'variables' ? this.#shown : this.#values.find(name);

  #variable(name: string): CelValue | undefined {
    const compiled = this.#variables?.get(name);
    if (compiled === undefined) return undefined;
    if (compiled.program === undefined)
      return new CelError(`composited variable "${name}" fails to compile: ${compiled.problem}`);
    const { value, cost } = compiled.program.evaluate(this.#find, { costLimit: CALL_LIMIT });
    this.#spent += cost;
    if (!(value instanceof CelError)) return value;
    return new CelError(`composited variable "${name}" fails to evaluate: ${value.message}`);
  }
}

/** The name `variables`. */
class VariablesValue extends ObjectValue {
  readonly type: TypeValue = new TypeValue('kubernetes.variables');
  readonly #evaluate: (name: string) => CelValue | undefined;
  readonly #known = new Map<string, CelValue | undefined>();

  constructor(evaluate: (name: string) => CelValue | undefined) {
    super();
    this.#evaluate = evaluate;
  }

  override get hasFields(): boolean {
    return true;
  }

  override field(name: string): CelValue | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#evaluate(name));
    return this.#known.get(name);
  }

  equals(other: CelValue): boolean {
    return other === this;
  }
}
