import assert from 'node:assert/strict';
import { type KubeObject, newFailure, newResourceExpired, newTooManyRequests, seededRandom } from 'nekube/apimachinery';
import { FakeClock } from '../fake-clock.ts';
import { newInformer } from '../informer.ts';
import type { Informer, ObjectHandler } from '../informer-types.ts';
import { MODEL_KIND, ModelServer } from './model-server.ts';

const KEYS = ['a/one', 'a/two', 'a/three', 'b/one', 'b/two', 'c/one'];
const MINUTE_MS = 60_000;
/** After so long all watches have ended by their time, also those whose server was cut off, and all backoffs are over. */
const QUIET_MS = 12 * MINUTE_MS;

/** One thing that happens in a schedule. */
type Step = () => void | Promise<void>;

/**
 * A server and an informer, to which things happen in an order that follows from the seed. When all is quiet the store
 * must be what the server has, and each handler must have heard a story of each object that is possible, and ends so.
 *
 * @throws AssertionError with the seed and the steps, if that is not so
 */
export async function runSchedule(seed: number, steps: number): Promise<void> {
  const schedule = new Schedule(seed);
  try {
    await schedule.run(steps);
  } catch (cause) {
    throw new Error(`NEKUBE_SEED=${seed} SCHEDULES=1: ${String(cause)}\n${schedule.log.join('\n')}`, { cause });
  }
}

class Schedule {
  readonly log: string[] = [];
  readonly #random: () => number;
  readonly #clock = new FakeClock();
  readonly #server = new ModelServer(this.#clock);
  readonly #informer: Informer;
  readonly #listeners: Listener[] = [];
  readonly #failures: Error[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#server.streams = this.#chance(0.7);
    this.#server.longestPage = this.#chance(0.5) ? 2 : 500;
    this.#server.latencyMs = this.#chance(0.3) ? 400 : 0;
    this.#server.lag = this.#chance(0.5) ? 3 : 0;
    this.#server.repeats = this.#chance(0.3) ? 3 : 0;
    this.#informer = newInformer(this.#server.client, MODEL_KIND, {
      clock: this.#clock,
      random: this.#random,
      indexes: { name: (object) => [object.metadata.name!] },
      ...(this.#chance(0.2) && { resyncMs: 2 * MINUTE_MS }),
      onError: (error) => this.#failures.push(error),
    });
  }

  async run(steps: number): Promise<void> {
    const stop = new AbortController();
    this.#listen();
    for (let i = 0; i < 5; i++) this.#write();
    const running = this.#informer.run(stop.signal);
    for (let i = 0; i < steps; i++) await this.#step();
    await this.#settle();
    this.#check();
    stop.abort();
    await running;
    assert.equal(this.#server.watching, 0, 'watches that nobody reads');
    const failed = this.#failures.filter(({ name }) => name === 'HandlerError').length;
    const threw = this.#listeners.reduce((sum, listener) => sum + listener.threw, 0);
    assert.equal(failed, threw, 'what a handler throws is told');
  }

  async #step(): Promise<void> {
    const weighted: readonly (readonly [number, string, Step])[] = [
      [40, 'write', () => this.#write()],
      [15, 'pass', () => this.#clock.advance(this.#random() * 3000)],
      [5, 'turn', () => this.#clock.advance(0)],
      [4, 'bookmark', () => this.#server.bookmark()],
      [5, 'end', () => this.#server.endWatches()],
      [5, 'break', () => this.#server.endWatches(new Error('the connection broke'))],
      [3, 'compact', () => this.#server.compact()],
      [3, 'expire', () => this.#server.endWatches(newResourceExpired('too old'))],
      [3, 'fail a watch', () => this.#server.endWatches(newFailure(500, 'InternalError', 'broken'))],
      [6, 'fail a request', () => void this.#server.failures.push(this.#failure())],
      [2, 'partition', () => this.#partition()],
      [1, 'jump', () => this.#clock.set(this.#clock.now() + (this.#random() - 0.5) * 1e9)],
      [1, 'restore', () => this.#restore()],
      [2, 'listen', () => this.#listen()],
      [1, 'long', () => this.#clock.advance(10 * MINUTE_MS)],
    ];
    let left = this.#random() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, name, step] of weighted) {
      left -= weight;
      if (left >= 0) continue;
      this.log.push(`${(this.#clock.elapsed() / 1000).toFixed(1)}s ${name} at ${this.#server.revision}`);
      return step();
    }
  }

  #write(): void {
    const key = KEYS[Math.floor(this.#random() * KEYS.length)]!;
    if (this.#chance(0.3)) this.#server.delete(key);
    else this.#server.put(key);
  }

  #failure(): Error {
    const failures = [
      newTooManyRequests('too many', Math.floor(this.#random() * 5)),
      newFailure(503, 'ServiceUnavailable', 'not now'),
      newResourceExpired('too old'),
      new Error('connect ECONNREFUSED'),
    ];
    return failures[Math.floor(this.#random() * failures.length)]!;
  }

  /** A minute in which nothing comes through, while the server's world goes on. */
  async #partition(): Promise<void> {
    this.#server.partition(true);
    for (let i = 0; i < 4; i++) {
      this.#write();
      await this.#clock.advance(MINUTE_MS / 4);
    }
    this.#server.partition(false);
  }

  /**
   * The server comes back older than it was. What it writes before it is seen to be older cannot be told from what was
   * there: so it is quiet for a while, as one that is restored should be.
   */
  async #restore(): Promise<void> {
    const restore = this.#server.snapshot();
    for (let i = 0; i < 3; i++) this.#write();
    await this.#clock.advance(this.#random() * 2000);
    restore();
    for (const listener of this.#listeners) listener.beginAnew();
    await this.#clock.advance(QUIET_MS);
    for (const listener of this.#listeners) listener.goOn();
  }

  #listen(): void {
    const kind = this.#random();
    const listener = new Listener(this.#clock, kind < 0.3 ? 500 : 0, kind > 0.8);
    const remove = this.#informer.handle(listener.handler);
    if (this.#chance(0.2))
      this.#clock.after(this.#random() * 10_000, () => void (remove(), (listener.isRemoved = true)));
    this.#listeners.push(listener);
  }

  async #settle(): Promise<void> {
    this.#server.failures.length = 0;
    this.#server.partition(false);
    await this.#clock.advance(QUIET_MS);
    let isSynced = false;
    void this.#informer.synced().then(() => (isSynced = true));
    await this.#clock.advance(MINUTE_MS);
    assert.ok(isSynced, 'it is synced, and all handlers heard all');
  }

  #check(): void {
    const { store } = this.#informer;
    const expected = this.#server.versions;
    assert.deepEqual(versionsOf(store.list()), expected, 'the store is what the server has');
    assert.equal(store.size, Object.keys(expected).length);
    for (const namespace of ['a', 'b', 'c']) {
      const there = Object.entries(expected).filter(([key]) => key.startsWith(`${namespace}/`));
      assert.deepEqual(versionsOf(store.byIndex('namespace', namespace)), Object.fromEntries(there));
    }
    for (const name of ['one', 'two', 'three']) {
      const there = Object.entries(expected).filter(([key]) => key.endsWith(`/${name}`));
      assert.deepEqual(versionsOf(store.byIndex('name', name)), Object.fromEntries(there), `index of ${name}`);
    }
    for (const listener of this.#listeners) {
      assert.deepEqual(listener.wrong, [], 'what a handler hears is possible');
      if (!listener.isRemoved) assert.deepEqual(listener.versions, expected, 'a handler ends with what the server has');
    }
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

/** A handler that believes what it hears, and notes what cannot be. */
class Listener {
  readonly wrong: string[] = [];
  isRemoved = false;
  /** How often it threw. */
  threw = 0;
  #mayGoBack = false;
  readonly handler: ObjectHandler;
  readonly #known = new Map<string, KubeObject>();
  readonly #newest = new Map<string, number>();

  constructor(clock: FakeClock, delayMs: number, throws: boolean) {
    const told = (): Promise<void> | undefined => {
      if (throws) {
        this.threw++;
        throw new Error('a bug');
      }
      return delayMs > 0 ? new Promise((resolve) => void clock.after(delayMs, resolve)) : undefined;
    };
    this.handler = {
      added: (object) => (this.#hear('added', object), told()),
      updated: (object, old) => (this.#hear('updated', object, old), told()),
      deleted: (object) => (this.#hear('deleted', object), told()),
    };
  }

  get versions(): Record<string, string> {
    return versionsOf([...this.#known.values()]);
  }

  /** The server was restored: what comes may be older than what was. */
  beginAnew(): void {
    this.#mayGoBack = true;
  }

  /** What is known now is again the least. */
  goOn(): void {
    this.#mayGoBack = false;
    this.#newest.clear();
    for (const [key, { metadata }] of this.#known) this.#newest.set(key, Number(metadata.resourceVersion));
  }

  #hear(event: string, object: KubeObject, old?: KubeObject): void {
    const key = keyOf(object);
    const version = Number(object.metadata.resourceVersion);
    const known = this.#known.get(key);
    if (this.isRemoved) this.wrong.push(`${event} ${key} after it was removed`);
    if ((event === 'added') === (known !== undefined)) this.wrong.push(`${event} ${key}, which is known as ${known}`);
    if (old !== undefined && old !== known) this.wrong.push(`${event} ${key} from another than it heard of`);
    if (!this.#mayGoBack && version < (this.#newest.get(key) ?? 0))
      this.wrong.push(`${event} ${key} back to ${version}`);
    this.#newest.set(key, version);
    if (event === 'deleted') this.#known.delete(key);
    else this.#known.set(key, object);
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function versionsOf(objects: readonly KubeObject[]): Record<string, string> {
  const entries = objects.map((object) => [keyOf(object), object.metadata.resourceVersion!] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
