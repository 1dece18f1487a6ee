import type { AddressInfo } from 'node:net';
import { aborted, deferred } from '../deferred.ts';
import { HttpServer, type HttpServerOptions, type RequestListener, urlOf } from './http-server.ts';

/** A server that runs until it is told to end, and keeps its certificate up to date meanwhile. */
export class HttpService {
  readonly #title: string;
  readonly #options: HttpServerOptions;
  readonly #listener: RequestListener;
  readonly #listening = deferred<void>();
  #address: AddressInfo | undefined;

  /** @param title what messages call it */
  constructor(title: string, options: HttpServerOptions, listener: RequestListener) {
    this.#title = title;
    this.#options = options;
    this.#listener = listener;
  }

  /** Undefined while it does not listen. */
  get address(): AddressInfo | undefined {
    return this.#address;
  }

  /** Where it is reached: `https://127.0.0.1:9443`. @throws Error before it listens */
  get url(): string {
    if (this.#address === undefined) throw new Error(`${this.#title} does not listen yet`);
    return urlOf(this.#options.certificates !== undefined, this.#address);
  }

  /** Resolves when it listens; rejects with what keeps it from that. */
  ready(): Promise<void> {
    return this.#listening.promise;
  }

  /**
   * Serves until the signal is aborted and what is being served then has ended.
   *
   * @param onServing is called when it listens
   * @throws Error where there is no certificate to begin with, or the address is in use
   */
  async run(signal: AbortSignal, onServing: () => void): Promise<void> {
    const { certificates } = this.#options;
    const kept = certificates?.start(signal) ?? Promise.resolve();
    const ready = async (): Promise<void> => certificates?.ready(signal);
    try {
      await Promise.race([ready(), kept.then(ready)]);
      const server = new HttpServer(this.#options, this.#listener);
      this.#address = await server.listen();
      this.#listening.resolve();
      onServing();
      // a source that fails later has told so: the certificate stays until it ends
      await Promise.race([aborted(signal), kept.then(() => aborted(signal))]).finally(() => server.close());
    } catch (error) {
      if (signal.aborted && error === signal.reason) return;
      this.#listening.reject(error);
      throw error;
    } finally {
      this.#address = undefined;
      // what keeps the certificate ends with the signal, and not with a failure here
      if (signal.aborted) await kept.catch(() => {});
    }
  }
}
