import { rootCertificates } from 'node:tls';
import type { RunningServer, WebhookDispatch } from 'nekube/apiserver';
import { type Client, type ClientOptions, newClient, type Transport, transportFor } from 'nekube/client';
import type { LocalStorage } from 'nekube/storage';
import { ADMIN, certificateOf, processPki, type TestUser } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';
import type { StartOptions } from './environment.ts';
import { Faults } from './faults.ts';
import { serveFresh } from './fresh-storage.ts';
import { installDefinitions, installObject, untilServed } from './install.ts';
import { writeKubeconfigFile } from './kubeconfig-file.ts';
import { lazyTransport } from './lazy-transport.ts';
import { UnsupportedAtLevelError } from './level.ts';
import type { Manifest } from './manifests.ts';
import type { TestNodes } from './nodes.ts';
import { RequestLog } from './request-log.ts';
import { restoreSnapshot, type Snapshot, takeSnapshot } from './snapshots.ts';
import { type TestClock, testClock } from './test-clock.ts';
import { calledWebhook } from './webhook-host.ts';

/** What is made before the server, and goes into it. */
interface Parts {
  readonly level: 'fake' | 'envtest';
  readonly clock: TestClock;
  readonly requests: RequestLog;
  readonly faults: Faults;
  readonly clientOptions: ClientOptions;
}

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/** Starts a server of this process: the levels fake and envtest. */
export async function startLocal(
  level: 'fake' | 'envtest',
  options: StartOptions,
  webhookDispatch: WebhookDispatch,
  ofNodes: TestNodes['server'] = {},
): Promise<ControlPlane> {
  const { webhookServices: services } = options;
  const asked = options.clock ?? (level === 'fake' ? 'fake' : 'system');
  const clock = testClock(asked);
  const [requests, faults] = [new RequestLog(), new Faults(clock)];
  const { server, storage } = await serveFresh(
    {
      ...(level === 'envtest' && { listen: { host: '127.0.0.1', port: 0 } }),
      pki: processPki(),
      now: () => new Date(clock.now()),
      filters: { first: requests.filter, identified: faults.filter },
      webhookDispatch,
      ...(services && {
        webhookServices: (service) => services.addressOf(service),
        webhookUrls: async (url) => await services.addressOfUrl?.(url),
        webhookCas: () => [processPki().caCert, ...rootCertificates].join('\n'),
        onWebhookCall: (call) => services.onCall?.(calledWebhook(call)),
      }),
      ...ofNodes,
      ...(options.log && { log: options.log }),
      ...(options.serviceClusterIpRange && { serviceClusterIpRange: options.serviceClusterIpRange }),
    },
    { clock, moment: asked === 'system' ? 'system' : String(clock.now()) },
  );
  // one that was forgotten is told of when the process ends, so it must not keep it
  server.unref();
  return new LocalPlane({ level, clock, requests, faults, clientOptions: options.client ?? {} }, server, storage);
}

class LocalPlane implements ControlPlane {
  readonly clock: TestClock;
  readonly requests: RequestLog;
  readonly faults: Faults;
  readonly #parts: Parts;
  readonly #server: RunningServer;
  readonly #storage: LocalStorage;
  readonly #clients = new Map<string, Client>();
  readonly #kubeconfigs = new Map<string, ReturnType<typeof writeKubeconfigFile>>();

  constructor(parts: Parts, server: RunningServer, storage: LocalStorage) {
    this.clock = parts.clock;
    this.requests = parts.requests;
    this.faults = parts.faults;
    this.#parts = parts;
    this.#server = server;
    this.#storage = storage;
  }

  get url(): string | undefined {
    return this.#parts.level === 'fake' ? undefined : this.#server.url;
  }

  client(user: TestUser = ADMIN, options?: ClientOptions): Client {
    const key = JSON.stringify([user.name, ...(user.groups ?? [])]);
    const known = options === undefined ? this.#clients.get(key) : undefined;
    if (known !== undefined) return known;
    const made = newClient(this.#transport(user), { ...this.#parts.clientOptions, ...options });
    this.#clients.set(options === undefined ? key : `${key} ${this.#clients.size}`, made);
    return made;
  }

  kubeconfig(user: TestUser = ADMIN): string {
    if (this.#parts.level === 'fake') {
      const why = 'its server has no socket that another program could reach; use level envtest';
      throw new UnsupportedAtLevelError('fake', 'write a kubeconfig', why);
    }
    const key = JSON.stringify([user.name, ...(user.groups ?? [])]);
    const known = this.#kubeconfigs.get(key);
    if (known !== undefined) return known.path;
    const made = writeKubeconfigFile(this.#server.url, processPki().caCert, certificateOf(user));
    this.#kubeconfigs.set(key, made);
    return made.path;
  }

  async install(manifest: Manifest): Promise<void> {
    await installObject(this.client(), manifest, () => {});
  }

  define(definitions: readonly Manifest[]): Promise<void> {
    return installDefinitions(this.client(), definitions, () => {});
  }

  snapshot(): Snapshot {
    return takeSnapshot(this.#storage, this.clock.now());
  }

  async restore(snapshot: Snapshot): Promise<void> {
    const { definitionsChanged } = await restoreSnapshot(this.#storage, snapshot);
    // what watches in the server is told in its next turns
    await turn();
    await turn();
    if (!definitionsChanged) return;
    const { items } = await this.client().list(DEFINITION);
    await Promise.all(items.map((object) => untilServed(this.client(), { object, place: 'the snapshot' })));
  }

  async stop(): Promise<void> {
    for (const { remove } of this.#kubeconfigs.values()) remove();
    try {
      await Promise.all([...this.#clients.values()].map((client) => client.close()));
    } finally {
      await this.#server.close();
      await this.#storage.close();
    }
  }

  #transport(user: TestUser): Transport {
    const { cert, key } = certificateOf(user);
    const { url } = this.#server;
    if (this.#parts.level === 'fake') return { url, ...this.#server.connect({ certificate: cert }) };
    const config = {
      server: url,
      ca: { pem: processPki().caCert },
      clientCertificate: { pem: cert },
      clientKey: { pem: key },
    };
    return lazyTransport(url, () => transportFor(config));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
