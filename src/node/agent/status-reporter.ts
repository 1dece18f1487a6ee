import { isStatusError } from 'nekube/apimachinery';
import { type Client, type Clock, sleep } from 'nekube/client';
import { POD, type Pod } from '../pod/pod.ts';
import type { PodStatus } from '../pod/pod-status.ts';
import { statusPatch } from '../status/status-patch.ts';

/** How long is waited until a write that failed is made again. */
const RETRY_MS = 1000;

/** What a reporter is made with. */
export interface StatusReporterOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** The newest version of the pod that is known. */
  readonly pod: () => Pod;
  /** What its status is to be now. */
  readonly wanted: () => PodStatus;
  /** Is handed the pod as it was written. */
  readonly written: (pod: Pod) => void;
  readonly onError: (error: unknown) => void;
  /** Aborted: nothing more is written. */
  readonly signal: AbortSignal;
}

/** Writes a pod's status when it has changed: one write at a time, each of all that is known by then. */
export class StatusReporter {
  readonly #options: StatusReporterOptions;
  #writing: Promise<void> | undefined;

  constructor(options: StatusReporterOptions) {
    this.#options = options;
  }

  /** Something may have changed. Resolves when what is known now is written, or the pod is gone. */
  report(): Promise<void> {
    // what is known by the time of the write counts, so who comes before it begins shares it
    this.#writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const written = this.#untilWritten();
      return written.finally(() => {});
    });
    const writing = this.#writing;
    return writing.finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
  }

  async #untilWritten(): Promise<void> {
    const { client, clock, pod, wanted, written, signal, onError } = this.#options;
    while (!signal.aborted) {
      const { metadata } = pod();
      const patch = statusPatch(pod(), wanted());
      if (patch === undefined) return;
      try {
        const key = { namespace: metadata.namespace!, name: metadata.name! };
        written(await client.patch(POD, key, { strategic: patch as never }, { subresource: 'status' }));
      } catch (error) {
        // it is gone, or another has its name
        if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return;
        if (signal.aborted) return;
        onError(error);
        await sleep(RETRY_MS, clock, signal).catch(() => {});
      }
    }
  }
}
