import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../resources/resource.ts';
import { CLUSTER_URL, ENDPOINT_URL } from '../resources/resource-types.ts';
import { Snapshot } from '../resources/snapshot.ts';
import { LISTENER_URL, ModelClient, ROUTE_URL } from '../testing/model-client.ts';
import { type Random, seededRandom } from '../testing/random.ts';
import { cluster, endpoints, listener, routes } from '../testing/resources.ts';
import { NodeRecord } from './node-record.ts';
import { type Protocol, Session } from './session.ts';

const SEEDS = 40;
const STEPS = 80;
/** Nothing has to wait so long here: all comes that is waited for. */
const HOLD_MS = 1;

/** A snapshot where nothing refers to what is not there; some resources are such that a client refuses them. */
function randomSnapshot(random: Random, badOneIn: number): Snapshot {
  const note = (): string => (random.below(badOneIn) === 0 ? `bad${random.below(9)}` : `v${random.below(3)}`);
  const some = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => i).filter(() => random.below(2) === 0);
  const clusters = some(6).map((i) => `cluster-${i}`);
  const routeNames = some(4).map((i) => `routes-${i}`);
  const pick = (from: readonly string[]): string[] => from.filter(() => random.below(2) === 0);
  return Snapshot.of([
    ...clusters.map((name) => cluster(name, note())),
    ...clusters.map((name) => endpoints(name, [1000 + random.below(3)])),
    ...routeNames.map((name) => routes(name, pick(clusters), note())),
    ...(routeNames.length > 0
      ? some(3).map((i) => listener(`listener-${i}`, routeNames[random.below(routeNames.length)]!, 2000 + i, note()))
      : []),
  ]);
}

const isBad = (resource: Resource | undefined): boolean =>
  resource !== undefined && /bad\d/.test(JSON.stringify(resource.message));

const shown = ({ name, version }: Resource): string => `${name}@${version.slice(0, 4)}`;

class Run {
  readonly record = new NodeRecord('model', 'key');
  readonly client: ModelClient;
  readonly #random: Random;
  readonly #protocol: Protocol;
  snapshot = Snapshot.empty;
  session: Session;

  constructor(protocol: Protocol, random: Random) {
    this.#random = random;
    this.#protocol = protocol;
    const saysNames = random.below(2) === 0;
    this.client = new ModelClient({
      protocol,
      complaint: (resource) =>
        isBad(resource) ? `cannot have ${saysNames ? `"${resource.name}"` : 'it'}: bad` : undefined,
      // what is refused is not waited for, nor what takes its place before it was heard of
      mayMiss: (name) => this.#everBad.has(name),
    });
    this.session = this.#open();
  }

  #grace: (() => void) | undefined;
  readonly #everBad = new Set<string>();
  /** What happened, for when it went wrong. */
  readonly trace: string[] = [];

  #note(...what: readonly unknown[]): void {
    this.trace.push(JSON.stringify(what));
  }

  #open(): Session {
    const session: Session = new Session(
      {
        identify: () => ({ record: this.record, snapshot: this.snapshot }),
        onOpen() {},
        send: (response) => {
          if (session !== this.session) return;
          this.#note('response', response.type, response.nonce, response.resources.map(shown), response.removed);
          this.client.inbox.push(response);
        },
        isFull: () => false,
        onAcked() {},
        onNacked() {},
        after: (delayMs, call) => {
          if (delayMs === HOLD_MS) return () => {};
          this.#grace = call;
          return () => {
            this.#grace = undefined;
          };
        },
      },
      { protocol: this.#protocol, holdMs: HOLD_MS, graceMs: 2 * HOLD_MS },
    );
    return session;
  }

  set(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    for (const one of snapshot.resources(CLUSTER_URL)) if (isBad(one)) this.#everBad.add(one.name);
    this.#note('snapshot', snapshot.all().map(shown));
    this.session.update(snapshot);
  }

  reconnect(loses: boolean): void {
    this.#note('reconnect', loses);
    this.session.close();
    this.session = this.#open();
    if (loses) this.client.restart();
    else this.client.connect();
  }

  step(): void {
    const choice = this.#random.below(10);
    if (choice < 4) this.deliver();
    else if (choice < 8) this.client.handle();
    else if (choice === 8) this.set(randomSnapshot(this.#random, 12));
    else if (this.client.isQuiet) this.#endGrace();
    else if (this.#random.below(4) === 0) this.reconnect(this.#random.below(2) === 0);
  }

  deliver(): void {
    const request = this.client.outbox.shift();
    if (request === undefined) return;
    this.#note('request', request.type, request.nonce, request.error ?? '', request.wants);
    this.session.receive(request);
  }

  settle(): void {
    for (let i = 0; !this.client.isQuiet || this.#grace !== undefined; i++) {
      assert.ok(i < 2000, 'comes to rest');
      if (this.client.isQuiet) this.#endGrace();
      if (this.#random.below(2) === 0) this.deliver();
      else this.client.handle();
    }
  }

  /** The time of grace is long enough for all that a client that comes back says at once. */
  #endGrace(): void {
    const end = this.#grace;
    this.#grace = undefined;
    end?.();
  }

  /** What the client is to have: the snapshot as far as it asks for it. */
  expected(url: string): Map<string, string> {
    const all = [...this.snapshot.resources(url)];
    const named = url === ENDPOINT_URL ? this.#names(CLUSTER_URL) : url === ROUTE_URL ? this.#routeNames() : undefined;
    return new Map(
      all.filter(({ name }) => named === undefined || named.has(name)).map(({ name, version }) => [name, version]),
    );
  }

  #names(url: string): Set<string> {
    return new Set([...this.snapshot.resources(url)].map(({ name }) => name));
  }

  #routeNames(): Set<string> {
    const listeners = [...this.snapshot.resources(LISTENER_URL)].map(({ message }) => JSON.stringify(message));
    return new Set([...this.#names(ROUTE_URL)].filter((name) => listeners.some((one) => one.includes(`"${name}"`))));
  }
}

const sorted = (map: ReadonlyMap<string, string>): unknown => [...map].sort();

function check(run: Run): void {
  assert.equal(run.client.isWarming, false, 'no cluster waits for its endpoints');
  for (const [url, has] of run.client.resources) {
    const versions = new Map([...has].map(([name, { version }]) => [name, version]));
    assert.deepEqual(sorted(versions), sorted(run.expected(url)), url);
  }
}

for (const protocol of ['world', 'delta'] as const) {
  test(`whatever happens, a client comes to have the snapshot, and never what refers to nothing (${protocol})`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const run = new Run(protocol, random);
      try {
        run.set(randomSnapshot(random, 12));
        run.client.connect();
        for (let i = 0; i < STEPS; i++) run.step();
        run.settle();
        // what it refused is over, and all that it is to have is good
        run.set(randomSnapshot(random, Number.MAX_SAFE_INTEGER));
        run.settle();
        check(run);
        run.reconnect(false);
        run.settle();
        check(run);
        assert.equal(run.client.received, 0, 'nothing that it has is sent again');
      } catch (error) {
        const last = run.trace
          .slice(-40)
          .join('\n')
          .replaceAll(/type\.googleapis\.com\/[\w.]+\./g, '');
        throw new Error(`seed ${seed}: ${(error as Error).message}\n${last}`, { cause: error });
      }
    }
  });
}
