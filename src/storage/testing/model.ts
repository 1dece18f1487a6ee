import assert from 'node:assert/strict';
import type { Storage, WriteResult } from '../storage.ts';
import { bytes, line, type Recorded, record, seededRandom, text, turns } from './fixtures.ts';

/** What a store should hold: the state after each revision, and the events as lines. */
class Model {
  readonly states: ReadonlyMap<string, string>[] = [new Map(), new Map()];
  readonly events: string[] = [];

  put(key: string, value: string | null): number {
    const state = new Map(this.states.at(-1));
    const revision = this.states.length;
    const was = state.has(key) ? ` (was ${state.get(key)})` : '';
    if (value === null) state.delete(key);
    else state.set(key, value);
    this.events.push(value === null ? `-${key}@${revision}${was}` : `+${key}=${value}@${revision}${was}`);
    this.states.push(state);
    return revision;
  }
}

interface Watching {
  readonly recorded: Recorded;
  readonly after: number;
  readonly prefix: string;
  /** Then it has seen a beginning only. */
  stopped: boolean;
}

/**
 * Does random things to a store and to the model, and compares them. The store is empty and compacts nothing itself.
 * `remote`: it is another process, so that one thing is done after the other.
 */
export async function runModel(
  storage: Storage,
  seed: number,
  { remote = false, steps = 2000 }: { readonly remote?: boolean; readonly steps?: number },
): Promise<void> {
  const random = seededRandom(seed);
  const model = new Model();
  const watches: Watching[] = [];
  const writes: Promise<void>[] = [];
  for (let step = 0; step < steps; step++) {
    const dice = random(100);
    if (dice < 70) writes.push(writeBoth(storage, model, random));
    else if (dice < 80) await readBoth(storage, model, random);
    else if (dice < 84) await Promise.all(writes.splice(0));
    else if (dice < 88) await turns(random(3));
    else if (dice < 90 && storage.revision > 10) await storage.compact(storage.revision - random(10));
    else if (dice < 95) watches.push(startWatch(storage, random));
    else stopWatch(watches[random(watches.length + 1)]);
    if (remote) await Promise.all(writes.splice(0));
  }
  await Promise.all(writes);
  await turns();
  await compareAll(storage, model);
  for (const { recorded, after, prefix, stopped } of watches) {
    const want = model.events.slice(after - 1).filter((event) => event.slice(1).startsWith(prefix));
    const got = recorded.events.map(line);
    assert.deepEqual(got, stopped ? want.slice(0, got.length) : want);
  }
}

async function writeBoth(storage: Storage, model: Model, random: (below: number) => number): Promise<void> {
  const key = `/${random(3)}/${random(8)}`;
  const value = random(4) === 0 ? null : `v${random(1000)}`;
  const answer = storage.head(key);
  // a store in this process answers at once, and nothing else may happen in between
  const head = answer instanceof Promise ? await answer : answer;
  assert.equal(head && text(head.value), model.states.at(-1)!.get(key));
  const wrong = random(5) === 0;
  const expect = random(2) === 0 ? undefined : wrong ? 1 : (head?.modRevision ?? 0);
  const refused = expect === 1 || (value === null && !head);
  const revision = refused ? undefined : model.put(key, value);
  const result: WriteResult = await storage.write({ key, value: value === null ? null : bytes(value), expect });
  assert.equal(result.ok ? result.revision : undefined, revision);
}

async function readBoth(storage: Storage, model: Model, random: (below: number) => number): Promise<void> {
  const oldest = Math.max(storage.compactedRevision, 1);
  const revision = oldest + random(storage.revision - oldest + 1);
  const prefix = random(3) === 0 ? '/' : `/${random(3)}/`;
  const after = random(2) === 0 ? undefined : `${prefix}${random(9)}`;
  const limit = random(6);
  const want = [...model.states[revision]!]
    .filter(([key]) => key.startsWith(prefix) && (after === undefined || key > after))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const got = await storage.range(prefix, { after, limit, revision });
  const page = limit === 0 ? want : want.slice(0, limit);
  assert.deepEqual(
    got.entries.map(({ key, value }) => [key, text(value)]),
    page,
  );
  assert.equal(got.remaining, want.length - page.length);
}

function startWatch(storage: Storage, random: (below: number) => number): Watching {
  const oldest = Math.max(storage.compactedRevision, 1);
  const after = oldest + random(storage.revision - oldest + 1);
  const prefix = random(3) === 0 ? '/' : `/${random(3)}/`;
  return { recorded: record(storage, prefix, after), after, prefix, stopped: false };
}

function stopWatch(watching: Watching | undefined): void {
  if (!watching) return;
  watching.recorded.watch.close();
  watching.stopped = true;
}

async function compareAll(storage: Storage, model: Model): Promise<void> {
  assert.equal(storage.revision, model.states.length - 1);
  const got = (await storage.range('')).entries.map(({ key, value }) => [key, text(value)]);
  assert.deepEqual(
    got,
    [...model.states.at(-1)!].sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );
}
