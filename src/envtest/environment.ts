import type { KubeObject } from 'nekube/apimachinery';
import type { Client, ClientOptions, FakeClock, Kind } from 'nekube/client';
import type { TestUser } from './certificates.ts';
import type { Faults } from './faults.ts';
import type { Level } from './level.ts';
import type { PastClient } from './past.ts';
import type { EventRecorder } from './recorder.ts';
import type { RequestLog } from './request-log.ts';
import type { Snapshot } from './snapshots.ts';
import type { TestClock } from './test-clock.ts';
import type { WaitOptions } from './waiting.ts';
import type { WebhookHandler, WebhookHost, WebhookServices } from './webhook-host.ts';

/** What a test asks for. */
export interface StartOptions {
  /** Default: what `NEKUBE_TEST_LEVEL` says, else `envtest`. */
  readonly level?: Level;
  /** Tells it apart in messages; default `test`. */
  readonly name?: string;
  /** Created in this order when the definitions are served: objects, or files and folders of them. */
  readonly objects?: readonly (KubeObject | string)[];
  /** Custom resource definitions: objects, or files and folders of them (YAML or JSON, of which others are passed over). */
  readonly crds?: readonly (KubeObject | string)[];
  /** Configurations of admission webhooks, read as definitions are; they, and conversions, are pointed to `webhooks`. */
  readonly webhooks?: readonly (KubeObject | string)[];
  /** Answers all webhooks of the test; as `webhooks.serve`. */
  readonly webhookHandler?: WebhookHandler;
  /** Services whose webhooks others serve: references to these stay. Not at cluster. */
  readonly webhookServices?: WebhookServices;
  /**
   * Built-in controllers to run beside the server, as `nekube up --controllers` has them: `all`, `*,-NAME`, names. Default
   * none, as envtest everywhere; a cluster (the level) runs its own, whatever is said here.
   */
  readonly controllers?: string | readonly string[];
  /** Where the addresses of Services come from; default `10.0.0.0/24`, which is enough for 254. A cluster has its own. */
  readonly serviceClusterIpRange?: string;
  /**
   * How many nodes run beside the server, and with them the scheduler; default none. They are `node-1`, `node-2` and so on; a
   * cluster has its own.
   */
  readonly nodes?: number;
  /**
   * What runs for which image: a file (docs/node.md), or `fake` (the default), with which all pods count as running. At the level
   * fake no process is run: what the file names counts as running.
   */
  readonly images?: string;
  /** Default `fake` at the level fake, elsewhere `system`, which is all that there is at cluster. */
  readonly clock?: FakeClock | 'fake' | 'system';
  /** How the clients of the environment behave. */
  readonly client?: ClientOptions;
  /** At cluster: the kubeconfig; default as kubectl finds it. */
  readonly kubeconfig?: string;
  /** At cluster: the context; default the current one. */
  readonly context?: string;
  /** Gets a line for each failure of the server's own; default: none. */
  readonly log?: (line: string) => void;
}

/** A control plane for a test, which is its own at fake and envtest, and shared at cluster. */
export interface Environment {
  readonly level: Level;
  readonly name: string;
  /** May do everything. */
  readonly client: Client;
  /** The server's time, to be handed to what is tested. */
  readonly clock: TestClock;
  /** The same cluster as another user: by a certificate, at cluster by impersonation. */
  user(user: TestUser, options?: ClientOptions): Client;
  /**
   * A kubeconfig for programs (mode 0600; it goes with the environment): with all rights, or of another user.
   *
   * @throws UnsupportedAtLevelError at fake; at cluster for another user
   */
  kubeconfig(user?: TestUser): string;
  /** Where the webhooks of the test are answered. */
  readonly webhooks: Pick<WebhookHost, 'serve' | 'handOut'>;
  /** What the server was asked since the start. @throws UnsupportedAtLevelError at cluster */
  readonly requests: RequestLog;
  /** What is to go wrong. @throws UnsupportedAtLevelError at cluster */
  readonly faults: Faults;
  /** Tries until it holds; under a fake clock time passes between the tries. See {@link eventually}. */
  eventually<T>(attempt: () => T | Promise<T>, options?: WaitOptions): Promise<Exclude<T, false>>;
  /** Must hold for a time. */
  consistently<T>(attempt: () => T | Promise<T>, options?: WaitOptions): Promise<T>;
  /** Records what becomes of objects of these kinds from now on. It ends with the environment. */
  record(...kinds: readonly Kind[]): Promise<EventRecorder>;
  /** Reads the state as of a revision, `metadata.resourceVersion` of anything. */
  at(revision: string | number): PastClient;
  /** All that the server keeps, for `restore`; costs nothing worth to mention. @throws UnsupportedAtLevelError at cluster */
  snapshot(): Snapshot;
  /** Brings it back, by new writes of what differs. Takes milliseconds. @throws UnsupportedAtLevelError at cluster */
  restore(snapshot: Snapshot): Promise<void>;
  /** Installs definitions later, as `crds` does at the start. @throws ManifestError */
  install(...manifests: readonly (KubeObject | string)[]): Promise<void>;
  /** Makes a namespace that nobody else has; it goes with the environment. */
  namespace(prefix?: string): Promise<string>;
  /** Ends it, and takes back what it made. May be called again. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
