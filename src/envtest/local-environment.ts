import type { RunningServer } from 'nekube/apiserver';
import { type Client, type ClientOptions, newClient, type Transport, transportFor } from 'nekube/client';
import { ADMIN, certificateOf, processPki, type TestUser } from './certificates.ts';
import type { StartOptions } from './environment.ts';
import { serveFresh } from './fresh-storage.ts';
import { writeKubeconfigFile } from './kubeconfig-file.ts';
import { lazyTransport } from './lazy-transport.ts';
import { UnsupportedAtLevelError } from './level.ts';
import type { LocalStorage } from 'nekube/storage';
import { type TestClock, testClock } from './test-clock.ts';

/** A server of this process, and how it is reached: the levels fake and envtest. */
export class LocalControlPlane {
  readonly level: 'fake' | 'envtest';
  readonly clock: TestClock;
  readonly server: RunningServer;
  readonly storage: LocalStorage;
  readonly #clientOptions: ClientOptions;
  readonly #clients = new Map<string, Client>();
  #kubeconfig: ReturnType<typeof writeKubeconfigFile> | undefined;

  private constructor(
    level: 'fake' | 'envtest',
    parts: Pick<LocalControlPlane, 'clock' | 'server' | 'storage'>,
    options: ClientOptions,
  ) {
    this.level = level;
    this.clock = parts.clock;
    this.server = parts.server;
    this.storage = parts.storage;
    this.#clientOptions = options;
  }

  static async start(level: 'fake' | 'envtest', options: StartOptions): Promise<LocalControlPlane> {
    const asked = options.clock ?? (level === 'fake' ? 'fake' : 'system');
    const clock = testClock(asked);
    const { server, storage } = await serveFresh(
      {
        ...(level === 'envtest' && { listen: { host: '127.0.0.1', port: 0 } }),
        pki: processPki(),
        now: () => new Date(clock.now()),
        ...(options.log && { log: options.log }),
      },
      { clock, moment: asked === 'system' ? 'system' : String(clock.now()) },
    );
    return new LocalControlPlane(level, { clock, server, storage }, options.client ?? {});
  }

  /** A client of a user; without options always the same one. */
  client(user: TestUser = ADMIN, options?: ClientOptions): Client {
    const key = JSON.stringify([user.name, ...(user.groups ?? [])]);
    const known = options === undefined ? this.#clients.get(key) : undefined;
    if (known !== undefined) return known;
    const made = newClient(this.#transport(user), { ...this.#clientOptions, ...options });
    this.#clients.set(options === undefined ? key : `${key} ${this.#clients.size}`, made);
    return made;
  }

  kubeconfig(): string {
    if (this.level === 'fake')
      throw new UnsupportedAtLevelError(
        'fake',
        'write a kubeconfig',
        'its server has no socket that another program could reach; use level envtest',
      );
    this.#kubeconfig ??= writeKubeconfigFile(this.server.url, processPki().caCert, certificateOf(ADMIN));
    return this.#kubeconfig.path;
  }

  async stop(): Promise<void> {
    this.#kubeconfig?.remove();
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    await this.server.close();
    await this.storage.close();
  }

  #transport(user: TestUser): Transport {
    const { cert, key } = certificateOf(user);
    const { url } = this.server;
    if (this.level === 'fake') return { url, ...this.server.connect({ certificate: cert }) };
    const config = {
      server: url,
      ca: { pem: processPki().caCert },
      clientCertificate: { pem: cert },
      clientKey: { pem: key },
    };
    return lazyTransport(url, () => transportFor(config));
  }
}
