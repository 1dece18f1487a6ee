import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type ClientOptions, connect, loadKubeconfig, newClient, type Transport } from 'nekube/client';
import type { TestUser } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';
import type { StartOptions } from './environment.ts';
import type { Faults } from './faults.ts';
import { installObject } from './install.ts';
import { UnsupportedAtLevelError } from './level.ts';
import type { Manifest } from './manifests.ts';
import type { RequestLog } from './request-log.ts';
import { SharedDefinitions } from './shared-definitions.ts';
import type { Snapshot } from './snapshots.ts';
import { type TestClock, testClock } from './test-clock.ts';

/** Takes a cluster that a kubeconfig names: what is made in it is removed at the end, and nothing else is touched. */
export async function joinCluster(options: StartOptions, id: string): Promise<ControlPlane> {
  if (options.clock !== undefined && options.clock !== 'system')
    throw new UnsupportedAtLevelError('cluster', 'turn the clock', "time there is the cluster's own");
  const { kubeconfig, context } = options;
  const admin = await connect({
    ...options.client,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  return new ClusterPlane(admin, options, id);
}

class ClusterPlane implements ControlPlane {
  readonly clock: TestClock = testClock('system');
  readonly #admin: Client;
  readonly #options: StartOptions;
  readonly #definitions: SharedDefinitions;
  readonly #made: KubeObject[] = [];

  constructor(admin: Client, options: StartOptions, id: string) {
    this.#admin = admin;
    this.#options = options;
    this.#definitions = new SharedDefinitions(admin, id);
  }

  get requests(): RequestLog {
    throw new UnsupportedAtLevelError('cluster', 'log requests', 'they are known to its server alone');
  }

  get faults(): Faults {
    throw new UnsupportedAtLevelError('cluster', 'inject faults', 'its server cannot be told to fail');
  }

  client(user?: TestUser, options?: ClientOptions): Client {
    if (user === undefined && options === undefined) return this.#admin;
    const impersonate = user && { user: user.name, groups: [...(user.groups ?? [])] };
    const { defaultNamespace } = this.#admin;
    return newClient(shared(this.#admin.transport), {
      defaultNamespace,
      ...this.#options.client,
      ...options,
      ...(impersonate && { impersonate }),
    });
  }

  kubeconfig(user?: TestUser): string {
    if (user !== undefined) {
      const why = 'users are impersonated there, which a file of theirs cannot do';
      throw new UnsupportedAtLevelError('cluster', 'write a kubeconfig of another user', why);
    }
    const { kubeconfig, context } = this.#options;
    const [file] = loadKubeconfig(kubeconfig === undefined ? {} : { path: kubeconfig }).files;
    if (file !== undefined && context === undefined) return file;
    const why =
      context === undefined ? 'it is reached without one' : 'a context of it was chosen, which a file cannot say';
    throw new UnsupportedAtLevelError('cluster', 'hand out a kubeconfig', why);
  }

  async install(manifest: Manifest): Promise<void> {
    await installObject(this.#admin, manifest, (object) => this.#made.push(object));
  }

  define(definitions: readonly Manifest[]): Promise<void> {
    return this.#definitions.define(definitions);
  }

  snapshot(): Snapshot {
    throw new UnsupportedAtLevelError('cluster', 'take a snapshot', 'it is shared with others');
  }

  async restore(): Promise<void> {
    throw new UnsupportedAtLevelError('cluster', 'restore a snapshot', 'it is shared with others');
  }

  /** Removes all that it can, the newest first, and then tells of the first that failed. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const object of this.#made.splice(0).reverse()) await this.#remove(object).catch((e) => failures.push(e));
    await this.#definitions.release().catch((e) => failures.push(e));
    await this.#admin.close();
    if (failures.length > 0) throw failures[0];
  }

  async #remove({ apiVersion = '', kind = '', metadata }: KubeObject): Promise<void> {
    const { name = '', namespace, uid } = metadata;
    try {
      const key = { name, ...(namespace !== undefined && { namespace }) };
      await this.#admin.delete({ apiVersion, kind }, key, {
        propagationPolicy: 'Background',
        ...(uid !== undefined && { preconditions: { uid } }),
      });
    } catch (error) {
      if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
    }
  }
}

/** The same without its end: it is the admin's. */
function shared(transport: Transport): Transport {
  return { url: transport.url, send: (request) => transport.send(request), close: async () => {} };
}
