import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import { podDir } from '../agent/folders.ts';
import type { NodeParts } from '../agent/node-parts.ts';
import { StartError } from '../agent/start-error.ts';
import { valuesOf } from '../environment/objects.ts';
import { fieldOf, resourceOf } from '../environment/pod-fields.ts';
import type { Pod } from '../pod/pod.ts';
import type { DownwardSource, Projection, Volume } from '../pod/volume.ts';
import { type VolumeFile, writeAtomically } from './atomic-folder.ts';
import { TokenCache } from './token-cache.ts';
import { filesOfKeys } from './volume-files.ts';

const DEFAULT_MODE = 0o644;
const CLAIM: Kind<KubeObject & { spec: { volumeName?: string } }> = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };
const VOLUME: Kind<KubeObject & { spec: { hostPath?: { path: string }; local?: { path: string } } }> = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
};

type Files = Map<string, VolumeFile>;

/** The volumes of a pod, as folders of this machine. */
export class PodVolumes {
  readonly #node: NodeParts;
  readonly #tokens: TokenCache;
  #stamp = 0;

  constructor(node: NodeParts) {
    this.#node = node;
    this.#tokens = new TokenCache(node.client, node.clock);
  }

  /**
   * Makes all volumes, and brings those up to date that show objects.
   *
   * @returns the folder of each, by its name
   * @throws StartError, of which the message is that of the event `FailedMount`
   */
  async prepare(pod: Pod, podIPs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const dirs = new Map<string, string>();
    for (const volume of pod.spec.volumes ?? []) {
      try {
        dirs.set(volume.name, await this.#dirOf(pod, volume, podIPs));
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        const message = `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${error.message}`;
        throw new StartError('FailedMount', message);
      }
    }
    return dirs;
  }

  async #dirOf(pod: Pod, volume: Volume, podIPs: readonly string[]): Promise<string> {
    const { hostPath, persistentVolumeClaim: claim } = volume;
    if (hostPath !== undefined) return this.#hostPath(hostPath.path, hostPath.type);
    if (claim !== undefined) return this.#claimed(pod, claim.claimName);
    if (volume.ephemeral !== undefined) return this.#claimed(pod, `${pod.metadata.name}-${volume.name}`);
    const dir = join(podDir(this.#node.dir, pod.metadata.uid ?? ''), 'volumes', volume.name);
    if (volume.emptyDir !== undefined) {
      mkdirSync(dir, { recursive: true, mode: 0o777 });
      return dir;
    }
    const files = await this.#files(pod, volume, podIPs);
    writeAtomically(dir, files, `${this.#node.clock.now()}_${this.#stamp++}`);
    return dir;
  }

  #hostPath(path: string, type = ''): string {
    if (type.endsWith('OrCreate')) mkdirSync(path, { recursive: true, mode: 0o755 });
    else if (type !== '' && !existsSync(path)) {
      throw new StartError('FailedMount', `hostPath type check failed: ${path} is not a ${type.toLowerCase()}`);
    }
    return path;
  }

  async #claimed(pod: Pod, name: string): Promise<string> {
    const { namespace } = pod.metadata;
    const claim = await this.#node.client.get(CLAIM, { namespace, name });
    const { volumeName } = claim.spec;
    if (!volumeName) throw new StartError('FailedMount', `PersistentVolumeClaim ${namespace}/${name} is not bound`);
    const { spec } = await this.#node.client.get(VOLUME, { name: volumeName });
    const path = spec.hostPath?.path ?? spec.local?.path;
    if (path === undefined) throw new StartError('FailedMount', `volume ${volumeName} is no folder of this machine`);
    mkdirSync(path, { recursive: true, mode: 0o777 });
    return path;
  }

  async #files(pod: Pod, volume: Volume, podIPs: readonly string[]): Promise<Files> {
    const { configMap, secret, downwardAPI, projected } = volume;
    if (configMap) return this.#keys(pod, 'configmap', configMap, configMap.defaultMode);
    if (secret) return this.#keys(pod, 'secret', { ...secret, name: secret.secretName }, secret.defaultMode);
    if (downwardAPI) return this.#downward(pod, downwardAPI, podIPs, downwardAPI.defaultMode);
    if (projected === undefined) throw new StartError('FailedMount', 'this node has no volumes of that kind');
    const all: Files = new Map();
    for (const source of projected.sources ?? []) {
      const files = await this.#projection(pod, source, podIPs, projected.defaultMode);
      for (const [path, file] of files) all.set(path, file);
    }
    return all;
  }

  async #projection(pod: Pod, source: Projection, podIPs: readonly string[], mode?: number): Promise<Files> {
    const { configMap, secret, downwardAPI, serviceAccountToken: token } = source;
    if (configMap) return this.#keys(pod, 'configmap', configMap, mode);
    if (secret) return this.#keys(pod, 'secret', secret, mode);
    if (downwardAPI) return this.#downward(pod, downwardAPI, podIPs, mode);
    if (token === undefined) throw new StartError('FailedMount', 'this node has no such source of a projected volume');
    // others on this machine need not read it
    return new Map([[token.path, { data: Buffer.from(await this.#tokens.token(pod, token)), mode: 0o600 }]]);
  }

  async #keys(
    pod: Pod,
    kind: 'configmap' | 'secret',
    source: {
      name?: string | undefined;
      items?: Parameters<typeof filesOfKeys>[1]['items'];
      optional?: boolean | undefined;
    },
    defaultMode = DEFAULT_MODE,
  ): Promise<Files> {
    const { namespace = '' } = pod.metadata;
    const values = await valuesOf(this.#node.client, kind, { namespace, name: source.name, optional: source.optional });
    if (values === undefined) return new Map();
    return filesOfKeys(values, { what: kind, items: source.items, optional: source.optional, defaultMode });
  }

  #downward(pod: Pod, { items = [] }: DownwardSource, podIPs: readonly string[], defaultMode = DEFAULT_MODE): Files {
    const { addresses: hostIPs, allocatable } = this.#node;
    return new Map(
      items.map(({ path, mode = defaultMode, fieldRef, resourceFieldRef }) => {
        const text = fieldRef
          ? fieldOf(pod, fieldRef, { podIPs, hostIPs })
          : resourceOf(pod, resourceFieldRef!, undefined, allocatable);
        return [path, { data: Buffer.from(text), mode }];
      }),
    );
  }
}
