import type { Client, ClientOptions } from 'nekube/client';
import type { TestUser } from './certificates.ts';
import type { Faults } from './faults.ts';
import type { Manifest } from './manifests.ts';
import type { RequestLog } from './request-log.ts';
import type { Snapshot } from './snapshots.ts';
import type { TestClock } from './test-clock.ts';

/** What an environment needs of its level. What a level does not have throws an UnsupportedAtLevelError. */
export interface ControlPlane {
  readonly clock: TestClock;
  readonly requests: RequestLog;
  readonly faults: Faults;
  /** Where programs reach it; undefined where there is no socket. */
  readonly url?: string | undefined;
  /** Of a user, or of who may do everything; without options always the same one. */
  client(user?: TestUser, options?: ClientOptions): Client;
  kubeconfig(user?: TestUser): string;
  /** Makes an object be there, for as long as the environment. @throws ManifestError */
  install(manifest: Manifest): Promise<void>;
  /** The same for definitions, until they are served. @throws ManifestError */
  define(definitions: readonly Manifest[]): Promise<void>;
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): Promise<void>;
  stop(): Promise<void>;
}
