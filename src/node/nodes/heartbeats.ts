import { type Client, type Clock, sleep } from 'nekube/client';
import { NodeLease, renewalMs } from './lease.ts';
import type { Node, NodeDescription } from './node-object.ts';
import { reportNode } from './registration.ts';

/** With many nodes so often, for all that are due by then. */
const SHORTEST_TICK_MS = 100;
/** A node tells how it is so often, as the kubelet does. */
const REPORT_MS = 300_000;

/** A node that shows that it is alive. */
interface Member {
  readonly client: Client;
  readonly description: NodeDescription;
  readonly lease: NodeLease;
  renewals: number;
}

/** Shows that nodes are alive: all by one timer, one after the other, so that many nodes are no burst of writes. */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #onError: (error: unknown, what: string) => void;
  readonly #members: Member[] = [];

  constructor(clock: Clock, onError: (error: unknown, what: string) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** From now on the node is alive. Resolves when that is known. */
  async add(client: Client, node: Node, description: NodeDescription): Promise<void> {
    const member = { client, description, lease: new NodeLease(client, node, this.#clock), renewals: 0 };
    await this.#beat(member);
    this.#members.push(member);
  }

  /** Goes on until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    let next = 0;
    let since = this.#clock.elapsed();
    for (;;) {
      const count = this.#members.length;
      const periodMs = renewalMs(count);
      try {
        await sleep(Math.max(SHORTEST_TICK_MS, periodMs / Math.max(1, count)), this.#clock, signal);
      } catch {
        return;
      }
      // by the time that has passed: where the process is busy, the answers to the last ones took longer than a tick
      const now = this.#clock.elapsed();
      const due = Math.min(count, Math.ceil((count * (now - since)) / periodMs));
      since = now;
      const members = Array.from({ length: due }, () => this.#members[next++ % this.#members.length]!);
      next %= Math.max(1, this.#members.length);
      await Promise.all(members.map((member) => this.#beat(member)));
    }
  }

  async #beat(member: Member): Promise<void> {
    const { client, description, lease } = member;
    try {
      await lease.renew();
      member.renewals++;
      if (member.renewals % Math.ceil(REPORT_MS / renewalMs(this.#members.length)) === 0)
        await reportNode(client, description, this.#clock);
    } catch (error) {
      this.#onError(error, `Cannot show that node ${description.name} is alive`);
    }
  }
}
