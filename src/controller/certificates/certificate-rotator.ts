import { type Client, type Clock, type ObjectKey, sleep, systemClock } from 'nekube/client';
import { type Logger, silentLogger } from '../log/logger.ts';
import { RenewedCertificate } from '../serving/certificate-source.ts';
import { type CertificateStore, memoryStore, secretStore } from './certificate-store.ts';
import { bundleOf, type CertificateState, type CertificateTerms, planCertificates } from './plan.ts';
import { applyTrust, type TrustTarget } from './trust.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What certificates are made for, and where they and the trust in them are kept. */
export interface CertificateRotatorOptions {
  /** Needed for a Secret and for trust. */
  readonly client?: Client;
  /** The Secret that all replicas share; default: each process has certificates of its own. */
  readonly secret?: ObjectKey;
  /** Reached in the cluster as this Service: `NAME.NAMESPACE.svc`. */
  readonly service?: { readonly namespace: string; readonly name: string };
  /** Further names; without a service the default is `localhost`. */
  readonly hosts?: readonly string[];
  /** Further addresses; without a service the default is `127.0.0.1`. */
  readonly ips?: readonly string[];
  /** Who gets the CAs to trust. */
  readonly trust?: readonly TrustTarget[];
  /** Who owns the trust; default `nekube-certificates`. */
  readonly fieldManager?: string;
  /** Default a year. It is replaced after two thirds of it. */
  readonly caLifetimeMs?: number;
  /** Default 90 days. It is replaced after two thirds of it. */
  readonly lifetimeMs?: number;
  /** Secret, trust and expiry are looked at so often; default 10,000. */
  readonly checkMs?: number;
  /** How long after a change all replicas and API servers know of it; default 6 checks. */
  readonly settleMs?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** Two replicas that start together meet here a few times at most. */
const MAX_ATTEMPTS = 10;

/**
 * Makes certificates, renews them before they end, and has the API server trust them: a CA of its own, kept in a Secret
 * that all replicas share. Servers take a new certificate without closing a connection, and a new CA is trusted before it
 * signs, so that no call fails meanwhile.
 */
export class CertificateRotator extends RenewedCertificate {
  readonly name = 'certificate rotator';
  readonly group = 'http';
  readonly #options: CertificateRotatorOptions;
  readonly #store: CertificateStore;
  readonly #terms: CertificateTerms;
  readonly #log: Logger;
  readonly #clock: Clock;
  #state: CertificateState | undefined;

  /** @throws TypeError if there is a Secret or trust, and no client */
  constructor(options: CertificateRotatorOptions = {}) {
    super();
    this.#options = options;
    const { client, secret, trust = [], checkMs = 10_000 } = options;
    if (client === undefined && (secret !== undefined || trust.length > 0)) {
      throw new TypeError('A Secret and trust need a client');
    }
    this.#store = client && secret ? secretStore(client, secret) : memoryStore();
    this.#log = (options.logger ?? silentLogger).named('certificates');
    this.#clock = options.clock ?? systemClock;
    this.#terms = {
      ...namesOf(options),
      caLifetimeMs: options.caLifetimeMs ?? 365 * DAY_MS,
      lifetimeMs: options.lifetimeMs ?? 90 * DAY_MS,
      settleMs: options.settleMs ?? 6 * checkMs,
    };
  }

  /** All that is to be trusted, PEM. @throws Error before it is ready */
  get caBundle(): string {
    if (this.#state === undefined) throw new Error(`${this.name} has no certificate yet`);
    return bundleOf(this.#state);
  }

  protected async keep(signal: AbortSignal): Promise<void> {
    const { checkMs = 10_000 } = this.#options;
    while (!signal.aborted) {
      await this.check().catch((error: unknown) => this.#log.error(error, 'Cannot check certificates; trying again'));
      await sleep(checkMs, this.#clock, signal).catch(() => {});
    }
  }

  /** Looks at everything now, and does what is due. @throws Error of the client */
  async check(): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { state, version } = await this.#store.read();
      const trusted = state !== undefined && (await this.#trust(state));
      const plan = planCertificates(state, this.#terms, new Date(this.#clock.now()), trusted);
      if (plan.change === undefined) return this.#use(plan.state);
      if (!(await this.#store.write(plan.state, version))) continue;
      this.#log.info('Certificates changed', { change: plan.change, hosts: this.#terms.hosts });
      await this.#trust(plan.state);
      this.#use(plan.state);
    }
    throw new Error('Others kept changing the certificates');
  }

  #use(state: CertificateState): void {
    this.#state = state;
    this.take(state.leaf);
  }

  /** Whether all who are to trust do; a failure is reported and tried again at the next check. */
  async #trust(state: CertificateState): Promise<boolean> {
    const { client, trust = [], fieldManager = 'nekube-certificates' } = this.#options;
    const bundle = bundleOf(state);
    const done = await Promise.all(
      trust.map(async (target) => {
        try {
          const changed = await applyTrust(client!, target, bundle, fieldManager);
          if (changed) this.#log.info('The CAs are written', { kind: target.kind, name: target.name });
          return true;
        } catch (error) {
          this.#log.error(error, 'Cannot write the CAs', { kind: target.kind, name: target.name });
          return false;
        }
      }),
    );
    return done.every(Boolean);
  }
}

function namesOf({ service, hosts, ips }: CertificateRotatorOptions): {
  hosts: readonly string[];
  ips: readonly string[];
} {
  if (service === undefined) return { hosts: hosts ?? ['localhost'], ips: ips ?? ['127.0.0.1'] };
  const name = `${service.name}.${service.namespace}.svc`;
  return { hosts: [name, `${name}.cluster.local`, ...(hosts ?? [])], ips: ips ?? [] };
}
