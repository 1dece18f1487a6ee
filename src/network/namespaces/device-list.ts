import type { PodDevices, PodDeviceWatcher } from '../pod-network.ts';

/** The devices of pods that there are, and who is told of them. */
export class DeviceList implements PodDevices {
  readonly bridge: string;
  readonly range: string;
  /** The node of each device. */
  readonly #devices = new Map<string, string>();
  readonly #watchers = new Set<PodDeviceWatcher>();

  constructor({ bridge, range }: Pick<PodDevices, 'bridge' | 'range'>) {
    this.bridge = bridge;
    this.range = range;
  }

  watch(watcher: PodDeviceWatcher): () => void {
    this.#watchers.add(watcher);
    for (const [device, node] of this.#devices) watcher.added(device, node);
    return () => this.#watchers.delete(watcher);
  }

  add(device: string, node: string): void {
    this.#devices.set(device, node);
    for (const watcher of this.#watchers) watcher.added(device, node);
  }

  remove(device: string): void {
    if (!this.#devices.delete(device)) return;
    for (const watcher of this.#watchers) watcher.removed(device);
  }
}
