import type { NodeParts } from '../agent/node-parts.ts';
import { PodWorker } from '../agent/pod-worker.ts';
import type { Pod } from '../pod/pod.ts';

/** The pods of one node, each with its worker. */
export class NodeAgent {
  readonly #parts: NodeParts;
  /** By uid: a pod may have the name of one that is still on its way out. */
  readonly #workers = new Map<string, PodWorker>();
  #isStopping = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  /** The node's name. */
  get name(): string {
    return this.#parts.name;
  }

  /** What its pods are run with. */
  get parts(): NodeParts {
    return this.#parts;
  }

  /** The node's pods, also those on their way out. */
  get workers(): IterableIterator<PodWorker> {
    return this.#workers.values();
  }

  /** The worker of a pod; of several with a name the youngest. */
  find(namespace: string, name: string): PodWorker | undefined {
    const all = [...this.#workers.values()];
    return all.findLast(({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** The API has a pod of this node, or another version of one. */
  put(pod: Pod): void {
    if (this.#isStopping) return;
    const { uid = '' } = pod.metadata;
    const known = this.#workers.get(uid);
    if (known !== undefined) return known.update(pod);
    const worker = new PodWorker(this.#parts, pod, () => void this.#workers.delete(uid));
    this.#workers.set(uid, worker);
    worker.wake();
  }

  /** The API has it no more. */
  remove(pod: Pod): void {
    this.#workers.get(pod.metadata.uid ?? '')?.gone(pod);
  }

  /** Ends all processes: asks them to, and kills what is left after so long. The API is told nothing. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop(graceMs)));
    this.#workers.clear();
  }
}
