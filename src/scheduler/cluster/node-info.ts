import type { Node } from '../objects/node.ts';
import type { HostPort } from './host-ports.ts';
import type { PodInfo } from './pod-info.ts';
import { add, type Amounts, amountsOf } from './resources.ts';

/** A node and the pods on it, with sums that are kept in step. */
export class NodeInfo {
  readonly name: string;
  /** Undefined: it is gone, and there are still pods on it. */
  node: Node | undefined;
  readonly pods: Map<string, PodInfo>;
  readonly requested: Amounts;
  readonly nonZeroRequested: Amounts;
  allocatable: Amounts = new Map();
  readonly #ports: Set<HostPort>;
  readonly #claims: Map<string, number>;

  constructor(name: string, from?: NodeInfo) {
    this.name = name;
    this.node = from?.node;
    this.allocatable = from?.allocatable ?? new Map();
    this.pods = new Map(from?.pods);
    this.requested = new Map(from?.requested);
    this.nonZeroRequested = new Map(from?.nonZeroRequested);
    this.#ports = new Set(from?.ports);
    this.#claims = new Map(from?.claims);
  }

  get labels(): Readonly<Record<string, string>> {
    return this.node?.metadata.labels ?? {};
  }

  /** The ports of the node that are taken. */
  get ports(): ReadonlySet<HostPort> {
    return this.#ports;
  }

  /** How many of its pods use a claim. */
  get claims(): ReadonlyMap<string, number> {
    return this.#claims;
  }

  setNode(node: Node | undefined): void {
    this.node = node;
    this.allocatable = amountsOf(node?.status?.allocatable);
  }

  add(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    add(this.requested, pod.requests);
    add(this.nonZeroRequested, pod.nonZero);
    for (const port of pod.hostPorts) this.#ports.add(port);
    for (const claim of pod.claims) this.#claims.set(claim, (this.#claims.get(claim) ?? 0) + 1);
  }

  /** @returns the version of it that was there; undefined if there was none */
  remove(uid: string): PodInfo | undefined {
    const pod = this.pods.get(uid);
    if (pod === undefined) return undefined;
    this.pods.delete(uid);
    add(this.requested, pod.requests, -1);
    add(this.nonZeroRequested, pod.nonZero, -1);
    for (const port of pod.hostPorts) this.#ports.delete(port);
    for (const claim of pod.claims) this.#release(claim);
    return pod;
  }

  #release(claim: string): void {
    const left = this.#claims.get(claim)! - 1;
    if (left > 0) this.#claims.set(claim, left);
    else this.#claims.delete(claim);
  }

  /** One that can be changed without this one. */
  copy(): NodeInfo {
    return new NodeInfo(this.name, this);
  }
}
