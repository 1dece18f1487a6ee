import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeRunFolder } from '../machine/run-folder.ts';
import type { AddressPlan } from '../pods/address-plan.ts';
import { type ClusterDomain, hostnameOf, hostsFile, resolvFile } from '../pods/pod-files.ts';
import { RealAddresses } from '../pods/real-addresses.ts';
import type { AttachRequest, PodAttachment, PodNetwork } from '../pod-network.ts';
import { openHostPorts } from '../routing/host-ports.ts';
import { type Bridge, makeBridge } from './bridge.ts';
import { DeviceList } from './device-list.ts';
import { makePodNamespace } from './pod-namespace.ts';

/** What a network of namespaces is made of. */
export interface NamespacesNetworkOptions {
  readonly plan: AddressPlan;
  readonly reason: string;
  /** Addresses in these are the machine's own: of nodes, services and load balancers. */
  readonly localRanges: readonly string[];
  readonly cluster: ClusterDomain;
}

/** Each pod has a network namespace, joined with those of all others and with this process by a bridge. */
export class NamespacesNetwork extends RealAddresses implements PodNetwork {
  readonly mode = 'namespaces';
  readonly devices: DeviceList;
  readonly #options: NamespacesNetworkOptions;
  readonly #bridge: Bridge;
  readonly #folder: string;
  readonly #attached = new Set<PodAttachment>();
  #devices = 0;

  private constructor(options: NamespacesNetworkOptions, made: { readonly bridge: Bridge; readonly folder: string }) {
    super(options);
    this.#options = options;
    this.#bridge = made.bridge;
    this.#folder = made.folder;
    this.devices = new DeviceList({ bridge: made.bridge.name, range: options.plan.allPods });
  }

  /** @throws Error a right is missing */
  static async open(options: NamespacesNetworkOptions): Promise<NamespacesNetwork> {
    const { plan, localRanges } = options;
    const bridge = await makeBridge({
      pid: process.pid,
      address: `${plan.gateway}/${plan.pods.prefix}`,
      localRanges,
    });
    const folder = await makeRunFolder('namespaces');
    return new NamespacesNetwork(options, { bridge, folder });
  }

  /** Who comes from the bridge is this machine, on no node. */
  override nodeOf(ip: string): string | undefined {
    return ip === this.plan.gateway ? undefined : this.plan.nodeOf(ip);
  }

  async attach(pod: AttachRequest): Promise<PodAttachment> {
    const attachment = pod.hostNetwork ? this.#onHost(pod) : await this.#inNamespace(pod);
    this.#attached.add(attachment);
    return attachment;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#attached].map((one) => one.release()));
    await this.#bridge.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #onHost(pod: AttachRequest): PodAttachment {
    const host = this.plan.nodeAddress(pod.node);
    const attachment: PodAttachment = {
      ips: [host],
      within: (argv) => argv,
      mayMount: true,
      environment: { POD_IP: host },
      dial: (port) => Promise.resolve({ host, port }),
      release: () => {
        this.#attached.delete(attachment);
        return Promise.resolve();
      },
    };
    return attachment;
  }

  async #inNamespace(pod: AttachRequest): Promise<PodAttachment> {
    const ip = this.plan.take(pod.node);
    const number = ++this.#devices;
    const files = { hosts: join(this.#folder, `${number}-hosts`), resolv: join(this.#folder, `${number}-resolv`) };
    const undo: (() => Promise<void>)[] = [
      async () => this.plan.giveBack(pod.node, ip),
      async () => {
        await Promise.all(Object.values(files).map((file) => rm(file, { force: true })));
      },
    ];
    const release = async (): Promise<void> => {
      for (const one of undo.splice(0).reverse()) await one();
    };
    try {
      const { cluster } = this.#options;
      // what cleans the temporary folder of old files may have taken it
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(files.hosts, hostsFile(pod, [ip], cluster.domain));
      await writeFile(files.resolv, resolvFile(pod, cluster, await readHostResolv()));
      const device = `nv${process.pid}.${number}`;
      const namespace = await makePodNamespace({
        ...files,
        address: ip,
        prefix: this.plan.pods.prefix,
        gateway: this.plan.gateway,
        bridge: this.#bridge.name,
        device,
        hostname: hostnameOf(pod, cluster.domain).hostname,
      });
      undo.push(() => namespace.remove());
      this.devices.add(device, pod.node);
      undo.push(async () => this.devices.remove(device));
      undo.push(await openHostPorts(pod.ports, this.plan.nodeAddress(pod.node), (port) => ({ host: ip, port })));
      const attachment: PodAttachment = {
        ips: [ip],
        within: (argv) => namespace.within(argv),
        mayMount: true,
        environment: { POD_IP: ip },
        dial: (port) => Promise.resolve({ host: ip, port }),
        release: async () => {
          this.#attached.delete(attachment);
          await release();
        },
      };
      return attachment;
    } catch (error) {
      await release();
      throw error;
    }
  }
}

/** The machine's own, which pods have that ask for `Default`. */
function readHostResolv(): Promise<string> {
  return readFile('/etc/resolv.conf', 'utf8').catch(() => '');
}
