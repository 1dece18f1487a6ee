// What decides the conflicts of server-side applies otherwise than stock: policies (FieldPolicy, ClusterFieldPolicy), what
// people decided about applies that wait (ApplyConflict), and what callers decide for themselves (`fieldDecision`). They
// are asked upon conflicts only; without any of them an apply is as ever. The merge carries out what is decided
// (`nekube/smd`), and which policy is about what, is `nekube/fieldpolicy`'s.
import type { ApplyTarget } from 'nekube/fieldpolicy';
import type { RequestContext } from '../context.ts';
import { type AcceptanceDeps, keepAcceptance } from './acceptance.ts';
import { ApplyDecisions, type DecidableApply } from './apply-decisions.ts';
import { DecisionCounts } from './decision-counts.ts';
import { type FollowOptions, FollowedResource } from './followed-resource.ts';
import { ParkedApplies } from './parked-applies.ts';
import { PoliciesInForce } from './policies.ts';

export type { ApplyDecisions, DecidableApply } from './apply-decisions.ts';
export { withFieldDecision } from './openapi-parameter.ts';

const GROUP = 'ownership.nekube.dev';
const VERSION = 'v1alpha1';

/** The decisions of a server, which it begins to heed when the kinds of policies are served. */
export class ConflictDecisions {
  readonly #followed: readonly FollowedResource[];
  readonly #policies: PoliciesInForce;
  readonly #parked: ParkedApplies;
  readonly #counts: DecisionCounts;
  readonly #resources: FollowOptions['resources'];
  readonly #keepAcceptance: (signal: AbortSignal) => void;

  constructor(options: AcceptanceDeps & FollowOptions) {
    const follow = (resource: string) => new FollowedResource(options, GROUP, VERSION, resource);
    const policies = [follow('fieldpolicies'), follow('clusterfieldpolicies')];
    const conflicts = follow('applyconflicts');
    this.#followed = [...policies, conflicts];
    this.#policies = new PoliciesInForce(policies);
    this.#parked = new ParkedApplies(conflicts, options, options.now);
    this.#counts = new DecisionCounts(policies, options);
    this.#resources = options.resources;
    this.#keepAcceptance = (signal) => policies.forEach((followed) => keepAcceptance(followed, options, signal));
  }

  /** Follows policies and parked applies until the signal is aborted. */
  async start(signal: AbortSignal): Promise<void> {
    this.#parked.start(signal);
    this.#counts.start(signal);
    await Promise.all(this.#followed.map((followed) => followed.start(signal)));
    this.#keepAcceptance(signal);
    this.#resources.onChange(() => void this.#settled()?.catch(() => {}));
  }

  /** Whether the kinds of policies are installed. */
  get installed(): boolean {
    return this.#followed.some(({ resource }) => resource !== undefined);
  }

  /**
   * What decides the conflicts of an apply.
   *
   * @returns undefined where nothing can: the apply is as in stock then. A promise only where policies are to be read first
   */
  of(context: RequestContext, apply: DecidableApply): ApplyDecisions | undefined | Promise<ApplyDecisions | undefined> {
    const reading = this.#settled();
    return reading === undefined ? this.#of(context, apply) : reading.then(() => this.#of(context, apply));
  }

  #of(context: RequestContext, apply: DecidableApply): ApplyDecisions | undefined {
    if (!this.#mayDecide(apply.target) && apply.decisions.length === 0) return undefined;
    return new ApplyDecisions(context, apply, {
      policies: this.#policies.set(),
      parked: this.#parked,
      counts: this.#counts,
    });
  }

  #mayDecide(target: ApplyTarget): boolean {
    return this.installed && (this.#policies.concern(target) || this.#parked.hasAny(target.namespace, target.manager));
  }

  /** A promise only where something is to be read. */
  #settled(): Promise<unknown> | undefined {
    const reading = this.#followed.map((followed) => followed.settled()).filter((promise) => promise !== undefined);
    return reading.length === 0 ? undefined : Promise.all(reading);
  }
}
