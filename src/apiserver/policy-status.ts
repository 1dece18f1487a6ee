import { errorText, type KubeObject } from 'nekube/apimachinery';
import { checkTypes } from './admission/policy/type-checking.ts';
import type { ValidatingSpec } from './admission/policy/validation.ts';
import { handleChanges } from './registry/handle-changes.ts';
import type { Informer } from './registry/informer.ts';
import type { Resources } from './registry/resources.ts';
import type { Store } from './registry/store.ts';
import { applyStatus } from './system-objects.ts';

/** What the status of policies is kept with. */
export interface PolicyStatusDeps {
  readonly policies: Informer;
  readonly resources: Resources;
  readonly store: Store;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

const API = ['admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies'] as const;
/** The field manager, that of kube-controller-manager's controller. */
const MANAGER = 'validatingadmissionpolicy-status';

/**
 * Writes into the status of validating policies which of their expressions do not fit the kinds that they are about, a
 * second later at most: what a controller of kube-controller-manager does.
 */
export function keepPolicyStatus(deps: PolicyStatusDeps, signal: AbortSignal): Promise<void> {
  const complain = ({ metadata }: KubeObject, error: unknown): void => {
    const why = errorText(error);
    deps.log(`Cannot check validatingadmissionpolicy "${metadata.name}": ${why}`);
  };
  return handleChanges(deps.policies, (policy) => check(policy, deps), complain, signal);
}

async function check(policy: KubeObject, { resources, store, now }: PolicyStatusDeps): Promise<void> {
  const { name = '', generation = 0 } = policy.metadata;
  if (generation <= (policy.status?.observedGeneration ?? 0)) return;
  const definitions = resources.builtin('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  const warnings = await checkTypes(policy.spec as ValidatingSpec, {
    resources,
    definitionOf: ({ resource, group }) => store.head(definitions, '', `${resource}.${group}`),
  });
  const resource = resources.builtin(...API);
  const typeChecking = warnings.length > 0 ? { expressionWarnings: warnings } : {};
  const config = {
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name },
    status: { observedGeneration: generation, typeChecking },
  };
  await applyStatus({ store }, now(), resource, config, MANAGER);
}
