import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { isExempt } from '../match/rules.ts';
import { type Invocation, type VersionedObjects, Versions } from '../match/versioned.ts';
import { askWebhook, failedClosed, outOfTime, WebhookFailure } from './call.ts';
import { type Hook, Hooks } from './configurations.ts';
import { invocationOf } from './invocation.ts';
import { matchingOf } from './matching.ts';

/** Asks all validating webhooks at once; the first refusal that comes is the answer, when all have answered. */
export function validatingWebhooks(deps: PluginDeps): AdmissionPlugin {
  const hooks = new Hooks(deps.informers.of('admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'));
  const matching = matchingOf(deps);
  return {
    name: 'ValidatingAdmissionWebhook',
    async validate(attributes) {
      const all = hooks.list();
      if (all.length === 0 || isExempt(attributes)) return;
      const versions = new Versions(attributes, deps.webhooks);
      const concerned: Concerned[] = [];
      for (const hook of all) {
        const invocation = await invocationOf(hook, attributes, versions, matching);
        if (invocation !== undefined) concerned.push({ hook, invocation, objects: await versions.of(invocation) });
      }
      if (concerned.length === 0) return;
      if (attributes.life.isOver) throw outOfTime();
      const failures: unknown[] = [];
      await Promise.all(
        concerned.map((one, index) => ask(deps, attributes, one, index).catch((error) => void failures.push(error))),
      );
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** A webhook that is about the request. */
interface Concerned {
  readonly hook: Hook;
  readonly invocation: Invocation;
  readonly objects: VersionedObjects;
}

async function ask(deps: PluginDeps, attributes: AdmissionAttributes, one: Concerned, index: number): Promise<void> {
  const { webhook } = one.hook;
  try {
    await askWebhook(deps.webhooks, { ...one, attributes, mutating: false });
  } catch (error) {
    if (!(error instanceof WebhookFailure) || webhook.failurePolicy !== 'Ignore') throw failedClosed(error);
    attributes.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, webhook.name);
  }
}
