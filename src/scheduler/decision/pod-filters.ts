import type { NodeInfo } from '../cluster/node-info.ts';
import type { PodInfo } from '../cluster/pod-info.ts';
import type { VolumePlan } from '../plugins/find-volumes.ts';
import type { FilterPlugin, PreparedFilter, Rejection, World } from '../plugins/plugin.ts';
import type { Nominations } from '../queue/nominations.ts';

/** All filters, having looked at one pod. */
export class PodFilters {
  readonly pod: PodInfo;
  /** Why it fits nowhere, whatever the nodes are. */
  readonly rejection: Rejection | undefined;
  /** The nodes that it can be on; undefined: all. */
  readonly nodes: ReadonlySet<string> | undefined;
  /** The names of the filters that say which nodes these are. */
  readonly choosers: readonly string[];
  readonly #nominations: Nominations;
  readonly #filters: readonly PreparedFilter[];

  constructor(
    pod: PodInfo,
    {
      plugins,
      world,
      nominations,
    }: {
      readonly plugins: readonly FilterPlugin[];
      readonly world: World;
      readonly nominations: Nominations;
    },
  ) {
    this.pod = pod;
    this.#nominations = nominations;
    const filters: PreparedFilter[] = [];
    const choosers: string[] = [];
    let nodes: ReadonlySet<string> | undefined;
    for (const plugin of plugins) {
      const prepared = plugin.prepare(pod, world);
      if (prepared === undefined) continue;
      this.rejection ??= prepared.rejection;
      if (prepared.rejection !== undefined && !prepared.rejection.isResolvable) {
        this.rejection = prepared.rejection;
        break;
      }
      filters.push(prepared);
      if (prepared.nodes === undefined) continue;
      choosers.push(plugin.name);
      nodes = nodes === undefined ? prepared.nodes : new Set([...nodes].filter((name) => prepared.nodes!.has(name)));
      if (nodes.size > 0) continue;
      this.rejection = noneLeft(choosers);
      break;
    }
    this.nodes = nodes;
    this.choosers = choosers.sort();
    this.#filters = filters;
  }

  /** Why the pod does not fit on a node; undefined: it does, whether or not those come who are to have room there. */
  check(node: NodeInfo): Rejection | undefined {
    const nominated = this.#nominations
      .on(node.name)
      .filter(({ priority, uid }) => priority >= this.pod.priority && uid !== this.pod.uid);
    if (nominated.length === 0) return this.#run(node);
    const crowded = node.copy();
    for (const pod of nominated) this.add(crowded, pod);
    const rejection = this.#run(crowded);
    for (const pod of nominated) this.#change(node, pod, -1);
    return rejection ?? this.#run(node);
  }

  /** What has to be done for the pod's volumes on a node that it fits on; undefined: nothing. */
  volumesOn(node: NodeInfo): VolumePlan | undefined {
    for (const filter of this.#filters) {
      const plan = filter.volumesOn?.(node);
      if (plan !== undefined) return plan;
    }
    return undefined;
  }

  /** Puts a pod on a node that is a copy, until it is removed. */
  add(node: NodeInfo, pod: PodInfo): void {
    node.add(pod);
    this.#change(node, pod, 1);
  }

  /** Takes a pod from a node that is a copy, until it is added. */
  remove(node: NodeInfo, pod: PodInfo): void {
    node.remove(pod.uid);
    this.#change(node, pod, -1);
  }

  #run(node: NodeInfo): Rejection | undefined {
    for (const filter of this.#filters) {
      const rejection = filter.filter?.(node);
      if (rejection !== undefined) return rejection;
    }
    return undefined;
  }

  #change(node: NodeInfo, pod: PodInfo, sign: 1 | -1): void {
    for (const filter of this.#filters) filter.change?.(node, pod, sign);
  }
}

function noneLeft(choosers: readonly string[]): Rejection {
  const reason =
    choosers.length === 1
      ? `node(s) didn't satisfy plugin ${choosers[0]}`
      : `node(s) didn't satisfy plugin(s) [${[...choosers].sort().join(' ')}] simultaneously`;
  return { plugin: '', reasons: [reason], isResolvable: false };
}
