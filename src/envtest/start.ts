import { randomBytes } from 'node:crypto';
import type { KubeObject } from 'nekube/apimachinery';
import type { Client, ClientOptions, Kind } from 'nekube/client';
import { runBuiltinControllers } from './builtin-controllers.ts';
import { processPki, type TestUser } from './certificates.ts';
import { joinCluster } from './cluster-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Environment, StartOptions } from './environment.ts';
import type { Faults } from './faults.ts';
import { callerOf, noteRunning } from './leaks.ts';
import { type Level, levelOf } from './level.ts';
import { startLocal } from './local-plane.ts';
import { type Manifest, readManifests } from './manifests.ts';
import { nodesOf } from './nodes.ts';
import { type PastClient, pastClient } from './past.ts';
import { EventRecorder } from './recorder.ts';
import type { RequestLog } from './request-log.ts';
import type { Snapshot } from './snapshots.ts';
import type { TestClock } from './test-clock.ts';
import { consistently, eventually, type WaitOptions } from './waiting.ts';
import { WebhookHost } from './webhook-host.ts';

const DEFINITION = 'CustomResourceDefinition';
const CONFIGURATIONS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/**
 * Starts a control plane for a test, with what the test needs in it.
 *
 * At fake and envtest it is a new one of this process, with nothing but what a fresh cluster has; only the first of a
 * process has to make that. Nothing of it outlives `stop`. At cluster what is made is removed by `stop`.
 *
 * @throws RangeError for a level or a controller that there is not; ManifestError for what cannot be installed, with file, document and path
 */
export async function start(options: StartOptions = {}): Promise<Environment> {
  const startedAt = callerOf();
  const level = levelOf(options.level);
  const id = randomBytes(4).toString('hex');
  const manifests = manifestsOf(options);
  const webhooks = new WebhookHost(level, options.webhookServices);
  let environment: TestEnvironment | undefined;
  try {
    const nodes = await nodesOf(level, options);
    const plane =
      level === 'cluster'
        ? await joinCluster(options, id)
        : await startLocal(level, options, webhooks.dispatch, nodes?.server);
    environment = new TestEnvironment(plane, webhooks, { level, id, name: options.name ?? 'test', startedAt });
    if (options.webhookHandler) webhooks.serve(options.webhookHandler);
    await environment.installAll(manifests);
    if (level !== 'cluster')
      environment.stopControllers = await runBuiltinControllers(plane, options, processPki().caCert);
    if (nodes !== undefined) environment.stopNodes = await nodes.run(plane);
    if (level !== 'cluster') environment.requests.clear();
    return environment;
  } catch (error) {
    await (environment ?? { stop: () => webhooks.close() }).stop();
    throw error;
  }
}

/** Read before anything is started, so that what is wrong in a file is told at once. */
function manifestsOf({ crds = [], webhooks = [], objects = [] }: StartOptions): Manifest[] {
  const definitions = readManifests(crds).filter(({ object }) => object.kind === DEFINITION);
  const configurations = readManifests(webhooks).filter(({ object }) => CONFIGURATIONS.includes(object.kind ?? ''));
  return [...definitions, ...configurations, ...readManifests(objects)];
}

function needsWebhooks({ object }: Manifest): boolean {
  return CONFIGURATIONS.includes(object.kind ?? '') || object.spec?.conversion?.strategy === 'Webhook';
}

/** By what an environment is known. */
interface Identity {
  readonly level: Level;
  readonly id: string;
  readonly name: string;
  readonly startedAt: string;
}

class TestEnvironment implements Environment {
  readonly level: Level;
  readonly name: string;
  readonly webhooks: WebhookHost;
  /** Set once they run. */
  stopControllers: () => Promise<void> = async () => {};
  stopNodes: () => Promise<void> = async () => {};
  readonly #plane: ControlPlane;
  readonly #id: string;
  readonly #forget: () => void;
  readonly #recorders: EventRecorder[] = [];
  #stopping: Promise<void> | undefined;

  constructor(plane: ControlPlane, webhooks: WebhookHost, { level, id, name, startedAt }: Identity) {
    this.level = level;
    this.name = name;
    this.webhooks = webhooks;
    this.#plane = plane;
    this.#id = id;
    this.#forget = noteRunning(name, level, startedAt);
  }

  get client(): Client {
    return this.#plane.client();
  }

  get clock(): TestClock {
    return this.#plane.clock;
  }

  get requests(): RequestLog {
    return this.#plane.requests;
  }

  get faults(): Faults {
    return this.#plane.faults;
  }

  user(user: TestUser, options?: ClientOptions): Client {
    return this.#plane.client(user, options);
  }

  kubeconfig(user?: TestUser): string {
    return this.#plane.kubeconfig(user);
  }

  async namespace(prefix = 'test'): Promise<string> {
    const name = `${prefix}-${this.#id}-${randomBytes(3).toString('hex')}`;
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await this.#plane.install({ object, place: 'a namespace of the test' });
    return name;
  }

  install(...sources: readonly (KubeObject | string)[]): Promise<void> {
    return this.installAll(readManifests(sources));
  }

  /** Definitions first, whatever the order: the others may be of them. */
  async installAll(manifests: readonly Manifest[]): Promise<void> {
    if (manifests.some(needsWebhooks)) await this.webhooks.open();
    const here = manifests.map((manifest) => (needsWebhooks(manifest) ? this.#redirected(manifest) : manifest));
    await this.#plane.define(here.filter(({ object }) => object.kind === DEFINITION));
    const others = here.filter(({ object }) => object.kind !== DEFINITION);
    // who serves them may not be there before what is installed
    const last = others.filter(({ object }) => this.webhooks.isElsewhere(object));
    for (const manifest of [...others.filter((one) => !last.includes(one)), ...last])
      await this.#plane.install(manifest);
  }

  eventually<T>(attempt: () => T | Promise<T>, options?: WaitOptions): Promise<Exclude<T, false>> {
    return eventually(this.clock, attempt, options);
  }

  consistently<T>(attempt: () => T | Promise<T>, options?: WaitOptions): Promise<T> {
    return consistently(this.clock, attempt, options);
  }

  async record(...kinds: readonly Kind[]): Promise<EventRecorder> {
    const recorder = new EventRecorder((attempt, options) => this.eventually(attempt, options));
    this.#recorders.push(recorder);
    await recorder.start(this.client, kinds);
    return recorder;
  }

  at(revision: string | number): PastClient {
    return pastClient(this.client, String(revision));
  }

  snapshot(): Snapshot {
    return this.#plane.snapshot();
  }

  restore(snapshot: Snapshot): Promise<void> {
    return this.#plane.restore(snapshot);
  }

  stop(): Promise<void> {
    this.#forget();
    return (this.#stopping ??= this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    try {
      await Promise.all([
        this.stopControllers(),
        this.stopNodes(),
        ...this.#recorders.map((recorder) => recorder.stop()),
      ]);
      await this.#plane.stop();
    } finally {
      await this.webhooks.close();
    }
  }

  /** In a cluster others may have a configuration of the same name. */
  #redirected(manifest: Manifest): Manifest {
    const { object, place } = this.webhooks.redirect(manifest);
    if (this.level !== 'cluster' || object.kind === DEFINITION) return { object, place };
    const metadata = { ...object.metadata, name: `${object.metadata.name}-${this.#id}` };
    return { object: { ...object, metadata }, place };
  }
}
