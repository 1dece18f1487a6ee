import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newFailure, newResourceExpired, newTooManyRequests } from 'nekube/apimachinery';
import { FakeClock } from './fake-clock.ts';
import { newInformer } from './informer.ts';
import type { InformerOptions } from './informer-types.ts';
import { stripManagedFields } from './strip-managed-fields.ts';
import { MODEL_KIND, ModelServer } from './testing/model-server.ts';

/** An informer of a model server, whose handler's calls are kept as texts. */
function setUp(options: InformerOptions = {}) {
  const clock = new FakeClock();
  const server = new ModelServer(clock);
  const errors: string[] = [];
  const stop = new AbortController();
  const informer = newInformer(server.client, MODEL_KIND, {
    clock,
    random: () => 0,
    onError: (error) => errors.push(error.message),
    ...options,
  });
  const told: string[] = [];
  const handler = handlerInto(told);
  informer.handle(handler);
  const start = async (): Promise<void> => {
    void informer.run(stop.signal);
    await clock.advance(0);
  };
  const asked = (): string[] =>
    server.requests.map(({ verb, options: o }) => `${verb} ${o.resourceVersion ?? ''}`.trim());
  return { clock, server, errors, stop, informer, told, start, asked };
}

function handlerInto(told: string[]) {
  const text = ({ metadata }: { metadata: { name?: string; resourceVersion?: string } }): string =>
    `${metadata.name}@${metadata.resourceVersion}`;
  return {
    added: (object: never, initial: boolean) => void told.push(`added ${text(object)}${initial ? ' initial' : ''}`),
    updated: (object: never, old: never) => void told.push(`updated ${text(old)} ${text(object)}`),
    deleted: (object: never, final: boolean) => void told.push(`deleted ${text(object)}${final ? '' : ' not final'}`),
  };
}

describe('an informer', () => {
  test('tells what is there, then what happens', async () => {
    const { server, informer, told, start, clock } = setUp();
    server.put('a/one');
    assert.equal(informer.isSynced, false);
    await start();
    await informer.synced();
    server.put('a/one');
    server.put('a/two');
    server.delete('a/one');
    await clock.advance(0);
    assert.deepEqual(told, ['added one@2 initial', 'updated one@2 one@3', 'added two@4', 'deleted one@5']);
    assert.deepEqual(
      informer.store.list().map(({ metadata }) => metadata.name),
      ['two'],
    );
  });

  test('resumes at the revision of the last event or bookmark, without a word to its handlers', async () => {
    const { server, told, start, asked, clock } = setUp();
    await start();
    server.put('a/one');
    server.bookmark();
    await clock.advance(1000);
    server.endWatches();
    server.put('a/two');
    await clock.advance(1000);
    assert.deepEqual(told, ['added one@2', 'added two@3']);
    assert.deepEqual(asked(), ['WATCH', 'WATCH 2']);
  });

  test('does not hear twice of what a server repeats after a resumption', async () => {
    const { server, told, start, clock } = setUp();
    await start();
    server.put('a/one');
    server.put('a/two');
    server.delete('a/two');
    server.repeats = 3;
    await clock.advance(1000);
    server.endWatches();
    await clock.advance(1000);
    assert.deepEqual(told, ['added one@2', 'added two@3', 'deleted two@4']);
  });

  const expired = [
    { name: 'by its answer', error: undefined },
    { name: 'by an event', error: newResourceExpired('The resourceVersion for the provided watch is too old.') },
  ];
  for (const { name, error } of expired)
    test(`reads all again when the history is gone, told ${name}, and tells what it missed`, async () => {
      const { server, informer, told, start, asked, clock } = setUp();
      server.put('a/kept');
      server.put('a/gone');
      await start();
      server.partition(true);
      server.put('a/kept');
      server.delete('a/gone');
      server.put('a/new');
      server.compact();
      server.partition(false);
      told.length = 0;
      // the watch is dead and does not know: its time must be over first
      if (error === undefined) await clock.advance(331_000);
      else server.endWatches(error);
      await clock.advance(2000);
      assert.deepEqual(told, ['deleted gone@3 not final', 'updated kept@2 kept@4', 'added new@6']);
      assert.equal(informer.store.size, 2);
      assert.deepEqual(asked(), error === undefined ? ['WATCH', 'WATCH 3', 'WATCH 3'] : ['WATCH', 'WATCH 3']);
    });

  test('lists in parts, as of one revision, where the server does not stream', async () => {
    const { server, informer, told, start, asked, clock } = setUp();
    server.streams = false;
    server.longestPage = 2;
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(`n/${name}`);
    await start();
    assert.equal(informer.store.size, 5);
    assert.equal(told.length, 5);
    assert.deepEqual(asked(), ['WATCH', 'LIST 0', 'LIST', 'LIST', 'WATCH 6']);
    assert.equal(server.requests[1]!.options.limit, 500);
    server.put('n/f');
    await clock.advance(0);
    assert.equal(informer.store.get({ namespace: 'n', name: 'f' })?.metadata.resourceVersion, '7');
  });

  test('waits longer with each refusal, as long as the server asks, and is soon back after two minutes of peace', async () => {
    const { server, informer, errors, start, clock } = setUp();
    server.failures.push(
      newTooManyRequests('too many', 0),
      newTooManyRequests('too many', 5),
      new Error('connect ECONNREFUSED'),
    );
    await start();
    assert.equal(clock.untilNext, 800);
    await clock.advance(800);
    assert.equal(clock.untilNext, 5000);
    await clock.advance(5000);
    assert.equal(clock.untilNext, 3200);
    await clock.advance(3200);
    assert.equal(informer.isSynced, true);
    assert.deepEqual(errors, ['too many', 'too many', 'connect ECONNREFUSED']);
    await clock.advance(121_000);
    server.failures.push(new Error('connect ECONNREFUSED'));
    server.put('a/one');
    await clock.advance(0);
    server.endWatches();
    await clock.advance(0);
    assert.equal(errors.length, 4);
    await clock.advance(799);
    assert.equal(server.watching, 0);
    await clock.advance(1);
    assert.equal(server.watching, 1);
  });

  test('takes a watch that ends at once for a failure, says so, and reads all again', async () => {
    const { server, errors, start, asked, clock } = setUp();
    await start();
    await clock.advance(1000);
    server.endWatches();
    await clock.advance(0);
    server.endWatches();
    await clock.advance(0);
    assert.match(errors[0]!, /^very short watch: reflector of ConfigMap in v1: Unexpected watch close/);
    await clock.advance(800);
    assert.deepEqual(asked(), ['WATCH', 'WATCH 1', 'WATCH 1']);
    assert.equal(server.requests[2]!.options.sendInitialEvents, true);
  });

  test('follows a server that was restored to an older revision', async () => {
    const { server, informer, told, start, clock } = setUp();
    server.put('a/one');
    const restore = server.snapshot();
    await start();
    server.put('a/one');
    server.put('a/two');
    await clock.advance(1000);
    restore();
    await clock.advance(60_000);
    assert.deepEqual(told.slice(-2), ['deleted two@4 not final', 'updated one@3 one@2']);
    assert.equal(informer.store.size, 1);
  });

  test('gives up a stream whose beginning has no end, and lists', async () => {
    const { server, informer, errors, start, asked, clock } = setUp();
    server.put('a/one');
    // this server knows nothing of streams and takes the request for a watch from nowhere
    const { client } = server;
    const watch = client.watch.bind(client);
    client.watch = (kind, { sendInitialEvents: _, ...options } = {}) => watch(kind, options);
    const deaf = newInformer(client, MODEL_KIND, { clock, onError: (error) => errors.push(error.message) });
    void deaf.run(new AbortController().signal);
    await clock.advance(29_000);
    assert.equal(deaf.isSynced, false);
    assert.equal(errors.length, 2);
    await clock.advance(1000);
    assert.equal(deaf.isSynced, true);
    assert.deepEqual(asked(), ['WATCH', 'LIST 0', 'WATCH 2']);
    assert.equal(informer.isSynced, false);
    await start();
  });

  test('reads all again when a bookmark goes back, which only another history explains', async () => {
    const { server, told, start, asked, clock } = setUp();
    server.put('a/one');
    const restore = server.snapshot();
    await start();
    server.put('a/one');
    await clock.advance(1000);
    restore();
    // this server takes any revision, as if it could still come
    server.takesAnyRevision = true;
    await clock.advance(0);
    server.bookmark();
    await clock.advance(2000);
    assert.deepEqual(told.slice(1), ['updated one@2 one@3', 'updated one@3 one@2']);
    assert.deepEqual(asked(), ['WATCH', 'WATCH 3', 'WATCH']);
  });

  test('passes over what is no object of its kind, and says so', async () => {
    const { server, informer, errors, start, clock } = setUp();
    await start();
    server.put('a/one');
    server.inject({ type: 'ADDED', object: { apiVersion: 'meta.k8s.io/v1', kind: 'Table', metadata: { name: 'x' } } });
    server.inject({ type: 'ADDED', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } });
    await clock.advance(0);
    assert.equal(informer.store.size, 1);
    assert.deepEqual(errors, [
      'reflector of ConfigMap in v1 got an object of kind Table in meta.k8s.io/v1',
      'reflector of ConfigMap in v1 got something without a name: ConfigMap',
    ]);
  });

  test('asks watches to end after 5 to 10 minutes, with bookmarks', async () => {
    const { server, start, clock } = setUp({ random: () => 0.5 });
    await start();
    const { timeoutSeconds, allowBookmarks, resourceVersionMatch } = server.requests[0]!.options;
    assert.deepEqual([timeoutSeconds, allowBookmarks, resourceVersionMatch], [450, true, 'NotOlderThan']);
    await clock.advance(450_000);
    assert.equal(server.requests.length, 2);
  });

  test('passes over what cannot be transformed, and says so', async () => {
    const { server, informer, errors, start, clock } = setUp({
      transform: (object) => {
        if (object.data?.bad) throw new Error('too bad');
        return { ...object, data: undefined };
      },
    });
    server.put('a/good', { large: 'text' });
    server.put('a/bad', { bad: 'yes' });
    await start();
    assert.equal(informer.store.get({ namespace: 'a', name: 'good' })?.data, undefined);
    assert.equal(informer.store.size, 1);
    assert.deepEqual(errors, ['Cannot transform ConfigMap "a/bad": too bad']);
    server.delete('a/bad');
    server.put('a/bad', {});
    await clock.advance(0);
    assert.equal(informer.store.size, 2);
  });

  test('may leave out who owns which field', () => {
    const metadata = { name: 'a', managedFields: [{ manager: 'm' }] };
    assert.deepEqual(stripManagedFields({ ...MODEL_KIND, metadata }), { ...MODEL_KIND, metadata: { name: 'a' } });
  });

  test('goes on after any failure of the server, and ends when it is told to', async () => {
    const { server, informer, errors, stop, clock } = setUp();
    server.failures.push(newFailure(500, 'InternalError', 'broken'), newFailure(403, 'Forbidden', 'not you'));
    const running = informer.run(stop.signal);
    await clock.advance(800);
    assert.equal(informer.isSynced, true);
    assert.deepEqual(errors, ['not you']);
    stop.abort();
    await running;
    assert.equal(clock.waiting, 0);
    assert.equal(server.watching, 0);
    await assert.rejects(informer.run(stop.signal), /runs once/);
  });

  test('rejects who waits for it to be synced when it is stopped, or when they do not want to wait', async () => {
    const { server, informer, stop, start } = setUp();
    server.partition(true);
    await start();
    const waiting = informer.synced();
    await assert.rejects(informer.synced(AbortSignal.abort(new Error('enough'))), /enough/);
    stop.abort(new Error('stopped'));
    await assert.rejects(waiting, /stopped/);
    await assert.rejects(informer.synced(), /stopped/);
  });
});

describe('a handler', () => {
  test('that is added late hears first of what is there', async () => {
    const { server, informer, start, clock } = setUp();
    server.put('a/one');
    await start();
    const late: string[] = [];
    informer.handle(handlerInto(late));
    server.put('a/two');
    await informer.synced();
    await clock.advance(0);
    assert.deepEqual(late, ['added one@2 initial', 'added two@3']);
  });

  test('that throws or rejects is told of, and hears on', async () => {
    const { server, informer, errors, told, start } = setUp();
    let calls = 0;
    const fail = (): never => {
      calls++;
      throw new Error('a bug');
    };
    informer.handle({ added: fail });
    informer.handle({ added: async () => fail() });
    server.put('a/one');
    server.put('a/two');
    await start();
    await informer.synced();
    assert.equal(calls, 4);
    assert.equal(told.length, 2);
    assert.deepEqual(
      new Set(errors),
      new Set(['one', 'two'].map((n) => `The handler failed for added ConfigMap "a/${n}": a bug`)),
    );
  });

  test('that is slow keeps its order, and only who waits for synced', async () => {
    const { server, informer, told, start, clock } = setUp();
    const slow: string[] = [];
    informer.handle({
      added: (object) =>
        new Promise<void>((resolve) => void clock.after(1000, resolve)).then(() => {
          slow.push(object.metadata.name!);
        }),
    });
    server.put('a/one');
    server.put('a/two');
    let isSynced = false;
    void informer.synced().then(() => (isSynced = true));
    await start();
    assert.deepEqual([told.length, slow.length, isSynced], [2, 0, false]);
    await clock.advance(1000);
    assert.deepEqual([slow, isSynced], [['one'], false]);
    await clock.advance(1000);
    assert.deepEqual([slow, isSynced], [['one', 'two'], true]);
  });

  test('that is never through hears all of thousands, in order', async () => {
    const { server, informer, start } = setUp();
    const names: string[] = [];
    informer.handle({ added: async ({ metadata }) => void names.push(metadata.name!) });
    for (let i = 0; i < 5000; i++) server.put(`a/n${i}`);
    await start();
    await informer.synced();
    assert.deepEqual(
      names,
      Array.from({ length: 5000 }, (_, i) => `n${i}`),
    );
  });

  test('that is removed hears no more, and a handler may add and remove handlers', async () => {
    const { server, informer, start, clock } = setUp();
    const inner: string[] = [];
    let calls = 0;
    const remove = informer.handle({
      added: () => {
        calls++;
        remove();
        informer.handle(handlerInto(inner));
      },
    });
    server.put('a/one');
    server.put('a/two');
    await start();
    server.put('a/three');
    await clock.advance(0);
    assert.equal(calls, 1);
    assert.deepEqual(inner, ['added one@2 initial', 'added two@3 initial', 'added three@4']);
  });

  test('hears of all again at each resync', async () => {
    const { server, told, start, clock } = setUp({ resyncMs: 60_000 });
    server.put('a/one');
    await start();
    await clock.advance(120_000);
    assert.deepEqual(told, ['added one@2 initial', 'updated one@2 one@2', 'updated one@2 one@2']);
  });
});

describe('who changes a shared object', () => {
  test('is stopped at the line that does it, when objects are frozen', async () => {
    const { server, informer, errors, start } = setUp({ detectMutations: 'freeze' });
    informer.handle({ added: (object) => void (object.data.mine = 'yes') });
    server.put('a/one', { theirs: 'yes' });
    await start();
    assert.match(errors[0]!, /^The handler failed for added ConfigMap "a\/one": Cannot add property mine/);
  });

  test('is told of with the name of the object and the place', async () => {
    const { server, informer, errors, start, clock } = setUp({ detectMutations: 'report' });
    server.put('a/one', { theirs: 'yes' });
    await start();
    informer.store.list()[0]!.data.theirs = 'no';
    await clock.advance(1000);
    const error =
      'ConfigMap "a/one" of an informer was changed at .data.theirs: it is shared, change a copy (structuredClone)';
    assert.deepEqual(errors, [error]);
    await clock.advance(5000);
    assert.equal(errors.length, 1);
  });
});
