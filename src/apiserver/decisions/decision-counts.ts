import { cloneJson, errorText, formatTime, type KubeObject } from 'nekube/apimachinery';
import { type ConflictVerdict, type DecisionCount, type FieldPolicy, titleOf } from 'nekube/fieldpolicy';
import { rulesOf, type ServedResource } from '../registry/served.ts';
import { type SystemWriter, systemWrite } from '../system-objects.ts';
import type { FollowedResource } from './followed-resource.ts';

/** What counts are kept with. */
export interface DecisionCountsDeps extends SystemWriter {
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** Not that of the conditions, of which an apply says all that the manager wants. */
const MANAGER = 'kube-apiserver-decisions';
/** What is decided within so long is one write. */
const WRITE_MS = 2000;

/** How often something was decided since the last write, and when last. */
type Fresh = Map<DecisionCount['decision'], { readonly count: number; readonly last: Date }>;

/**
 * Keeps in the status of policies how often they decided what. It says nothing of the objects: who may read a policy of the
 * cluster need not be one who may know their names; audit logs have those.
 */
export class DecisionCounts {
  readonly #deps: DecisionCountsDeps;
  readonly #policies: readonly FollowedResource[];
  /** By the titles of policies. */
  readonly #fresh = new Map<string, Fresh>();
  readonly #told = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #signal: AbortSignal | undefined;

  constructor(policies: readonly FollowedResource[], deps: DecisionCountsDeps) {
    this.#policies = policies;
    this.#deps = deps;
  }

  /** Writes what was counted, until the signal is aborted. */
  start(signal: AbortSignal): void {
    this.#signal = signal;
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  /** Takes what became of the fields of an apply. */
  add(verdicts: readonly ConflictVerdict[]): void {
    for (const { by, policy, decision } of verdicts) {
      if (by !== 'policy' || policy === undefined) continue;
      const counts = this.#fresh.get(policy) ?? (new Map() as Fresh);
      this.#fresh.set(policy, counts);
      const name = `${decision[0]!.toUpperCase()}${decision.slice(1)}` as DecisionCount['decision'];
      counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, last: this.#deps.now() });
    }
    if (this.#fresh.size === 0 || this.#signal === undefined || this.#signal.aborted) return;
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_MS).unref();
  }

  async #write(): Promise<void> {
    this.#timer = undefined;
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    for (const [title, counts] of fresh) {
      const found = this.#find(title);
      if (found === undefined) continue;
      try {
        await this.#tell(found.resource, found.policy, counts);
      } catch (error) {
        // once: of a definition that is older than this it would be said with every decision
        if (this.#signal?.aborted || this.#told.has(title)) continue;
        this.#told.add(title);
        this.#deps.log(`Cannot tell in the status of ${title} what it decides: ${errorText(error)}`);
      }
    }
  }

  #find(title: string): { readonly resource: ServedResource; readonly policy: FieldPolicy } | undefined {
    for (const { resource, list } of this.#policies.map((one) => ({ resource: one.resource, list: one.list() })))
      for (const policy of list as readonly FieldPolicy[])
        if (resource !== undefined && titleOf(policy) === title) return { resource, policy };
    return undefined;
  }

  async #tell(resource: ServedResource, { apiVersion, kind, metadata }: FieldPolicy, counts: Fresh): Promise<void> {
    const { store, now } = this.#deps;
    const { name = '', namespace } = metadata;
    const fields = resource.fieldManager('status');
    const change = (current: KubeObject | undefined): KubeObject => {
      const live = resource.fromHub(cloneJson(current!)) as FieldPolicy;
      const config = {
        ...{ apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } },
        status: { decisions: added(live.status?.decisions ?? [], counts) },
      };
      return resource.toHub(fields.apply(live, config as unknown as KubeObject, MANAGER, true));
    };
    await store.update(resource, namespace ?? '', name, change, systemWrite(now(), rulesOf(resource, 'status')));
  }
}

function added(before: readonly DecisionCount[], counts: Fresh): DecisionCount[] {
  const sums = new Map(before.map((one) => [one.decision, one]));
  for (const [decision, { count, last }] of counts)
    sums.set(decision, { decision, count: (sums.get(decision)?.count ?? 0) + count, lastTime: formatTime(last) });
  return [...sums.values()];
}
