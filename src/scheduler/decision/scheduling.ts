import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { VolumePlan } from '../plugins/find-volumes.ts';
import type { FilterPlugin, Rejection, ScorePlugin, World } from '../plugins/plugin.ts';
import type { Nominations } from '../queue/nominations.ts';
import { findFeasible, pickBest, scoreNodes } from './choose-node.ts';
import { fitMessage } from './fit-message.ts';
import { PodFilters } from './pod-filters.ts';
import { type Budget, type Candidate, preempt } from './preemption.ts';
import { FILTERS, SCORES } from './profile.ts';

/** What is decided about a pod. */
export type Decision = Placement | Failure;

/** It goes to a node. */
export interface Placement {
  readonly node: NodeInfo;
  /** What has to be done for its volumes before; undefined: nothing. */
  readonly volumes?: VolumePlan;
}

/** It fits nowhere for now. */
export interface Failure {
  readonly node?: undefined;
  readonly message: string;
  /** The filters that something must happen for; none: anything may help. */
  readonly plugins: ReadonlySet<string>;
  /** The pods that go to make room for it. */
  readonly candidate?: Candidate;
  /** Where room is made for it: empty where there shall be none any more, undefined where that stays as it is. */
  readonly nominated?: string;
}

/** What the algorithm works with. */
export interface SchedulingParts {
  readonly world: World;
  readonly nominations: Nominations;
  readonly budgets: () => readonly Budget[];
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly now: () => number;
  readonly filters?: readonly FilterPlugin[];
  readonly scores?: readonly ScorePlugin[];
  /** Zero: by the number of nodes. */
  readonly percentageOfNodesToScore?: number;
}

/** Decides where pods go, one after the other. It changes nothing but where it goes on looking. */
export class Scheduling {
  readonly #parts: SchedulingParts;
  #start = 0;

  constructor(parts: SchedulingParts) {
    this.#parts = parts;
  }

  decide(pod: PodInfo): Decision {
    const { world, nominations, filters: plugins = FILTERS } = this.#parts;
    const { nodes } = world.cluster;
    if (nodes.length === 0) {
      return { message: 'no nodes available to schedule pods', plugins: new Set(), nominated: '' };
    }
    const filters = new PodFilters(pod, { plugins, world, nominations });
    if (filters.rejection !== undefined) return this.#rejected(filters, filters.rejection);
    const nominated = this.#feasibleNomination(filters);
    if (nominated !== undefined) return placedOn(nominated, filters);
    const chosen = filters.nodes === undefined ? nodes : this.#named(filters.nodes);
    const percentage = this.#parts.percentageOfNodesToScore ?? 0;
    const { feasible, rejections } = findFeasible(filters, chosen, { start: this.#start, percentage });
    this.#start = (this.#start + feasible.length + rejections.size) % nodes.length;
    if (feasible.length === 0) return this.#fitsNowhere(filters, rejections);
    if (feasible.length === 1) return placedOn(feasible[0]!, filters);
    const { totals } = scoreNodes(pod, feasible, { plugins: this.#parts.scores ?? SCORES, world });
    return placedOn(pickBest(feasible, totals, this.#parts.random), filters);
  }

  #named(names: ReadonlySet<string>): readonly NodeInfo[] {
    return [...names].flatMap((name) => this.#parts.world.cluster.node(name) ?? []);
  }

  /** Where room was made for the pod, if it fits there. */
  #feasibleNomination(filters: PodFilters): NodeInfo | undefined {
    const name = filters.pod.pod.status?.nominatedNodeName;
    const node = name ? this.#parts.world.cluster.node(name) : undefined;
    return node !== undefined && filters.check(node) === undefined ? node : undefined;
  }

  /** kube-scheduler looks for claims to deallocate before it preempts, and finds that nobody looked at any. */
  #rejected(filters: PodFilters, { plugin, reasons, isResolvable }: Rejection): Failure {
    const { nodes } = this.#parts.world.cluster;
    const plugins = plugin === '' ? filters.choosers : [plugin];
    const upFront = reasons.join(', ');
    if (!isResolvable) {
      const message = fitMessage({ nodes: nodes.length, rejections: new Map(), upFront, after: 'not found' });
      return { message, plugins: new Set(plugins) };
    }
    const rejection = { plugin, reasons, isResolvable };
    return this.#failure(filters, new Map(nodes.map(({ name }) => [name, rejection])), { upFront, plugins });
  }

  #fitsNowhere(filters: PodFilters, rejections: ReadonlyMap<string, Rejection>): Failure {
    const { choosers } = filters;
    const others = choosers.length > 0 ? [`node(s) didn't satisfy plugin(s) [${choosers.join(' ')}]`] : [];
    const plugins = [...choosers, ...[...rejections.values()].map(({ plugin }) => plugin)];
    return this.#failure(filters, rejections, { others, plugins });
  }

  #failure(
    filters: PodFilters,
    rejections: ReadonlyMap<string, Rejection>,
    { plugins, ...why }: { upFront?: string; others?: readonly string[]; plugins: readonly string[] },
  ): Failure {
    const { world, budgets, random, now } = this.#parts;
    const { cluster } = world;
    const result = preempt(filters, rejections, { cluster, budgets: budgets(), random, now: now() });
    const after = result.candidate === undefined ? `no new claims to deallocate, preemption: ${result.message}` : '';
    return {
      message: fitMessage({ nodes: cluster.nodes.length, rejections, after, ...why }),
      plugins: new Set(plugins),
      ...(result.candidate !== undefined && { candidate: result.candidate }),
      ...(result.nominated !== undefined && { nominated: result.nominated }),
    };
  }
}

function placedOn(node: NodeInfo, filters: PodFilters): Placement {
  const volumes = filters.volumesOn(node);
  return { node, ...(volumes !== undefined && { volumes }) };
}
