import type { Pod } from '../pod/pod.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import type { NodeParts } from './node-parts.ts';

/** Volumes that show objects are brought up to date so often. */
const REFRESH_MS = 10_000;

/** The volumes of a pod, which are kept up to date from when they were first asked for. */
export class KeptVolumes {
  readonly #node: NodeParts;
  readonly #pod: () => Pod;
  readonly #volumes: PodVolumes;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(node: NodeParts, pod: () => Pod) {
    this.#node = node;
    this.#pod = pod;
    this.#volumes = new PodVolumes(node);
  }

  /** The folder of each volume, as it is to be now. @throws StartError `FailedMount` */
  async dirs(podIPs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const dirs = await this.#volumes.prepare(this.#pod(), podIPs);
    if (this.#cancel === undefined && dirs.size > 0) this.#later(podIPs);
    return dirs;
  }

  /** They stay as they are. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #later(podIPs: readonly string[]): void {
    if (this.#isClosed) return;
    this.#cancel = this.#node.clock.after(REFRESH_MS, () => {
      // what cannot be read stays as it was
      const prepared = this.#volumes.prepare(this.#pod(), podIPs).catch(() => {});
      void prepared.then(() => this.#later(podIPs));
    });
  }
}
