import type { KeyPair } from 'nekube/pki';

/** Where a server has its certificate from, and is told of the next one. */
export interface CertificateSource {
  /** For logs. */
  readonly name: string;
  /** The certificate with its chain, and its key; PEM. @throws Error before it is ready */
  readonly current: KeyPair;
  /** Keeps the certificate up to date until the signal is aborted. Started twice it runs once. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when there is a certificate; rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  /** Is told each certificate that comes after the current one; the result ends that. */
  subscribe(listener: (pair: KeyPair) => void): () => void;
}

/** A source whose certificate is replaced while it runs; how is for those that are made of it. */
export abstract class RenewedCertificate implements CertificateSource {
  abstract readonly name: string;
  #current: KeyPair | undefined;
  #running: Promise<void> | undefined;
  readonly #listeners = new Set<(pair: KeyPair) => void>();
  readonly #waiting = new Set<() => void>();

  get current(): KeyPair {
    if (this.#current === undefined) throw new Error(`${this.name} has no certificate yet`);
    return this.#current;
  }

  start(signal: AbortSignal): Promise<void> {
    this.#running ??= this.keep(signal);
    return this.#running;
  }

  /** Sees to the certificate until the signal is aborted. */
  protected abstract keep(signal: AbortSignal): Promise<void>;

  /** Takes a certificate; tells whether it is another one than before. */
  protected take(pair: KeyPair): boolean {
    if (this.#current?.cert === pair.cert && this.#current.key === pair.key) return false;
    const first = this.#current === undefined;
    this.#current = pair;
    if (!first) for (const listener of this.#listeners) listener(pair);
    for (const resolve of this.#waiting) resolve();
    return true;
  }

  ready(signal: AbortSignal): Promise<void> {
    if (this.#current !== undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(done);
        reject(signal.reason);
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  subscribe(listener: (pair: KeyPair) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** A certificate that stays. */
export function fixedCertificate(pair: KeyPair): CertificateSource {
  return {
    name: 'fixed certificate',
    current: pair,
    start: () => Promise.resolve(),
    ready: () => Promise.resolve(),
    subscribe: () => () => {},
  };
}
