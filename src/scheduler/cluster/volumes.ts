import type { KubeObject } from 'nekube/apimachinery';
import { type PersistentVolume, type PersistentVolumeClaim, classNameOf } from 'nekube/component-helpers';
import type { StorageClass } from '../objects/storage.ts';

/** Where claims, volumes and classes are read from. */
export interface VolumeSources {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
}

/**
 * Claims and volumes as the scheduler takes them to be. What it decided of one counts until the server has a newer version
 * than the one that it decided upon.
 */
export class Volumes {
  readonly #sources: VolumeSources;
  readonly #assumed = new Map<string, KubeObject>();

  constructor(sources: VolumeSources) {
    this.#sources = sources;
  }

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.#newer(this.#sources.claim(namespace, name));
  }

  volume(name: string): PersistentVolume | undefined {
    return this.#newer(this.#sources.volume(name));
  }

  /** Those of a class. */
  volumesOf(className: string): readonly PersistentVolume[] {
    return this.#sources
      .volumes()
      .filter((volume) => classNameOf(volume) === className)
      .map((volume) => this.#newer(volume)!);
  }

  storageClass(name: string): StorageClass | undefined {
    return this.#sources.storageClass(name);
  }

  /** Takes an object for what it is going to be; its version is the one that it was made of. */
  assume(object: KubeObject): void {
    this.#assumed.set(object.metadata.uid!, object);
  }

  /** Takes it for what the server says again. */
  forget(object: KubeObject): void {
    this.#assumed.delete(object.metadata.uid!);
  }

  #newer<T extends KubeObject>(object: T | undefined): T | undefined {
    if (object === undefined || this.#assumed.size === 0) return object;
    const { uid = '', resourceVersion } = object.metadata;
    const assumed = this.#assumed.get(uid);
    if (assumed?.metadata.resourceVersion === resourceVersion) return (assumed as T | undefined) ?? object;
    this.#assumed.delete(uid);
    return object;
  }
}
