import type { GatewayConfig, GatewayModel } from '../model/index.ts';
import type { Statuses } from '../statuses/index.ts';
import { Cluster } from './cluster.ts';
import { GatewayConfigBuilder } from './gateway-config.ts';
import { compareText } from './gateway-plans.ts';
import type { GatewayPlan } from './listener-plan.ts';
import { ModelBook } from './model-book.ts';
import { PolicyBook } from './policy-book.ts';
import { Plans } from './plans.ts';
import { RouteStore } from './route-store.ts';
import { RouteTables } from './route-tables.ts';
import type { Snapshot } from './snapshot.ts';
import { StatusBook } from './status-book.ts';

/** What a snapshot comes to. */
export interface Translation {
  readonly model: GatewayModel;
  readonly statuses: Statuses;
}

/**
 * Translates one snapshot after another, and makes only that anew which a change is about; all else is the same object as in the
 * translation before. The result is always equal to that of a translator that has seen only the last snapshot.
 */
export class Translator {
  readonly #cluster = new Cluster();
  readonly #policies = new PolicyBook();
  readonly #plans = new Plans();
  readonly #tables = new RouteTables();
  readonly #routes = new RouteStore();
  readonly #builders = new Map<string, GatewayConfigBuilder>();
  readonly #modelBook = new ModelBook();
  readonly #statusBook = new StatusBook();

  /** Of a changed endpoint only `model.endpoints` is new. */
  translate(snapshot: Snapshot): Translation {
    const changed = this.#cluster.update(snapshot);
    this.#policies.update(this.#cluster, changed);
    this.#plans.update(this.#cluster, changed);
    const changes = this.#routes.update(this.#cluster, this.#plans, this.#tables, changed);
    const gateways = this.#buildGateways();
    const model = this.#modelBook.update(this.#cluster, this.#plans, this.#routes, this.#policies, gateways, changed);
    const statuses = this.#statusBook.update(
      { cluster: this.#cluster, plans: this.#plans, policies: this.#policies, tables: this.#tables },
      changes,
      changed,
    );
    return { model, statuses };
  }

  #buildGateways(): GatewayConfig[] {
    const { addresses } = this.#cluster.snapshot;
    const dirty = this.#tables.takeDirty();
    const accepted = [...this.#plans.gateways].filter((plan) => plan.accepted).sort(byKey);
    const keys = new Set(accepted.map(({ key }) => key));
    for (const key of this.#builders.keys()) if (!keys.has(key)) this.#builders.delete(key);
    return accepted.map((plan) => {
      let builder = this.#builders.get(plan.key);
      if (builder === undefined) this.#builders.set(plan.key, (builder = new GatewayConfigBuilder()));
      return builder.build(plan, addresses.get(plan.key) ?? [], this.#tables, dirty);
    });
  }
}

/** The routing model and the statuses of a snapshot: a pure function of it. */
export function translate(snapshot: Snapshot): Translation {
  return new Translator().translate(snapshot);
}

function byKey(a: GatewayPlan, b: GatewayPlan): number {
  return compareText(a.key, b.key);
}
