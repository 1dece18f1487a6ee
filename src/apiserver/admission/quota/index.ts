/**
 * Quotas: what is used in a namespace stays within what its ResourceQuotas allow, and their status keeps count.
 *
 * What it does not do: it only counts up. That something is used no more, also after a write that failed after it was
 * admitted, is for a controller to find out, as in Kubernetes.
 */
import { type KubeObject, isStatusError } from 'nekube/apimachinery';
import { evaluatorOf, IGNORED, sameAmounts, toJson } from 'nekube/quota';
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts';
import { configurationOf } from '../configuration.ts';
import { rulesOf } from '../../registry/served.ts';
import { systemWrite } from '../../system-objects.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { checkRequest, type LimitedResource, type RunningQuota, runningQuota } from './check.ts';

/** Of its configuration. */
const VERSIONS = ['apiserver.config.k8s.io/v1', 'resourcequota.admission.k8s.io/v1beta1'];

/** So often a lost race for a quota's status is tried again. */
const RETRIES = 3;

/** The plugin ResourceQuota. */
export function resourceQuota(deps: PluginDeps): AdmissionPlugin {
  const counter = new QuotaCounter(deps);
  return {
    name: 'ResourceQuota',
    validate(attributes) {
      const { operation, namespace, resource } = attributes;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      if (namespace === '' || IGNORED.has(`${resource.group}/${resource.resource}`)) return;
      if (operation === 'CREATE' && resource.group === '' && resource.resource === 'namespaces') return;
      if (!evaluatorOf(resource.group, resource.resource).handles(attributes)) return;
      return counter.admit(attributes);
    },
  };
}

/** A request that waits for its verdict; `undecided` while it hangs on the status of a quota being written. */
interface Waiter {
  readonly attributes: AdmissionAttributes;
  verdict: 'undecided' | 'admitted' | { readonly error: unknown };
  readonly done: () => void;
}

/** Decides about the requests of a namespace together, so that one write of a quota's status counts for all of them. */
class QuotaCounter {
  readonly #deps: PluginDeps;
  readonly #quotas;
  readonly #limited: readonly LimitedResource[];
  readonly #waiting = new Map<string, Waiter[]>();
  readonly #busy = new Set<string>();

  constructor(deps: PluginDeps) {
    this.#deps = deps;
    this.#quotas = deps.informers.of('', 'v1', 'resourcequotas');
    const found = configurationOf(deps.configurations, 'ResourceQuota', 'ResourceQuotaConfiguration', VERSIONS);
    this.#limited = (found?.limitedResources ?? []) as unknown as readonly LimitedResource[];
  }

  /** Resolves when the request is within all quotas, and they have counted it. @throws StatusError */
  admit(attributes: AdmissionAttributes): Promise<void> | void {
    const { namespace } = attributes;
    if (this.#limited.length === 0 && this.#quotas.inNamespace(namespace).length === 0) return;
    return new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        attributes,
        verdict: 'undecided',
        done: () => (typeof waiter.verdict === 'object' ? reject(waiter.verdict.error) : resolve()),
      };
      const waiting = this.#waiting.get(namespace);
      if (waiting === undefined) this.#waiting.set(namespace, [waiter]);
      else waiting.push(waiter);
      if (!this.#busy.has(namespace)) void this.#work(namespace);
    });
  }

  async #work(namespace: string): Promise<void> {
    this.#busy.add(namespace);
    for (;;) {
      const waiters = this.#waiting.get(namespace);
      this.#waiting.delete(namespace);
      if (waiters === undefined) break;
      try {
        await this.#decide(await this.#read(namespace), waiters, RETRIES);
      } catch (error) {
        settle(waiters, { error });
      }
      for (const waiter of waiters) waiter.done();
    }
    this.#busy.delete(namespace);
  }

  /** The newest versions of the quotas that the informer knows of. */
  async #read(namespace: string): Promise<RunningQuota[]> {
    const resource = this.#deps.resources.builtin('', 'v1', 'resourcequotas');
    const names = this.#quotas.inNamespace(namespace).map(({ metadata }) => metadata.name!);
    const found = await Promise.all(names.map((name) => this.#deps.store.head(resource, namespace, name)));
    return found.filter((quota) => quota !== undefined).map(runningQuota);
  }

  async #decide(before: readonly RunningQuota[], waiters: readonly Waiter[], retries: number): Promise<void> {
    let quotas = before;
    for (const waiter of waiters) {
      const { resource, dryRun } = waiter.attributes;
      try {
        const evaluator = evaluatorOf(resource.group, resource.resource);
        const after = checkRequest(quotas, waiter.attributes, evaluator, this.#deps.now(), this.#limited);
        if (dryRun || !quotas.some((one, i) => differ(one, after[i]!))) waiter.verdict = 'admitted';
        if (!dryRun) quotas = after;
      } catch (error) {
        waiter.verdict = { error };
      }
    }
    const failed = new Map<string, unknown>();
    for (const [i, one] of quotas.entries()) {
      if (!differ(one, before[i]!)) continue;
      await this.#write(one).catch((error: unknown) => failed.set(one.quota.metadata.name!, error));
    }
    if (failed.size === 0) return settle(waiters, 'admitted');
    const [error] = failed.values();
    if (retries === 0) return settle(waiters, { error });
    const namespace = waiters[0]!.attributes.namespace;
    // the other quotas have counted these requests
    const again = (await this.#read(namespace)).filter(({ quota }) => failed.has(quota.metadata.name!));
    const open = waiters.filter(({ verdict }) => verdict === 'undecided');
    await this.#decide(again, open, retries - 1);
  }

  /** Stores what is used, as the server itself, if the quota is still the one that was read. */
  async #write({ quota, used }: RunningQuota): Promise<void> {
    const { resources, store, now } = this.#deps;
    const resource = resources.builtin('', 'v1', 'resourcequotas');
    const { name = '', namespace = '' } = quota.metadata;
    const counted = (current: KubeObject | undefined): KubeObject => {
      const changed = { ...quota, status: { ...quota.status, used: toJson(used) } };
      return resource.fieldManager('status').update(current && structuredClone(current), changed, 'kube-apiserver');
    };
    try {
      await store.update(resource, namespace, name, counted, systemWrite(now(), rulesOf(resource, 'status')));
    } catch (error) {
      // without it there is nothing to count
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

function differ(a: RunningQuota, b: RunningQuota): boolean {
  return a !== b && !sameAmounts(a.used, b.used);
}

/** Gives those that have none yet their verdict. */
function settle(waiters: readonly Waiter[], verdict: Waiter['verdict']): void {
  for (const waiter of waiters) if (waiter.verdict === 'undecided') waiter.verdict = verdict;
}
