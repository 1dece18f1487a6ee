import type { KubeObject } from 'nekube/apimachinery';
import type { Client, ClientOptions, FakeClock } from 'nekube/client';
import type { TestUser } from './certificates.ts';
import type { Level } from './level.ts';
import type { TestClock } from './test-clock.ts';

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
  /** A kubeconfig with all rights, for programs (mode 0600; it goes with the environment). @throws UnsupportedAtLevelError */
  kubeconfig(): string;
  /** Makes a namespace that nobody else has; it goes with the environment. */
  namespace(prefix?: string): Promise<string>;
  /** Ends it, and takes back what it made. May be called again. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
