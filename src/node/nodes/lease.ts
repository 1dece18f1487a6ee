import { formatMicroTime, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Clock, Kind } from 'nekube/client';
import { NODE, type Node } from './node-object.ts';

/** A lease, as far as nodes write it. */
interface Lease extends KubeObject {
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string };
}

const LEASE: Kind<Lease> = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
const NAMESPACE = 'kube-node-lease';
/** How long a node counts as alive, and how often it says that it is. */
const DURATION_SECONDS = 40;
/** The kubelet renews four times as often as it must; where there are many nodes, twice as often does. */
const MANY = 100;

/** How often each of so many nodes renews its lease. */
export function renewalMs(nodes: number): number {
  return (DURATION_SECONDS * 1000) / (nodes > MANY ? 2 : 4);
}

/** The lease by which a node shows that it is alive. */
export class NodeLease {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #node: Node;
  #lease: Lease | undefined;

  constructor(client: Client, node: Node, clock: Clock) {
    this.#client = client;
    this.#node = node;
    this.#clock = clock;
  }

  /** Says that the node is alive. One write, where nobody else wrote. @throws what the server refused it with */
  async renew(): Promise<void> {
    const { name = '', uid = '' } = this.#node.metadata;
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: DURATION_SECONDS,
      renewTime: formatMicroTime(new Date(this.#clock.now())),
    };
    if (this.#lease !== undefined) {
      try {
        this.#lease = await this.#client.update<Lease>({ ...this.#lease, spec });
        return;
      } catch (error) {
        this.#lease = undefined;
        if (!isStatusError(error, 'Conflict') && !isStatusError(error, 'NotFound')) throw error;
      }
    }
    this.#lease = await this.#get(name);
    if (this.#lease !== undefined) return this.renew();
    const ownerReferences = [{ apiVersion: NODE.apiVersion, kind: NODE.kind, name, uid }];
    this.#lease = await this.#client.create<Lease>({
      ...LEASE,
      metadata: { namespace: NAMESPACE, name, ownerReferences },
      spec,
    } as Lease);
  }

  async #get(name: string): Promise<Lease | undefined> {
    try {
      return await this.#client.get(LEASE, { namespace: NAMESPACE, name });
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
