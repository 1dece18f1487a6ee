import { Worker } from 'node:worker_threads';
import { newFailure, StatusError } from 'nekube/apimachinery';
import type { KepCall, KepSource } from './kep-calls.ts';
import type { KepAnswer, KepQuestion } from './kep-worker.ts';

/** A checkout of kubernetes/enhancements. */
export interface KepCheckout {
  /** Its folder. */
  readonly from: string;
  /** The versioned list of features of kubernetes/kubernetes, a file; absent: KEPs are not compared with the code. */
  readonly features?: string;
}

interface Waiting {
  readonly resolve: (answer: string | Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** The KEPs of a checkout, in a thread of their own: reading them must not keep a server of this process waiting. */
export class CheckoutKeps implements KepSource {
  readonly #checkout: KepCheckout;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(checkout: KepCheckout) {
    this.#checkout = checkout;
  }

  /** The answer: JSON, or an image. @throws StatusError */
  ask(call: KepCall): Promise<string | Uint8Array> {
    const question: KepQuestion = { id: ++this.#lastId, ...call };
    this.#worker ??= this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.set(question.id, { resolve, reject });
      this.#worker!.postMessage(question);
    });
  }

  /** Begins to read, so that the first page need not wait for all of it. */
  start(): void {
    // what is wrong with the checkout is told to who asks for its KEPs
    this.ask({ path: 'index', query: '' }).catch(() => {});
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./kep-worker.js', import.meta.url), { workerData: this.#checkout });
    worker.unref();
    worker.on('message', (answer: KepAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('answer' in answer) waiting?.resolve(answer.answer);
      else waiting?.reject(new StatusError(answer.failure));
    });
    worker.on('error', (error: Error) => this.#end(error));
    worker.on('exit', () => this.#end(new Error('it has ended')));
    return worker;
  }

  /** The next question begins it anew. */
  #end(error: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values())
      reject(newFailure(500, 'InternalError', `the KEPs cannot be read: ${error.message}`));
    this.#waiting.clear();
  }
}
