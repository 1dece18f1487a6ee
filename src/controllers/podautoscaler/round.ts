import { formatTime, jsonEqual, type JsonValue } from 'nekube/apimachinery';
import type { Client, Clock } from 'nekube/client';
import type { CoreEventRecorder } from 'nekube/controller';
import { messageOf } from '../pods/pod-control.ts';
import { type Autoscaler, AUTOSCALER, type AutoscalerCondition, withCondition } from './autoscaler.ts';

/** What a round writes with, and when it is. */
export interface RoundParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: CoreEventRecorder;
}

/** One look at one autoscaler: what comes to be known of it, until it is written. */
export class Round {
  readonly autoscaler: Autoscaler;
  /** In milliseconds since 1970: all of a round is at one time. */
  readonly now: number;
  readonly #parts: RoundParts;
  #conditions: readonly AutoscalerCondition[];

  constructor(parts: RoundParts, autoscaler: Autoscaler) {
    this.#parts = parts;
    this.autoscaler = autoscaler;
    this.now = parts.clock.now();
    this.#conditions = autoscaler.status?.conditions ?? [];
  }

  /** Records an event about the autoscaler. */
  tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#parts.events.record({ ...this.autoscaler, ...AUTOSCALER }, type, reason, message);
  }

  /** Sets a condition, which is written at the end of the round. */
  condition(type: string, status: 'True' | 'False', reason: string, message: string): void {
    this.#conditions = withCondition(this.#conditions, { type, status, reason, message }, this.now);
  }

  /** Nobody can say how many replicas there should be. @throws Error that says why */
  async giveUp(current: number, why: string, statuses: readonly object[] = []): Promise<never> {
    await this.finish(current, this.autoscaler.status?.desiredReplicas ?? 0, statuses);
    this.tell('Warning', 'FailedComputeMetricsReplicas', why);
    throw new Error(`failed to compute desired number of replicas based on listed metrics: ${why}`);
  }

  /** Writes how many replicas there are and shall be, and what the metrics said. */
  finish(currentReplicas: number, desiredReplicas: number, metrics: readonly object[], scaled = false): Promise<void> {
    const before = this.autoscaler.status?.lastScaleTime;
    const lastScaleTime = scaled ? formatTime(new Date(this.now)) : before;
    return this.writeStatus({
      currentReplicas,
      desiredReplicas,
      currentMetrics: metrics.length === 0 ? null : metrics,
      ...(lastScaleTime && { lastScaleTime }),
    });
  }

  /** Writes the conditions with what else is new, if anything is. */
  async writeStatus(next: object = this.autoscaler.status ?? {}): Promise<void> {
    const { autoscaler } = this;
    const status = { ...next, conditions: this.#conditions };
    const comparable = (value: object): JsonValue =>
      JSON.parse(
        JSON.stringify({ currentMetrics: null, currentReplicas: 0, desiredReplicas: 0, ...value }),
      ) as JsonValue;
    if (jsonEqual(comparable(status), comparable(autoscaler.status ?? {}))) return;
    try {
      await this.#parts.client.update({ ...autoscaler, ...AUTOSCALER, status } as Autoscaler, {
        subresource: 'status',
      });
    } catch (error) {
      this.tell('Warning', 'FailedUpdateStatus', messageOf(error));
      throw error;
    }
  }
}
