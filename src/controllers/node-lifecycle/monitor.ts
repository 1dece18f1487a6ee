import { type Clock, type Client, type ObjectStore, sleep } from 'nekube/client';
import type { KubeObject } from 'nekube/apimachinery';
import { zoneOf } from 'nekube/component-helpers';
import type { CoreEventRecorder, Logger } from 'nekube/controller';
import { conditionOf, type Node, NODE, type NodeCondition } from '../nodes/node.ts';
import { hasTaint, removeTaints, swapTaints } from '../nodes/taints.ts';
import type { Pod } from '../pods/pod.ts';
import { PODS_BY_NODE } from '../pods/pods-by-node.ts';
import type { ControllerSettings } from '../settings.ts';
import { noExecuteTaint, NOT_READY, UNREACHABLE } from './conditions.ts';
import { judge, type Judgement, type NodeHealth } from './health.ts';
import { markNotReady } from './pods-not-ready.ts';
import { disruptionStep, rateIn, TaintQueue, type ZoneState, zoneState } from './zones.ts';

/** What the monitor works with. */
export interface MonitorParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly settings: ControllerSettings;
  readonly events: CoreEventRecorder;
  readonly log: Logger;
  readonly nodes: ObjectStore<Node>;
  readonly leases: ObjectStore<KubeObject>;
  readonly pods: ObjectStore<Pod>;
}

const LEASES = 'kube-node-lease';
const TRIES = 5;
const RETRY_MS = 20;
/** So often it is looked whether a node may get its taint. */
const TAINT_PERIOD_MS = 100;
const AT_ONCE = 8;
/** Of the time since the last look no more than so many periods count: in the rest it was this process that was silent. */
const MOST_PERIODS = 2;
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

/** Looks at all nodes again and again: says of those that are silent that nobody knows how they are, and has pods leave. */
export class NodeMonitor {
  readonly #parts: MonitorParts;
  readonly #known = new Map<string, Node>();
  readonly #health = new Map<string, NodeHealth>();
  /** Nodes some of whose pods could not be marked. */
  readonly #retry = new Set<string>();
  readonly #queues = new Map<string, TaintQueue>();
  #zones = new Map<string, ZoneState>();
  /** When it was last looked, and how long until then in all, without the time in which nobody could look. */
  #lookedAt: number | undefined;
  #attended = 0;
  /** Called when a node waits for its taint. */
  #wake = (): void => {};

  constructor(parts: MonitorParts) {
    this.#parts = parts;
  }

  /** Looks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings, log } = this.#parts;
    void this.#taintAll(signal).catch(() => {});
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => log.error(error, 'Failed to look at the nodes'));
      await sleep(settings.nodeMonitorPeriodMs, clock, signal).catch(() => {});
    }
  }

  /** Looks at all nodes once. */
  async look(): Promise<void> {
    this.#attend();
    const nodes = this.#parts.nodes.list();
    await this.#welcome(nodes);
    const ready = new Map<string, boolean[]>();
    const count = (node: Node, current: NodeCondition | undefined): void => {
      if (EXCLUDED in (node.metadata.labels ?? {})) return;
      const others = ready.get(zoneOf(node)) ?? [];
      ready.set(zoneOf(node), [...others, current?.status === 'True']);
    };
    await inParallel(nodes, AT_ONCE, async (node) => {
      await this.#lookAt(node, count).catch((error: unknown) =>
        this.#parts.log.warn('Cannot update the health of a node', { node: node.metadata.name, error }),
      );
    });
    await this.#seeToZones(ready, nodes);
  }

  #attend(): void {
    const { clock, settings } = this.#parts;
    const now = clock.elapsed();
    this.#attended += Math.min(now - (this.#lookedAt ?? now), MOST_PERIODS * settings.nodeMonitorPeriodMs);
    this.#lookedAt = now;
  }

  /** Whether what was last said of a node is that it is not ready. */
  isDown(name: string): boolean {
    const health = this.#health.get(name);
    return health?.ready !== undefined && health.ready.status !== 'True';
  }

  /** Tells of nodes that came and went. */
  async #welcome(nodes: readonly Node[]): Promise<void> {
    for (const node of nodes) {
      this.#addZone(node);
      if (this.#known.has(node.metadata.name!)) continue;
      this.#known.set(node.metadata.name!, node);
      this.#tell(node, 'RegisteredNode', (name) => `Registered Node ${name} in Controller`);
      await this.#markReachable(node).catch((error: unknown) => this.#parts.log.warn('Cannot untaint', { error }));
    }
    const names = new Set(nodes.map(({ metadata }) => metadata.name!));
    for (const [name, node] of this.#known) {
      if (names.has(name)) continue;
      this.#known.delete(name);
      this.#health.delete(name);
      this.#retry.delete(name);
      for (const queue of this.#queues.values()) queue.remove(name);
      this.#tell(node, 'RemovingNode', () => `Removing Node ${name} from Controller`);
    }
  }

  #tell({ metadata: { name = '', uid } }: Node, reason: string, message: (name: string) => string): void {
    const about = { ...NODE, metadata: { name, uid } };
    this.#parts.events.record(about, 'Normal', reason, `Node ${name} event: ${message(name)}`);
  }

  #addZone(node: Node): void {
    const zone = zoneOf(node);
    if (!this.#zones.has(zone)) this.#zones.set(zone, 'initial');
    if (this.#queues.has(zone)) return;
    this.#queues.set(zone, new TaintQueue(this.#parts.settings.nodeEvictionRate, this.#parts.clock));
  }

  #queueOf(node: Node): TaintQueue {
    this.#addZone(node);
    return this.#queues.get(zoneOf(node))!;
  }

  /** A node counts for its zone also where its pods cannot be told, so `count` is called as soon as is known how it is. */
  async #lookAt(seen: Node, count: (node: Node, current: NodeCondition | undefined) => void): Promise<void> {
    const { node, observed, current } = await this.#updateHealth(seen);
    count(node, current);
    if (current === undefined) return;
    await this.#seeToTaint(node, current);
    const name = node.metadata.name!;
    const { client, events, clock, pods } = this.#parts;
    const isNews = current.status !== 'True' && observed.status === 'True';
    if (isNews) {
      const about = { ...NODE, metadata: { name, uid: node.metadata.uid } };
      events.record(about, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    if (isNews || (this.#retry.has(name) && observed.status !== 'True')) {
      this.#retry.add(name);
      await markNotReady(pods.byIndex(PODS_BY_NODE, name), { client, events, now: clock.now() });
    }
    this.#retry.delete(name);
  }

  async #updateHealth(seen: Node): Promise<Judgement & { node: Node }> {
    const { client, clock, leases, settings } = this.#parts;
    const name = seen.metadata.name!;
    let node = seen;
    for (let tries = 1; ; tries++) {
      const renewTime = leases.get({ namespace: LEASES, name })?.spec?.renewTime as string | undefined;
      const known = this.#health.get(name);
      const judgement = judge(node, { known, renewTime, now: clock.now(), attended: this.#attended, ...settings });
      const { conditions } = judgement;
      // what is not written is not known
      this.#health.set(
        name,
        conditions === undefined ? judgement.health : { ...judgement.health, ready: conditionOf(node, 'Ready') },
      );
      if (conditions === undefined) return { ...judgement, node };
      try {
        const written = { ...node, status: { ...node.status, conditions } };
        await client.update<Node>({ ...NODE, ...written }, { subresource: 'status' });
        this.#health.set(name, judgement.health);
        return { ...judgement, node: written };
      } catch (error) {
        if (tries === TRIES) throw error;
        await sleep(RETRY_MS, clock);
        node = await client.get(NODE, { name });
      }
    }
  }

  /** A taint that says the opposite is exchanged at once; a new one waits for its turn. */
  async #seeToTaint(node: Node, { status }: NodeCondition): Promise<void> {
    const { client, clock, log } = this.#parts;
    const failed = (error: unknown): void => log.warn('Cannot taint a node', { node: node.metadata.name, error });
    if (status === 'True') return this.#markReachable(node).catch(failed);
    const wanted = noExecuteTaint(node);
    if (wanted === undefined) return undefined;
    const { taint, opposite } = wanted;
    if (hasTaint(node, opposite)) {
      return swapTaints(client, node, { add: [taint], remove: [opposite], now: clock.now() }).catch(failed);
    }
    const queue = this.#queueOf(node);
    if (!hasTaint(node, taint)) this.#requeue(queue, node.metadata.name!);
    else queue.add(node.metadata.name!);
    if (queue.size > 0) this.#wake();
    return undefined;
  }

  /** It had its turn, and somebody took the taint off; or the turn has not come back yet, and is of no harm. */
  #requeue(queue: TaintQueue, name: string): void {
    queue.remove(name);
    queue.add(name);
  }

  async #markReachable(node: Node): Promise<void> {
    await removeTaints(this.#parts.client, node, [UNREACHABLE]);
    await removeTaints(this.#parts.client, node, [NOT_READY]);
    this.#queueOf(node).remove(node.metadata.name!);
  }

  async #taintAll(signal: AbortSignal): Promise<void> {
    const { client, clock, nodes, log } = this.#parts;
    for (;;) {
      if (![...this.#queues.values()].some(({ size }) => size > 0)) await this.#someoneWaits(signal);
      await sleep(TAINT_PERIOD_MS, clock, signal);
      for (const queue of this.#queues.values()) {
        if (queue.size === 0) continue;
        await queue.run(async (name) => {
          const node = nodes.get({ name });
          if (node === undefined) return true;
          if (conditionOf(node, 'Ready') === undefined) return false;
          const wanted = noExecuteTaint(node);
          if (wanted === undefined) return true;
          try {
            await swapTaints(client, node, { add: [wanted.taint], remove: [wanted.opposite], now: clock.now() });
            return true;
          } catch (error) {
            log.warn('Cannot taint a node', { node: name, error });
            return false;
          }
        });
      }
    }
  }

  /** Nothing is done while there is nothing to do. */
  #someoneWaits(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      this.#wake = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
    });
  }

  async #seeToZones(ready: ReadonlyMap<string, readonly boolean[]>, nodes: readonly Node[]): Promise<void> {
    const { settings } = this.#parts;
    const states = [...ready].map(([zone, all]): [string, ZoneState] => [
      zone,
      zoneState(all, settings.unhealthyZoneThreshold),
    ]);
    const after = new Map(states);
    const { step } = disruptionStep(this.#zones, after);
    const before = this.#zones;
    this.#zones = step === 'none' ? new Map([...before].filter(([zone]) => after.has(zone))) : after;
    if (step === 'none') return;
    if (step === 'stop') {
      for (const node of nodes) await this.#markReachable(node).catch(() => {});
      for (const zone of after.keys()) this.#queues.get(zone)?.setRate(0);
      return;
    }
    if (step === 'resume') {
      for (const [name, health] of this.#health) this.#health.set(name, { ...health, probedAt: this.#attended });
    }
    for (const [zone, state] of after) {
      if (step === 'change' && before.get(zone) === state) continue;
      this.#queues.get(zone)?.setRate(rateIn(state, ready.get(zone)!.length, settings));
    }
  }
}

async function inParallel<T>(all: readonly T[], atOnce: number, call: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  const work = async (): Promise<void> => {
    for (const one of left) await call(one);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work));
}
