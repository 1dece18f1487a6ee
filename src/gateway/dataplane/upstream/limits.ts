import type { BackendSettings } from '../../model/index.ts';

/** What a backend may have at once (a circuit breaker), and has. */
export class Limits {
  connections = 0;
  requests = 0;
  retries = 0;
  readonly maxPending: number;
  readonly #maxConnections: number;
  readonly #maxRequests: number;
  readonly #maxRetries: number;
  readonly #onFreed: () => void;

  constructor(settings: BackendSettings['circuitBreaker'], onFreed: () => void) {
    this.#maxConnections = settings?.maxConnections ?? Number.POSITIVE_INFINITY;
    this.maxPending = settings?.maxPendingRequests ?? Number.POSITIVE_INFINITY;
    this.#maxRequests = settings?.maxRequests ?? Number.POSITIVE_INFINITY;
    this.#maxRetries = settings?.maxRetries ?? Number.POSITIVE_INFINITY;
    this.#onFreed = onFreed;
  }

  get mayConnect(): boolean {
    return this.connections < this.#maxConnections;
  }

  get mayRequest(): boolean {
    return this.requests < this.#maxRequests;
  }

  get mayRetry(): boolean {
    return this.retries < this.#maxRetries;
  }

  /** A connection is gone, so there may be a place for another one. */
  freed(): void {
    if (this.#maxConnections !== Number.POSITIVE_INFINITY) this.#onFreed();
  }
}
