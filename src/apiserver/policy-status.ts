import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from 'nekube/apimachinery';
import { checkTypes } from './admission/policy/type-checking.ts';
import type { ValidatingSpec } from './admission/policy/validation.ts';
import { rulesOf } from './handlers/write.ts';
import type { Informer } from './registry/informer.ts';
import type { Resources } from './registry/resources.ts';
import type { Store } from './registry/store.ts';

/** What the status of policies is kept with. */
export interface PolicyStatusDeps {
  readonly policies: Informer;
  readonly resources: Resources;
  readonly store: Store;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** How often policies are looked at. */
const PERIOD_MS = 1000;
const API = ['admissionregistration.k8s.io', 'v1', 'validatingadmissionpolicies'] as const;
/** The field manager, that of kube-controller-manager's controller. */
const MANAGER = 'validatingadmissionpolicy-status';

/**
 * Writes into the status of validating policies which of their expressions do not fit the kinds that they are about, a
 * second later at most: what a controller of kube-controller-manager does.
 */
export async function keepPolicyStatus(deps: PolicyStatusDeps, signal: AbortSignal): Promise<void> {
  let seen = -1;
  while (!signal.aborted) {
    const { generation } = deps.policies;
    if (generation !== seen) {
      seen = generation;
      for (const policy of deps.policies.list())
        await check(policy, deps).catch((error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          deps.log(`Cannot check validatingadmissionpolicy "${policy.metadata.name}": ${why}`);
        });
    }
    await sleep(PERIOD_MS, undefined, { signal, ref: false }).catch(() => {});
  }
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
  const transform = (current: KubeObject | undefined): KubeObject => {
    const live = resource.fromHub(structuredClone(current!));
    return resource.toHub(resource.fieldManager('status').apply(live, structuredClone(config), MANAGER, true));
  };
  await store.update(resource, '', name, transform, {
    dryRun: false,
    context: { now: now(), user: { name: 'system:apiserver', groups: ['system:masters'] } },
    warn: () => {},
    rules: rulesOf(resource, 'status'),
    validate: () => {},
  });
}
