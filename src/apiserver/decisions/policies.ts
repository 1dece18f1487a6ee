import { type ApplyTarget, compilePolicies, type FieldPolicy, type PolicySet } from 'nekube/fieldpolicy';
import type { FollowedResource } from './followed-resource.ts';

/** How many kinds of applies are known to be about no policy, or about some. */
const MOST_KNOWN = 4096;

/** The policies that are in force, compiled when they are first asked after a change. */
export class PoliciesInForce {
  readonly #sources: readonly FollowedResource[];
  #generations = '';
  #set: PolicySet = compilePolicies([]);
  readonly #known = new Map<string, boolean>();

  constructor(sources: readonly FollowedResource[]) {
    this.#sources = sources;
  }

  /** The policies as of now. */
  set(): PolicySet {
    const generations = this.#sources.map(({ generation }) => generation).join('/');
    if (generations !== this.#generations) {
      this.#generations = generations;
      this.#known.clear();
      this.#set = compilePolicies(this.#sources.flatMap((source) => source.list()) as FieldPolicy[]);
    }
    return this.#set;
  }

  /** Whether any can be about an apply; what was found out once is remembered until policies change. */
  concern(target: ApplyTarget): boolean {
    const set = this.set();
    const key = [target.group, target.kind, target.namespace, target.subresource, target.manager].join('\n');
    let concerns = this.#known.get(key);
    if (concerns === undefined) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(key, (concerns = set.concerns(target)));
    }
    return concerns;
  }
}
