import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { formatMicroTime, type KubeObject, newConflict } from 'nekube/apimachinery';
import { type Client, FakeClock, type ObjectStore } from 'nekube/client';
import type { CoreEventRecorder, Logger } from 'nekube/controller';
import type { Node } from '../nodes/node.ts';
import type { Pod } from '../pods/pod.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { NodeMonitor } from './monitor.ts';

const CREATED = '2026-01-01T00:00:00Z';
const SECOND = 1000;

/** A few nodes whose leases a test renews, or does not, and a monitor that sees what it writes. */
class World {
  readonly clock = new FakeClock();
  readonly nodes = new Map<string, Node>();
  readonly leases = new Map<string, KubeObject>();
  /** Whether the status of pods is refused, as where somebody else has written it. */
  arePodsBusy = false;
  readonly tainted: string[] = [];
  readonly monitor: NodeMonitor;

  constructor(names: readonly string[]) {
    for (const name of names) this.nodes.set(name, nodeOf(name));
    this.renew(names);
    const pod = (node: string): Pod =>
      ({
        metadata: { name: `on-${node}` },
        spec: {},
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      }) as never;
    const parts = {
      clock: this.clock,
      settings: DEFAULT_SETTINGS,
      client: this.#client(),
      events: { record() {} } as unknown as CoreEventRecorder,
      log: { warn() {}, error: (error: unknown) => assert.fail(String(error)) } as unknown as Logger,
      nodes: { list: () => [...this.nodes.values()], get: ({ name }: { name: string }) => this.nodes.get(name) },
      leases: { get: ({ name }: { name: string }) => this.leases.get(name) } as unknown as ObjectStore<KubeObject>,
      pods: { byIndex: (_: string, node: string) => [pod(node)] } as unknown as ObjectStore<Pod>,
    };
    this.monitor = new NodeMonitor(parts as never);
  }

  renew(names: Iterable<string> = this.nodes.keys()): void {
    const renewTime = formatMicroTime(new Date(this.clock.now()));
    for (const name of names) this.leases.set(name, { metadata: { name }, spec: { renewTime } });
  }

  /** How nodes are said to be, in order. */
  get ready(): string {
    return [...this.nodes.values()].map(({ status }) => status!.conditions![0]!.status).join(' ');
  }

  #client(): Client {
    const update = async (object: KubeObject): Promise<KubeObject> => {
      const { name = '' } = object.metadata;
      if (object.kind === 'Pod' && this.arePodsBusy) throw newConflict({ group: '', resource: 'pods' }, name, 'busy');
      if (object.kind === 'Node') this.nodes.set(name, object as Node);
      return object;
    };
    const patch = async (_: unknown, { name }: { name: string }): Promise<void> => void this.tainted.push(name);
    return { update, patch, get: async (_: unknown, { name }: { name: string }) => this.nodes.get(name) } as never;
  }
}

function nodeOf(name: string): Node {
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: CREATED }];
  return { metadata: { name, creationTimestamp: CREATED }, spec: {}, status: { conditions } };
}

describe('the monitor of nodes', () => {
  let world: World;
  beforeEach(() => void (world = new World(['a', 'b', 'c', 'd'])));

  test('finds nodes silent that renew nothing for longer than the grace period', async () => {
    for (let at = 0; at <= 50; at += 5) {
      await world.monitor.look();
      assert.equal(world.ready, 'True True True True', `at ${at} s`);
      world.renew(['d']);
      await world.clock.advance(5 * SECOND);
    }
    await world.monitor.look();
    assert.equal(world.ready, 'Unknown Unknown Unknown True');
  });

  test('does not count the time in which its process had none to look', async () => {
    await world.monitor.look();
    await world.clock.advance(300 * SECOND);
    await world.monitor.look();
    assert.equal(world.ready, 'True True True True', 'leases are renewed as late as nodes are looked at');
    world.renew();
    await world.clock.advance(300 * SECOND);
    await world.monitor.look();
    assert.equal(world.ready, 'True True True True');
  });

  test('finds nodes silent also where each look is late', async () => {
    for (let looks = 0; looks <= 6; looks++) {
      await world.monitor.look();
      await world.clock.advance(60 * SECOND);
    }
    assert.equal(world.ready, 'Unknown Unknown Unknown Unknown');
  });

  test('does not count by the time of day, which somebody may set', async () => {
    await world.monitor.look();
    await world.clock.advance(5 * SECOND);
    world.clock.set(world.clock.now() + 3600 * SECOND);
    await world.monitor.look();
    assert.equal(world.ready, 'True True True True');
  });

  test('counts nodes for their zone whose pods cannot be told, so that nobody leaves a small zone most of which is down', async () => {
    world.arePodsBusy = true;
    const ending = new AbortController();
    const running = world.monitor.run(ending.signal);
    for (let at = 0; at < 120; at++) {
      world.renew(['d']);
      await world.clock.advance(SECOND);
    }
    assert.equal(world.ready, 'Unknown Unknown Unknown True');
    assert.deepEqual(world.tainted, []);
    ending.abort();
    await world.clock.advance(10 * SECOND);
    await running;
  });
});
