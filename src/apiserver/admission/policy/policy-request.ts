import type { KubeObject } from 'nekube/apimachinery';
import type { AdmissionAttributes } from '../../admission.ts';
import type { Namespaces } from '../match/selectors.ts';
import { type Invocation, Versions } from '../match/versioned.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { type Evaluation, evaluationOf } from './evaluation.ts';
import { matchedAs } from './matching.ts';
import { collectParams, type Params, paramResource } from './params.ts';
import type { BindingSpec, PolicySpec } from './policies.ts';

/** One request, as policies of both kinds look at it. */
export class PolicyRequest {
  readonly attributes: AdmissionAttributes;
  /** The objects in the versions that policies ask for, and what becomes of them. */
  readonly versions: Versions;
  readonly #deps: PluginDeps;
  readonly #namespaces: Namespaces;

  constructor(attributes: AdmissionAttributes, deps: PluginDeps, namespaces: Namespaces) {
    this.attributes = attributes;
    this.versions = new Versions(attributes, deps.webhooks);
    this.#deps = deps;
    this.#namespaces = namespaces;
  }

  /**
   * As what a policy looks at the request; undefined where it is not about it.
   *
   * @throws Error where that cannot be known, or the policy's parameters are of no known kind
   */
  async invocationFor({ matchConstraints = {}, paramKind }: PolicySpec): Promise<Invocation | undefined> {
    const invocation = await matchedAs(matchConstraints, this.attributes, this.#matching);
    if (invocation !== undefined && paramKind !== undefined) paramResource(this.#deps, paramKind);
    return invocation;
  }

  /** What a policy is evaluated with by a binding; nothing where that is not about the request. @throws Error */
  async paramsFor({ paramKind }: PolicySpec, { matchResources, paramRef }: BindingSpec): Promise<Params> {
    if (matchResources && !(await matchedAs(matchResources, this.attributes, this.#matching))) return [];
    const resource = paramKind && paramResource(this.#deps, paramKind);
    return collectParams(this.#deps, resource, paramRef, this.attributes.namespace);
  }

  /** What expressions are evaluated with. @throws StatusError NotFound where the namespace is not there */
  evaluation(invocation: Invocation, params: KubeObject | undefined): Promise<Evaluation> {
    const { attributes, versions } = this;
    const namespaces = this.#namespaces;
    return evaluationOf(this.#deps, { attributes, invocation, versions, namespaces, ...(params && { params }) });
  }

  get #matching() {
    return { namespaces: this.#namespaces, resources: this.#deps.resources };
  }
}
