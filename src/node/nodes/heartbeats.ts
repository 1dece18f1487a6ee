import { isStatusError } from 'nekube/apimachinery';
import { type Client, type Clock, sleep } from 'nekube/client';
import { NodeLease, renewalMs } from './lease.ts';
import type { Node, NodeDescription } from './node-object.ts';
import { reportNode } from './registration.ts';

/** With many nodes so often, for all that are due by then. */
const SHORTEST_TICK_MS = 100;
/** A node tells how it is so often, as the kubelet does. */
const REPORT_MS = 300_000;
/** It says again how it is, where the API says otherwise, at most so often, as the kubelet looks at that. */
const CONTRADICT_MS = 10_000;

/** A node that shows that it is alive. */
interface Member {
  readonly client: Client;
  readonly description: NodeDescription;
  readonly lease: NodeLease;
  renewals: number;
  /** A write goes on. */
  isBeating: boolean;
  /** When it last contradicted what was said of it, whether it is about to, and whether something was said since it began. */
  contradictedAt: number;
  isContradicting: boolean;
  isContradicted: boolean;
}

/**
 * Shows that nodes are alive: all by one timer, one after the other, so that many nodes are no burst of writes. None waits for
 * the write of another.
 */
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
    const member: Member = {
      client,
      description,
      lease: new NodeLease(client, node, this.#clock),
      renewals: 0,
      isBeating: false,
      contradictedAt: Number.NEGATIVE_INFINITY,
      isContradicting: false,
      isContradicted: false,
    };
    await this.#beat(member);
    this.#members.push(member);
  }

  /** Somebody said of a node that it is otherwise: it says again how it is, until the signal is aborted. */
  async contradict(name: string, signal: AbortSignal): Promise<void> {
    const member = this.#members.find(({ description }) => description.name === name);
    if (member === undefined) return;
    member.isContradicted = true;
    if (member.isContradicting) return;
    member.isContradicting = true;
    while (member.isContradicted) {
      const waitMs = Math.max(0, member.contradictedAt + CONTRADICT_MS - this.#clock.elapsed());
      try {
        await sleep(waitMs, this.#clock, signal);
      } catch {
        return;
      }
      member.contradictedAt = this.#clock.elapsed();
      member.isContradicted = false;
      if (!(await this.#try(member, () => this.#report(member)))) member.isContradicted = true;
    }
    member.isContradicting = false;
  }

  /** Goes on until the signal is aborted, and then until nothing is written any more. */
  async run(signal: AbortSignal): Promise<void> {
    let next = 0;
    let since = this.#clock.elapsed();
    const writes = new Set<Promise<void>>();
    for (;;) {
      const count = this.#members.length;
      const periodMs = renewalMs(count);
      try {
        await sleep(Math.max(SHORTEST_TICK_MS, periodMs / Math.max(1, count)), this.#clock, signal);
      } catch {
        return void (await Promise.all(writes));
      }
      // by the time that has passed: where the process is busy, a tick comes late
      const now = this.#clock.elapsed();
      const due = Math.min(count, Math.ceil((count * (now - since)) / periodMs));
      since = now;
      const members = Array.from({ length: due }, () => this.#members[next++ % this.#members.length]!);
      next %= Math.max(1, this.#members.length);
      for (const member of members) {
        if (member.isBeating) continue;
        const write = this.#beat(member).finally(() => writes.delete(write));
        writes.add(write);
      }
    }
  }

  async #beat(member: Member): Promise<void> {
    const { client, description, lease } = member;
    member.isBeating = true;
    await this.#try(member, async () => {
      await lease.renew();
      member.renewals++;
      if (member.renewals % Math.ceil(REPORT_MS / renewalMs(this.#members.length)) === 0)
        await reportNode(client, description, this.#clock);
    });
    member.isBeating = false;
  }

  /** A node that somebody took out of the API is not there again before its process is. */
  async #report({ client, description }: Member): Promise<void> {
    await reportNode(client, description, this.#clock).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }

  async #try({ description }: Member, write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      this.#onError(error, `Cannot show that node ${description.name} is alive`);
      return false;
    }
  }
}
