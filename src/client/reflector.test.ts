import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test, type TestContext } from 'node:test';
import { type KubeObject, newFailure, newResourceExpired, newTooManyRequests } from 'nekube/apimachinery';
import type { Client, ListOptions, WatchEvent, WatchOptions } from './client.ts';
import { FakeClock } from './fake-clock.ts';
import type { ObjectList } from './kinds.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

const KIND = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

/** What a server does when it is asked next: answers, refuses, or sends events and then ends, breaks or is silent. */
type Step =
  | { readonly list: Partial<ObjectList<KubeObject>> & { readonly version: string; readonly continue?: string } }
  | { readonly refuses: Error }
  | { readonly sends: readonly WatchEvent[]; readonly ends?: 'well' | Error };

const object = (name: string, version: string, more: object = {}): KubeObject => ({
  ...KIND,
  metadata: { name, namespace: 'a', resourceVersion: version },
  ...more,
});
const added = (name: string, version: string): WatchEvent => ({ type: 'ADDED', object: object(name, version) });
const changed = (name: string, version: string): WatchEvent => ({ type: 'MODIFIED', object: object(name, version) });
const deleted = (name: string, version: string): WatchEvent => ({ type: 'DELETED', object: object(name, version) });
const bookmark = (version: string, annotations: Record<string, string> = {}): WatchEvent => ({
  type: 'BOOKMARK',
  object: { ...KIND, metadata: { resourceVersion: version, annotations } },
});
const initialEnd = (version: string): WatchEvent => bookmark(version, { 'k8s.io/initial-events-end': 'true' });
const expired = newResourceExpired('too old resource version: 1 (9)');
const tooLarge = newFailure(504, 'Timeout', 'Too large resource version: 9, current: 1', {
  causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
});
const listed = (version: string, ...items: KubeObject[]): Step => ({ list: { version, items } });
const streamed = (...events: WatchEvent[]): Step => ({ sends: events });

/** A client of a server that does these steps, one for each request, and is silent then. */
function scriptedClient(clock: FakeClock, steps: Step[], asked: string[]): Client & { open(): number } {
  let open = 0;
  const client = {
    open: () => open,
    async list(_: unknown, { resourceVersion = '', limit, continue: token }: ListOptions) {
      asked.push(`LIST ${resourceVersion || '-'}${limit ? ' in parts' : ''}${token ? ' more' : ''}`);
      const step = steps.shift();
      if (step === undefined || !('list' in step)) throw (step as { refuses?: Error })?.refuses ?? new Error('no step');
      const { version, continue: more, items = [] } = step.list;
      return { items, metadata: { resourceVersion: version, ...(more && { continue: more }) } };
    },
    async *watch(_: unknown, { resourceVersion = '', sendInitialEvents, signal }: WatchOptions) {
      asked.push(`${sendInitialEvents ? 'STREAM' : 'WATCH'} ${resourceVersion || '-'}`);
      const step = steps.shift() ?? streamed();
      if ('refuses' in step) throw step.refuses;
      open++;
      try {
        if (!('sends' in step)) throw new Error('no step of a watch');
        for (const event of step.sends) {
          // as answers come: later, and not at once
          await new Promise<void>((resolve) => void clock.after(1, resolve));
          yield structuredClone(event);
        }
        if (step.ends instanceof Error) throw step.ends;
        if (step.ends === undefined) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      } finally {
        open--;
      }
    },
  };
  return client as unknown as Client & { open(): number };
}

/** A reflector that runs, what it asked for and what it told. */
async function run(
  t: TestContext,
  steps: Step[],
  { stop = new AbortController(), ...options }: ReflectorOptions & { stop?: AbortController } = {},
) {
  const clock = new FakeClock();
  const [asked, told, errors]: [string[], string[], string[]] = [[], [], []];
  const client = scriptedClient(clock, steps, asked);
  const text = ({ metadata }: KubeObject): string => `${metadata.name}@${metadata.resourceVersion}`;
  const target = {
    replace: (objects: readonly KubeObject[]) => void told.push(`all: ${objects.map(text).join(' ')}`.trim()),
    put: (one: KubeObject) => void told.push(`put ${text(one)}`),
    remove: ({ name }: { name?: string }, last: KubeObject | undefined) =>
      void told.push(`remove ${name}${last ? '' : ' unread'}`),
  };
  const reflector = new Reflector(client, KIND, target, {
    clock,
    random: () => 0,
    onError: (error) => errors.push(error.message),
    ...options,
  });
  const running = reflector.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await clock.advance(1);
    await running;
  });
  await clock.advance(100);
  return { asked, told, errors, clock, reflector, client, stop, running };
}

const byList = { watchList: false };
const begun = streamed(added('one', '5'), initialEnd('6'));

test('a stream that ends at once and without a word is not tried again: it lists', async (t) => {
  const { asked, told } = await run(t, [{ sends: [], ends: 'well' }, listed('3', object('one', '2'))]);
  assert.deepEqual(asked, ['STREAM -', 'LIST 0 in parts', 'WATCH 3']);
  assert.deepEqual(told, ['all: one@2']);
});

for (const [name, refusal] of [
  ['too old', expired],
  ['yet to come', tooLarge],
] as const) {
  test(`a revision that is ${name} for a stream is left out of the next one, which follows at once`, async (t) => {
    const gone: Step = { sends: [initialEnd('6')], ends: expired };
    const { asked, told, errors, clock } = await run(t, [gone, { refuses: refusal }, begun]);
    await clock.advance(2000);
    assert.deepEqual(asked, ['STREAM -', 'STREAM 6', 'STREAM -']);
    assert.deepEqual(told, ['all:', 'all: one@5']);
    assert.deepEqual(errors, []);
  });

  test(`a list as of a revision that is ${name} is made as of the newest at once, and watched from there`, async (t) => {
    const gone: Step = { sends: [], ends: expired };
    const steps = [listed('6'), gone, { refuses: refusal }, listed('8', object('one', '7'))];
    const { asked, told, errors, clock } = await run(t, steps, byList);
    await clock.advance(2000);
    assert.deepEqual(asked, ['LIST 0 in parts', 'WATCH 6', 'LIST 6', 'LIST - in parts', 'WATCH 8']);
    assert.deepEqual(told, ['all:', 'all: one@7']);
    assert.deepEqual(errors, []);
  });
}

test('a server that refuses a stream without a revision, too, is asked for a list of the newest', async (t) => {
  const gone: Step = { sends: [initialEnd('6')], ends: expired };
  const steps = [gone, { refuses: expired }, { refuses: expired }, listed('9')];
  const { asked, clock } = await run(t, steps);
  await clock.advance(2000);
  assert.deepEqual(asked, ['STREAM -', 'STREAM 6', 'STREAM -', 'LIST - in parts', 'WATCH 9']);
});

test('a revision that was refused is not asked for until all was read, and those after that are', async (t) => {
  const gone: Step = { sends: [], ends: expired };
  const steps = [listed('6'), gone, { refuses: expired }, { refuses: newFailure(500, 'InternalError', 'no') }];
  const { asked, clock } = await run(t, [...steps, listed('9'), gone, listed('12')], byList);
  await clock.advance(20_000);
  assert.deepEqual(asked.slice(2), ['LIST 6', 'LIST - in parts', 'LIST - in parts', 'WATCH 9', 'LIST 9', 'WATCH 12']);
});

test('where the first list came in parts, so do those as of a revision', async (t) => {
  const first: Step = { list: { version: '6', items: [object('one', '2')], continue: 'more' } };
  const second: Step = listed('6', object('two', '3'));
  const gone: Step = { sends: [], ends: expired };
  const { asked, told, clock } = await run(t, [first, second, gone, listed('8')], byList);
  await clock.advance(2000);
  assert.deepEqual(asked, ['LIST 0 in parts', 'LIST - in parts more', 'WATCH 6', 'LIST 6 in parts', 'WATCH 8']);
  assert.deepEqual(told, ['all: one@2 two@3', 'all:']);
});

test('the beginning of a stream ends with the one bookmark that says so, and knows what went meanwhile', async (t) => {
  const other: WatchEvent = { type: 'ADDED', object: { ...object('other', '4'), kind: 'Secret' } };
  const events = [added('one', '2'), added('two', '3'), bookmark('3'), other, deleted('one', '5'), initialEnd('6')];
  const { told, errors, reflector } = await run(t, [streamed(...events, changed('two', '7'))]);
  assert.deepEqual(told, ['all: two@3', 'put two@7']);
  assert.deepEqual(errors, ['reflector of ConfigMap in v1 got an object of kind Secret in v1']);
  assert.equal(reflector.resourceVersion, '7');
});

test('a stream that says something now and then is not taken for silent', async (t) => {
  const clock = new FakeClock();
  const errors: string[] = [];
  const all: string[] = [];
  const client = {
    async *watch() {
      for (let i = 1; i <= 8; i++) {
        await new Promise<void>((resolve) => void clock.after(9000, resolve));
        yield i < 8 ? added(`n${i}`, `${i}`) : initialEnd('8');
      }
    },
  } as unknown as Client;
  const target = { replace: (objects: readonly KubeObject[]) => all.push(`${objects.length}`), put() {}, remove() {} };
  const options = { clock, random: () => 0, onError: (error: Error) => errors.push(error.message) };
  const stop = new AbortController();
  void new Reflector(client, KIND, target, options).run(stop.signal);
  t.after(() => stop.abort());
  await clock.advance(72_500);
  assert.deepEqual([all, errors], [['7'], []]);
});

test('a watch from nowhere begins with what there is in no order, and has come to a revision with the first change', async (t) => {
  const { told, reflector, clock, asked } = await run(
    t,
    [listed(''), { sends: [added('one', '9'), added('two', '4'), changed('two', '12')], ends: 'well' }],
    byList,
  );
  await clock.advance(2000);
  assert.deepEqual(told, ['all:', 'put one@9', 'put two@4', 'put two@12']);
  assert.equal(reflector.resourceVersion, '12');
  assert.deepEqual(asked.slice(1), ['WATCH -', 'WATCH 12']);
});

test('what is only added after nowhere is no revision to resume at', async (t) => {
  const { asked, clock } = await run(t, [listed(''), { sends: [added('one', '9')], ends: 'well' }], byList);
  await clock.advance(2000);
  assert.deepEqual(asked.slice(1), ['WATCH -', 'WATCH -']);
});

test('what is older than what was seen is told in the middle of a watch, and is no revision to resume at', async (t) => {
  const events = [added('one', '5'), changed('two', '9'), changed('one', '7')];
  const { asked, told, clock } = await run(t, [listed('6'), { sends: events, ends: 'well' }], byList);
  await clock.advance(2000);
  assert.deepEqual(told, ['all:', 'put two@9', 'put one@7']);
  assert.deepEqual(asked.slice(1), ['WATCH 6', 'WATCH 9']);
});

test('an object that is gone is removed also where its last state cannot be transformed', async (t) => {
  const transform = (one: KubeObject): KubeObject => {
    if (one.metadata.resourceVersion === '7') throw new Error('no');
    return one;
  };
  const { told } = await run(t, [listed('6', object('one', '2')), streamed(deleted('one', '7'))], {
    ...byList,
    transform,
  });
  assert.deepEqual(told, ['all: one@2', 'remove one unread']);
});

test('objects of a list have the kind of the list, and those of metadata alone that of the reflector', async (t) => {
  const bare = (): KubeObject => ({ metadata: { name: 'one', namespace: 'a', resourceVersion: '2' } }) as KubeObject;
  const partial = { ...object('two', '7'), apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };
  const events: Step = streamed({ type: 'ADDED', object: partial });
  const { told, errors } = await run(t, [listed('6', bare()), events], { ...byList, metadataOnly: true });
  assert.deepEqual([told, errors], [['all: one@2', 'put two@7'], []]);
  const whole = await run(t, [listed('6', bare())], byList);
  assert.deepEqual([whole.told, whole.errors], [['all: one@2'], []]);
});

test('a watch that told something is no failure, however soon it ends', async (t) => {
  const { asked, errors } = await run(t, [listed('6'), { sends: [changed('one', '7')], ends: 'well' }], byList);
  assert.deepEqual(asked, ['LIST 0 in parts', 'WATCH 6', 'WATCH 7']);
  assert.deepEqual(errors, []);
});

test('watches that were too many are told, and made again from where they were', async (t) => {
  const { asked, errors, clock } = await run(t, [listed('6'), { refuses: newTooManyRequests('later', 3) }], byList);
  assert.deepEqual(asked, ['LIST 0 in parts', 'WATCH 6']);
  await clock.advance(3000);
  assert.deepEqual(asked, ['LIST 0 in parts', 'WATCH 6', 'WATCH 6']);
  assert.deepEqual(errors, ['later']);
});

test('a watch that is over is closed, and nothing of it stays with the signal', async (t) => {
  const ending: Step = { sends: [changed('one', '7')], ends: 'well' };
  const { stop, client, asked, clock, running } = await run(t, [listed('6'), ending, ending, ending], byList);
  await clock.advance(2000);
  assert.equal(asked.length, 5);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 1);
  assert.equal(client.open(), 1);
  stop.abort();
  await clock.advance(1);
  await running;
  assert.equal(getEventListeners(stop.signal, 'abort').length, 0);
  assert.equal(client.open(), 0);
  assert.equal(clock.waiting, 0);
});

test('a watch that is left in its middle is closed', async (t) => {
  const { asked, client, clock } = await run(t, [listed('6'), streamed(bookmark('5')), listed('9')], byList);
  await clock.advance(2000);
  assert.deepEqual(asked, ['LIST 0 in parts', 'WATCH 6', 'LIST - in parts', 'WATCH 9']);
  assert.equal(client.open(), 1);
});

test('what comes after the end was asked for is not told', async (t) => {
  const stop = new AbortController();
  const transform = (one: KubeObject): KubeObject => {
    stop.abort();
    return one;
  };
  const { told, clock } = await run(t, [listed('6'), streamed(changed('one', '7'), changed('one', '8'))], {
    ...byList,
    transform,
    stop,
  });
  await clock.advance(10);
  assert.deepEqual(told, ['all:', 'put one@7']);
});
